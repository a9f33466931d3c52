// SPDX-License-Identifier: GPL-2.0-only
#include "cli/input.hpp"

#include <fmt/format.h>

#include <cstring>
#include <optional>
#include <span>
#include <utility>

#include "merge/merge.hpp"
#include "parse/file.hpp"

namespace isolates::cli {
namespace {

bool is_blob(std::string_view content) {
    return content.starts_with(ISOLATES_BLOB_MAGIC);
}

std::optional<CompileOptions> options_of(const CompileArguments& arguments, Output& output) {
    const auto& config = arguments.config;
    CompileOptions options;
    options.lint = arguments.lint;
    options.warnings_are_errors = arguments.warnings_are_errors;
    options.strip = arguments.strip;
    options.include_path = arguments.include_path;
    options.include_path.insert(options.include_path.end(), config.include_path.begin(),
                                config.include_path.end());
    options.definitions = config.definitions;
    for (const auto& text : arguments.definitions) {
        auto definition = sema::parse_definition(text);
        if (!definition) {
            output.fail(exit_usage, fmt::format("-D takes NAME=VALUE, not '{}'", text));
            return std::nullopt;
        }
        options.definitions.push_back(std::move(*definition));
    }
    return options;
}

// The files by what they are.
struct Sorted {
    std::vector<SourceFile> sources;
    std::vector<decide::Blob> blobs;
};

// Adds a file. Returns done, or what the command fails with.
ExitStatus sort(const std::string& file, Sorted& sorted, Output& output) {
    const auto cannot_read = [&](const std::string& why) {
        return output.fail(exit_refused, fmt::format("cannot read {}: {}", file, why));
    };
    const auto opened = parse::OpenFile::open(file);
    if (!opened) return cannot_read(parse::reason(opened.error()));
    const auto head = opened->head(sizeof(isolates_header::magic));
    if (!head) return cannot_read(head.error());
    if (!is_blob(*head)) {
        // What is too large is told with all that is wrong with the policies.
        auto text = opened->read();
        sorted.sources.push_back({file, text ? std::optional(std::move(*text)) : std::nullopt});
        return exit_done;
    }
    const auto content = opened->read(ISOLATES_BLOB_SIZE_MAX);
    if (!content) return cannot_read(content.error());
    auto blob = decide::Blob::load(std::as_bytes(std::span(*content)));
    if (!blob) {
        const auto& why = blob.error().why;
        return output.fail(exit_policy,
                           fmt::format("{} is no valid blob: {} (section {}, element {})", file,
                                       why.reason, why.section, why.index));
    }
    sorted.blobs.push_back(std::move(*blob));
    return exit_done;
}

std::expected<Sorted, ExitStatus> sort(const std::vector<std::string>& files, Output& output) {
    Sorted sorted;
    ExitStatus status = exit_done;
    for (const auto& file : files)
        if (const auto failure = sort(file, sorted, output)) status = failure;
    if (status != exit_done) return std::unexpected(status);
    return sorted;
}

}  // namespace

std::expected<config::Config, ExitStatus> read_config(const std::string& file, Output& output) {
    const auto found = file.empty() ? config::find() : std::optional(file);
    if (!found) return config::Config{};
    diag::Sources sources;
    diag::Report report;
    auto config = config::read(*found, sources, report);
    output.set_color(config.color);
    if (!report.errors()) return config;
    output.report(report, sources);
    return std::unexpected(exit_usage);
}

std::expected<Input, ExitStatus> read_input(const CompileArguments& arguments, Output& output) {
    const auto options = options_of(arguments, output);
    if (!options) return std::unexpected(exit_usage);
    auto sorted = sort(arguments.files, output);
    if (!sorted) return std::unexpected(sorted.error());

    Compilation compilation;
    if (!sorted->sources.empty()) compilation = compile(std::move(sorted->sources), *options);
    output.report(compilation.report, compilation.sources);
    if (compilation.report.errors()) return std::unexpected(exit_policy);
    if (options->warnings_are_errors && compilation.report.warnings())
        return std::unexpected(output.fail(exit_policy, "warnings are errors (--werror)"));
    if (compilation.blob && sorted->blobs.empty()) {
        auto blob = std::move(*compilation.blob);
        return Input{std::move(compilation), std::move(blob)};
    }

    std::vector<merge::Part> parts;
    const auto add_parts = [&](const decide::Blob& blob) {
        const auto more = merge::parts_of(blob);
        parts.insert(parts.end(), more.begin(), more.end());
    };
    for (const auto& blob : sorted->blobs) add_parts(blob);
    if (compilation.blob) add_parts(*compilation.blob);
    auto merged = merge::merge(std::move(parts), arguments.strip);
    if (!merged) return std::unexpected(output.fail(exit_policy, merged.error()));
    // It has passed the verifier already.
    return Input{std::move(compilation), std::move(*decide::Blob::load(*merged))};
}

}  // namespace isolates::cli
