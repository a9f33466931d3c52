// SPDX-License-Identifier: GPL-2.0-only
// A seccomp profile, or a list of system calls -> policies. What is taken must compile, be in
// the formatter's style, and let nothing through that the profile does not; what is not must
// say why.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "decide/decide.hpp"
#include "diag/render.hpp"
#include "driver.hpp"
#include "format/format.hpp"
#include "fuzz/require.hpp"
#include "fuzz/tally.hpp"
#include "fuzz/texts.hpp"
#include "import/json.hpp"
#include "import/list.hpp"
#include "import/seccomp.hpp"
#include "import/seccomp_profile.hpp"
#include "reference/generator.hpp"
#include "sema/syscall_names.hpp"

namespace {

using namespace isolates;
using fuzz::require;
using Json = nlohmann::json;

constexpr auto kName = "p";

import::SeccompHost host_of(const std::string& text){import::SeccompHost host;
// As podman and Docker start a container, or with nothing.
if (text.size() % 2)
    for (const auto& name : import::usual_capabilities()) host.capabilities.insert(name);
return host;
}  // namespace

bool contains(const std::vector<std::string>& words, const std::string& word) {
    return std::ranges::find(words, word) != words.end();
}

// Whether an entry is for the container and its host.
bool concerns(const import::Entry& entry, const import::SeccompHost& host) {
    const auto has = [&](const std::string& name) { return host.capabilities.contains(name); };
    const auto is_new = [&](const import::Filter& filter) {
        return filter.kernel && *filter.kernel <= std::pair(host.kernel_major, host.kernel_minor);
    };
    const auto& needs = entry.includes;
    const auto& shuns = entry.excludes;
    return std::ranges::all_of(needs.capabilities, has) &&
           std::ranges::none_of(shuns.capabilities, has) &&
           (needs.architectures.empty() || contains(needs.architectures, "amd64")) &&
           !contains(shuns.architectures, "amd64") && (!needs.kernel || is_new(needs)) &&
           !is_new(shuns);
}

bool holds(const import::Argument& argument, const decide::SyscallArguments& values) {
    const auto value = values.at(argument.index);
    if (argument.comparison == "==") return value == argument.value;
    if (argument.comparison == "!=") return value != argument.value;
    if (argument.comparison == "<") return value < argument.value;
    if (argument.comparison == "<=") return value <= argument.value;
    if (argument.comparison == ">") return value > argument.value;
    if (argument.comparison == ">=") return value >= argument.value;
    return (value & argument.value) == argument.value_two;
}

// Several conditions on one argument are alternatives, each a rule of its own.
bool holds(const import::Entry& entry, const decide::SyscallArguments& values) {
    std::set<std::uint32_t> indices;
    for (const auto& argument : entry.arguments) indices.insert(argument.index);
    const auto is_true = [&](const import::Argument& argument) { return holds(argument, values); };
    return indices.size() == entry.arguments.size() ? std::ranges::all_of(entry.arguments, is_true)
                                                    : std::ranges::any_of(entry.arguments, is_true);
}

bool lets(import::Action action) {
    return action == import::Action::allow || action == import::Action::log;
}

// Whether the profile may let a call through: what it has to say of it by its entries that
// are about the call, else by its default.
bool may_let(const import::Profile& profile, const import::SeccompHost& host,
             const std::string& call, const decide::SyscallArguments& values) {
    bool is_named = false;
    for (const auto& entry : profile.entries) {
        if (!concerns(entry, host) || !contains(entry.names, call) || !holds(entry, values))
            continue;
        if (lets(entry.action)) return true;
        is_named = true;
    }
    return !is_named && lets(profile.action);
}

// The policy is no weaker than the profile.
void check_profile(const std::string& text, const decide::Blob& blob) {
    const auto host = host_of(text);
    diag::Report report;
    const auto profile = import::read_profile(Json::parse(text), "input", report);
    require(profile.has_value(), "a profile that made a policy is one");
    const auto policy = blob.find(kName);
    require(policy.has_value(), "the policy has its name");
    std::set<std::string> calls = {"read", "mount"};
    for (const auto& entry : profile->entries)
        for (const auto& name : entry.names) calls.insert(name);
    reference::Generator generator(fuzz::seed_of(text));
    for (const auto& call : calls)
        for (int count = 4; count; count--) {
            // What an int has no room for, seccomp sees and the kernel does not.
            decide::SyscallArguments values{};
            for (auto& value : values) value = generator.below(generator.chance(2) ? 4 : 1 << 30);
            for (const auto& entry : profile->entries)
                for (const auto& argument : entry.arguments)
                    if (generator.chance(4) && argument.value < 1 << 30)
                        values.at(argument.index) = argument.value;
            if (!sema::is_syscall(call) || may_let(*profile, host, call, values)) continue;
            require(policy->decide_syscall(call, values).denied, "it is no weaker: " + call);
        }
}

std::optional<import::Draft> read(const diag::Sources& sources, std::uint32_t file,
                                  std::uint32_t inclusion, diag::Report& report) {
    const auto& source = sources.file(file);
    // No list has a brace, and nothing that is no list is a profile without one.
    if (!source.text.contains('{'))
        return import::read_list(sources, file, inclusion, "net", kName, report);
    const auto json = import::parse_json(sources, file, inclusion, report);
    if (!json) return std::nullopt;
    return import::read_seccomp(*json, source.name, kName, host_of(source.text), report);
}

decide::Blob compiled(const std::string& text) {
    diag::Report report;
    require(format::formatted(text, 0, report) == text, "the text is in the style");
    auto compilation = compile_text("imported", text, {});
    if (!compilation.blob)
        require(false, text + diag::render(compilation.report, compilation.sources, false));
    return std::move(*compilation.blob);
}

// Changes profiles by chance, so that they stay profiles.
class ProfileChanger {
  public:
    explicit ProfileChanger(std::uint64_t seed) : random_(seed) {}

    void change(Json& json) {
        std::vector<Json*> nodes;
        list(json, nodes);
        Json& node = *nodes[random_.below(nodes.size())];
        if (node.is_string())
            node = any(kWords);
        else if (node.is_number())
            node = number();
        else if (node.is_array() && !node.empty() && random_.chance(3))
            node.erase(random_.below(node.size()));
        else if (node.is_array())
            node.push_back(node.empty() || random_.chance(2)
                               ? made(*nodes[0])
                               : Json(node[random_.below(node.size())]));
        else if (node.is_object() && !node.empty() && random_.chance(4))
            node.erase(
                std::next(node.begin(), static_cast<std::ptrdiff_t>(random_.below(node.size()))));
        else if (node.is_object())
            node[any(kKeys)] = made(*nodes[random_.below(nodes.size())]);
        else
            node = made(*nodes[0]);
    }

  private:
    static constexpr std::array kWords = {"read",
                                          "socket",
                                          "clone",
                                          "personality",
                                          "mkdir",
                                          "exit",
                                          "SCMP_ACT_ALLOW",
                                          "SCMP_ACT_ERRNO",
                                          "SCMP_ACT_LOG",
                                          "SCMP_ACT_KILL",
                                          "SCMP_ACT_TRAP",
                                          "SCMP_ACT_TRACE",
                                          "SCMP_ACT_ALLOW",
                                          "SCMP_CMP_EQ",
                                          "SCMP_CMP_NE",
                                          "SCMP_CMP_LT",
                                          "SCMP_CMP_LE",
                                          "SCMP_CMP_GT",
                                          "SCMP_CMP_GE",
                                          "SCMP_CMP_MASKED_EQ",
                                          "CAP_SYS_CHROOT",
                                          "CAP_SYS_ADMIN",
                                          "amd64",
                                          "arm",
                                          "4.8",
                                          "99.1",
                                          "EIO",
                                          "SCMP_ARCH_X86",
                                          "SCMP_ARCH_X86_64"};
    static constexpr std::array kComparisons = {"SCMP_CMP_EQ", "SCMP_CMP_NE", "SCMP_CMP_LT",
                                                "SCMP_CMP_GE", "SCMP_CMP_MASKED_EQ"};
    static constexpr std::array kKeys = {
        "names",        "name",      "action",   "errnoRet",      "errno",
        "args",         "comment",   "includes", "excludes",      "caps",
        "arches",       "minKernel", "index",    "value",         "valueTwo",
        "op",           "syscalls",  "archMap",  "defaultAction", "defaultErrnoRet",
        "architectures"};

    template <std::size_t size>
    const char* any(const std::array<const char*, size>& words) {
        return words[random_.below(size)];
    }
    std::uint64_t number() {
        static constexpr std::array<std::uint64_t, 6> edges = {
            1, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, ~std::uint64_t{0}};
        return random_.chance(3) ? edges[random_.below(edges.size())] : random_.below(9);
    }
    static void list(Json& node, std::vector<Json*>& nodes) {
        nodes.push_back(&node);
        if (node.is_structured())
            for (auto& child : node) list(child, nodes);
    }
    // Something, or what there is already.
    Json made(const Json& known) {
        switch (random_.below(5)) {
            case 0:
                return number();
            case 1:
                return any(kWords);
            case 2:
                return Json::array({any(kWords)});
            case 3:
                return {
                    {"index", random_.below(6)}, {"value", number()}, {"op", any(kComparisons)}};
            default:
                return known;
        }
    }

    reference::Generator random_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static fuzz::Tally tally;
    diag::Sources sources;
    diag::Report report;
    const auto file = sources.add("input", std::string(fuzz::text_of(data, size)));
    const auto draft = read(sources, file, sources.include(file, std::nullopt), report);
    static_cast<void>(diag::render(report, sources, true));
    static_cast<void>(diag::to_json(report, sources));
    require(draft.has_value() == !report.errors(), "a draft, or an error");
    tally.asked++;
    tally.taken += draft.has_value();
    if (!draft) return 0;
    const auto blob = compiled(import::write(*draft));
    if (const auto& text = sources.file(file).text; text.contains('{')) check_profile(text, blob);
    return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t size_max, unsigned seed) {
    auto json = Json::parse(fuzz::text_of(data, size), nullptr, false);
    if (seed % 4 == 0 || !json.is_object()) return LLVMFuzzerMutate(data, size, size_max);
    ProfileChanger changer(seed);
    changer.change(json);
    const auto text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (text.size() > size_max) return size;
    std::memcpy(data, text.data(), text.size());
    return text.size();
}
