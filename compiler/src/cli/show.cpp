// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <span>
#include <system_error>

#include "cli/commands.hpp"
#include "kernel/securityfs.hpp"
#include "parse/file.hpp"
#include "show/show.hpp"

namespace isolates::cli {
namespace {

// What is to be shown: a blob, all of it or one policy.
struct Subject {
    decide::Blob blob;
    std::optional<std::string> policy;
};

std::expected<decide::Blob, ExitStatus> load_blob(const std::string& name,
                                                  std::span<const std::byte> bytes,
                                                  Output& output) {
    constexpr std::string_view magic = ISOLATES_BLOB_MAGIC;
    const std::string_view content(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (!content.starts_with(magic))
        return std::unexpected(output.fail(exit_policy, fmt::format("{} is no blob", name)));
    auto blob = decide::Blob::load(bytes);
    if (blob) return std::move(*blob);
    const auto& why = blob.error().why;
    return std::unexpected(
        output.fail(exit_policy, fmt::format("{} is no valid blob: {} (section {}, element {})",
                                             name, why.reason, why.section, why.index)));
}

std::expected<Subject, ExitStatus> read_file(const std::string& file, Output& output) {
    const auto content = parse::read_file(file, ISOLATES_BLOB_SIZE_MAX);
    if (!content)
        return std::unexpected(
            output.fail(exit_refused, fmt::format("cannot read {}: {}", file, content.error())));
    auto blob = load_blob(file, std::as_bytes(std::span(*content)), output);
    if (!blob) return std::unexpected(blob.error());
    return Subject{std::move(*blob), std::nullopt};
}

std::expected<Subject, ExitStatus> read_policy(const std::string& name, Output& output) {
    const auto fail = [&](const std::string& reason) {
        return std::unexpected(output.fail(exit_refused, reason));
    };
    const auto files = kernel::Securityfs::open();
    if (!files)
        return fail(fmt::format("there is no file {}, nor a policy of that name: {}", name,
                                files.error().reason));
    const auto present = files->list();
    if (!present) return fail(present.error().reason);
    const auto found = std::ranges::find(*present, name, &kernel::LoadedPolicy::name);
    if (found == present->end())
        return fail(fmt::format("there is no file {}, and no policy of that name is loaded", name));
    const auto bytes = files->blob(*found);
    if (!bytes) return fail(bytes.error().reason);
    auto blob = load_blob(fmt::format("the blob of '{}'", name), *bytes, output);
    if (!blob) return std::unexpected(blob.error());
    return Subject{std::move(*blob), name};
}

// A file if there is one, else a policy in force. A name with a slash is a file's.
std::expected<Subject, ExitStatus> read_subject(const std::string& subject, Output& output) {
    std::error_code error;
    if (subject.contains('/') || std::filesystem::exists(subject, error))
        return read_file(subject, output);
    return read_policy(subject, output);
}

// The texts of all sources, each under its name.
ExitStatus show_sources(const decide::Blob& blob, const std::string& subject, Output& output) {
    const auto& view = blob.view();
    const auto count = isolates_view_count(&view, ISOLATES_SECTION_SOURCES);
    if (!count)
        return output.fail(exit_policy,
                           fmt::format("{} was stripped: its sources are not in it", subject));
    auto list = nlohmann::json::array();
    for (std::uint32_t i = 0; i < count; i++) {
        const std::string name = isolates_view_text(&view, view.sources[i].name);
        const std::string text = isolates_view_text(&view, view.sources[i].text);
        output.text(fmt::format("{}# {}\n{}{}", i ? "\n" : "", name, text,
                                text.ends_with('\n') ? "" : "\n"));
        list.push_back({{"name", name}, {"text", text}});
    }
    output.set("sources", std::move(list));
    return exit_done;
}

}  // namespace

ExitStatus show(const std::string& name, bool source, Output& output) {
    const auto subject = read_subject(name, output);
    if (!subject) return subject.error();
    if (source) return show_sources(subject->blob, name, output);

    // All or nothing is printed.
    std::string variables, text;
    auto list = nlohmann::json::array();
    for (const auto& policy : subject->blob.policies()) {
        if (subject->policy && policy.name() != *subject->policy) continue;
        const auto shown = show::decompile(subject->blob, policy);
        if (!shown)
            return output.fail(exit_policy, fmt::format("the policy '{}' cannot be shown: {}",
                                                        policy.name(), shown.error()));
        if (!text.empty()) text += '\n';
        variables += shown->variables;
        text += shown->policy;
        list.push_back({{"name", policy.name()}, {"text", shown->whole()}});
    }
    output.text(variables + text);
    output.set("policies", std::move(list));
    return exit_done;
}

}  // namespace isolates::cli
