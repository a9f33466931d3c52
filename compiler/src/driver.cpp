// SPDX-License-Identifier: GPL-2.0-only
#include "driver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "emit/emit.hpp"
#include "exact/assertions.hpp"
#include "lint/lint.hpp"
#include "parse/parse.hpp"
#include "sema/analyze.hpp"

namespace isolates {
namespace {

void report_failure(Compilation& run, const emit::Error& error) {
    std::vector<diag::Span> places;
    for (const auto& origin : error.origins)
        places.push_back(run.sources.span_at(origin.source, {origin.line, origin.column}));
    const auto at = places.empty() ? std::nullopt : std::optional(places.front());
    auto& diagnostic = run.report.error(at, error.message);
    for (std::size_t i = 1; i < places.size(); i++)
        diagnostic.with_note(places[i], "it is about this rule too");
}

// What does not hold is reported.
bool assertions_hold(Compilation& run, const decide::Blob& blob) {
    if (std::ranges::all_of(run.program.policies,
                            [](const model::Policy& policy) { return policy.assertions.empty(); }))
        return true;
    exact::check_assertions(run.program, blob, run.sources, run.report);
    return !run.report.errors();
}

void compile_into(Compilation& run, std::vector<SourceFile> files, const CompileOptions& options) {
    const auto expand = [&](const ast::Document& document, const ast::Text& name) {
        diag::Report told_later;  // what is wrong with the assignments
        sema::Variables variables(options.definitions);
        for (const auto& assignment : document.assignments)
            variables.assign(assignment, told_later);
        return variables.expand(name, {}, run.report);
    };
    for (auto& file : files) {
        if (file.text && !run.sources.find(file.name))
            run.sources.add(file.name, std::move(*file.text));
        const auto document = parse::parse(file.name, options.include_path, run.sources, run.report,
                                           *options.files, expand);
        sema::analyze(document, options.definitions, run.sources, run.report, run.program);
    }
    for (std::uint32_t i = 0; i < run.sources.file_count(); i++)
        run.program.sources.push_back({run.sources.file(i).name, run.sources.file(i).text});

    if (run.program.policies.empty() && !run.report.errors())
        run.report.error(std::nullopt, files.size() == 1
                                           ? fmt::format("{} has no policy", files.front().name)
                                           : std::string("no file has a policy"));
    if (run.report.errors() || (options.warnings_are_errors && run.report.warnings())) return;

    // Chooses the automata, writes them down, and lets the verifier have its say.
    auto blob = emit::build_blob(run.program, {.strip = options.strip});
    if (!blob) return report_failure(run, blob.error());
    if (!assertions_hold(run, *blob)) return;
    run.blob = std::move(*blob);
    if (options.lint) {
        lint::lint(run.program, *run.blob, run.sources, run.report);
        if (options.warnings_are_errors && run.report.warnings()) run.blob.reset();
    }
}

}  // namespace

Compilation compile(std::vector<SourceFile> files, const CompileOptions& options) {
    Compilation run;
    compile_into(run, std::move(files), options);
    return run;
}

Compilation compile(const std::vector<std::string>& files, const CompileOptions& options) {
    std::vector<SourceFile> unread;
    for (const auto& file : files) unread.push_back({file, std::nullopt});
    return compile(std::move(unread), options);
}

Compilation compile_text(const std::string& name, std::string text, const CompileOptions& options) {
    std::vector<SourceFile> files;
    files.push_back({name, std::move(text)});
    return compile(std::move(files), options);
}

}  // namespace isolates
