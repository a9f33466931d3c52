// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>
#include <unistd.h>

#include <cstring>
#include <span>
#include <utility>

#include "cli/commands.hpp"
#include "cli/file.hpp"
#include "diag/suggest.hpp"
#include "import/json.hpp"
#include "import/list.hpp"
#include "import/seccomp.hpp"
#include "import/seccomp_profile.hpp"
#include "parse/file.hpp"
#include "sema/namespace_kinds.hpp"

namespace isolates::cli {
namespace {

// Real profiles have some 20 kB.
constexpr std::size_t size_max = std::size_t{4} << 20;

// A file that is read, in the way in which diagnostics have it.
struct Text {
    diag::Sources sources;
    std::uint32_t file = 0;
    std::uint32_t inclusion = 0;
};

std::optional<Text> read(const std::string& file, Output& output) {
    const bool is_filter = file == "-";
    const auto name = is_filter ? std::string("standard input") : file;
    auto content = parse::read_file(is_filter ? "/dev/stdin" : file, size_max,
                                    is_filter ? parse::FileKind::any : parse::FileKind::regular);
    if (!content) {
        output.fail(exit_refused, fmt::format("cannot read {}: {}", name, content.error()));
        return std::nullopt;
    }
    Text text;
    text.file = text.sources.add(name, std::move(*content));
    text.inclusion = text.sources.include(text.file, std::nullopt);
    return text;
}

// The name of the policy; nothing, and a failure, if it can be none.
std::optional<std::string> policy_name(const ImportArguments& arguments, Output& output) {
    if (arguments.name.empty())
        return import::name_for(arguments.file == "-" ? "imported" : arguments.file);
    if (import::is_name(arguments.name)) return arguments.name;
    output.fail(exit_usage, fmt::format("'{}' is no name of a policy", arguments.name));
    return std::nullopt;
}

ExitStatus finish(const ImportArguments& arguments, const std::optional<import::Draft>& draft,
                  const diag::Report& report, const Text& text, Output& output) {
    output.report(report, text.sources);
    if (!draft) return exit_policy;
    const auto written = import::write(*draft);
    auto names = nlohmann::json::array();
    for (const auto& policy : draft->policies) names.push_back(policy.name);
    output.set("policies", std::move(names));
    if (arguments.output.empty() && output.is_json()) {
        output.set("text", written);
        return exit_done;
    }
    const auto bytes = std::as_bytes(std::span(written));
    const bool is_standard = arguments.output.empty() || arguments.output == "-";
    if (const int error =
            is_standard ? write_all(STDOUT_FILENO, bytes) : write_file(arguments.output, bytes))
        return output.fail(exit_refused, fmt::format("cannot write {}: {}",
                                                     is_standard ? "the result" : arguments.output,
                                                     std::strerror(error)));
    if (!is_standard) output.set("output", arguments.output);
    return exit_done;
}

// "CAP_SYS_ADMIN" for that and for "sys_admin".
std::string capability(std::string name) {
    for (char& c : name)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return name.starts_with("CAP_") ? name : "CAP_" + name;
}

}  // namespace

ExitStatus import_list(const ImportArguments& arguments, Output& output) {
    if (arguments.output == "-" && output.is_json())
        return output.fail(exit_usage, "-o - and --json both want the standard output");
    if (!sema::namespace_kind(arguments.kind)) {
        const auto hint = diag::did_you_mean(arguments.kind, sema::namespace_kinds());
        return output.fail(exit_usage, fmt::format("unknown kind of namespace '{}'{}{}",
                                                   arguments.kind, hint.empty() ? "" : "; ", hint));
    }
    const auto name = policy_name(arguments, output);
    if (!name) return exit_usage;
    const auto text = read(arguments.file, output);
    if (!text) return exit_refused;
    diag::Report report;
    const auto draft = import::read_list(text->sources, text->file, text->inclusion, arguments.kind,
                                         *name, report);
    return finish(arguments, draft, report, *text, output);
}

ExitStatus import_seccomp(const ImportArguments& arguments, Output& output) {
    if (arguments.output == "-" && output.is_json())
        return output.fail(exit_usage, "-o - and --json both want the standard output");
    const auto name = policy_name(arguments, output);
    if (!name) return exit_usage;
    import::SeccompHost host;
    if (!arguments.kernel.empty()) {
        const auto version = import::parse_version(arguments.kernel);
        if (!version)
            return output.fail(
                exit_usage, fmt::format("--kernel takes MAJOR.MINOR, not '{}'", arguments.kernel));
        host.kernel_major = version->first;
        host.kernel_minor = version->second;
    }
    for (const auto& word : arguments.capabilities)
        if (!word.empty() && word != "none") host.capabilities.insert(capability(word));
    const auto text = read(arguments.file, output);
    if (!text) return exit_refused;
    diag::Report report;
    std::optional<import::Draft> draft;
    if (const auto json = import::parse_json(text->sources, text->file, text->inclusion, report))
        draft =
            import::read_seccomp(*json, text->sources.file(text->file).name, *name, host, report);
    return finish(arguments, draft, report, *text, output);
}

}  // namespace isolates::cli
