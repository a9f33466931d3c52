// SPDX-License-Identifier: GPL-2.0-only
// Text -> parse -> sema -> automata -> blob -> assertions -> lints, whatever the text.
// What compiles must pass the verifier, and must compile to the same decisions with
// other white space; what does not must say why.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "decide/decide.hpp"
#include "diag/render.hpp"
#include "driver.hpp"
#include "format/format.hpp"
#include "fuzz/memory_files.hpp"
#include "fuzz/require.hpp"
#include "merge/merge.hpp"
#include "reference/questions.hpp"
#include "reference/text_changer.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t size_max);

namespace {

using namespace isolates;
using fuzz::require;

const std::string kFile = "input.ipol";

Compilation compile(const parse::Files& files, bool lint) {
    CompileOptions options;
    options.include_path = {"include"};
    options.files = &files;
    options.lint = lint;
    return isolates::compile({kFile}, options);
}

// Both reports read what their spans point at.
void check_report(const Compilation& run) {
    const auto text = diag::render(run.report, run.sources, true);
    static_cast<void>(diag::to_json(run.report, run.sources));
    require(!run.report.errors() || !text.empty(), "an error is told");
    for (const auto& diagnostic : run.report.diagnostics())
        require(!diagnostic.text.starts_with("internal error"), diagnostic.text);
    require(run.blob.has_value() == !run.report.errors(), "a blob, or an error");
}

void check_blob(const decide::Blob& blob) {
    for (const auto& policy : blob.policies())
        require(reference::ask(blob.view(), policy.raw()).empty(), "verdicts are sound");
}

// Without the places of rules, and the text.
std::vector<std::byte> stripped(const decide::Blob& blob) {
    const auto result = merge::merge(merge::parts_of(blob), true);
    require(result.has_value(), "a blob can be stripped");
    return *result;
}

// The formatter changes white space, and with it the places of rules, but nothing else. So
// this shows, too, that the same text always is the same policy.
void check_format(std::string_view input, const Compilation& run) {
    fuzz::MemoryFiles files(input);
    diag::Report report;
    const auto once = format::formatted(*files.open(kFile)->read(), 0, report);
    if (!once) return require(report.errors() > 0, "no text without an error");
    require(format::formatted(*once, 0, report) == once, "what is formatted stays");
    if (!run.blob) return;
    files.replace(kFile, *once);
    const auto after = compile(files, false);
    require(after.blob && stripped(*run.blob) == stripped(*after.blob),
            "the same policy, formatted");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const fuzz::MemoryFiles files(input);
    const auto run = compile(files, true);
    check_report(run);
    check_format(input, run);
    if (run.blob) check_blob(*run.blob);
    return 0;
}

// Half of the time what anybody may write, which gets further than what chance does.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t size_max, unsigned seed) {
    if (seed % 2) return LLVMFuzzerMutate(data, size, size_max);
    reference::TextChanger changer(seed);
    const auto changed = changer.changed({reinterpret_cast<const char*>(data), size});
    const auto length = std::min(changed.size(), size_max);
    std::memcpy(data, changed.data(), length);
    return length;
}
