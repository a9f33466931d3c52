// SPDX-License-Identifier: GPL-2.0-only
// Text -> parse -> sema -> automata -> blob, whatever the text. What compiles must pass
// the verifier and must compile to the same bytes again; what does not must say why.
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>

#include "decide/decide.hpp"
#include "diag/render.hpp"
#include "emit/emit.hpp"
#include "fuzz/memory_files.hpp"
#include "fuzz/require.hpp"
#include "parse/parse.hpp"
#include "reference/questions.hpp"
#include "sema/analyze.hpp"

namespace {

using namespace isolates;

struct Run {
    diag::Sources sources;
    diag::Report report;
    model::Program program;

    explicit Run(const parse::Files& files) {
        const auto document = parse::parse("input.ipol", {"include"}, sources, report, files);
        sema::analyze(document, {}, sources, report, program);
        for (std::uint32_t i = 0; i < sources.file_count(); i++)
            program.sources.push_back({sources.file(i).name, sources.file(i).text});
    }
};

// What is too much for the many runs of a fuzzer, though not for a compiler.
bool is_large(const model::Program& program) {
    std::size_t size = 0;
    for (const auto& policy : program.policies)
        for (const auto& rule : policy.files) size += rule.glob.size();
    return size > 4096;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const fuzz::MemoryFiles files({reinterpret_cast<const char*>(data), size});
    const Run run(files);
    // Both reports read what their spans point at.
    const auto text = diag::render(run.report, run.sources, true);
    static_cast<void>(diag::to_json(run.report, run.sources));
    fuzz::require(!run.report.errors() || !text.empty(), "an error is told");
    if (run.report.errors() || is_large(run.program)) return 0;

    const auto blob = emit::build_blob(run.program, {});
    if (!blob) {
        fuzz::require(!blob.error().message.starts_with("internal"), blob.error().message);
        return 0;
    }
    const auto loaded = decide::Blob::load(*blob);
    fuzz::require(loaded.has_value(), "the verifier takes what was compiled");
    for (const auto& policy : loaded->policies())
        fuzz::require(reference::ask(loaded->view(), policy.raw()).empty(), "verdicts are sound");
    const Run again(files);
    fuzz::require(emit::build_blob(again.program, {}) == *blob, "the same text, the same bytes");
    return 0;
}
