// SPDX-License-Identifier: GPL-2.0-only
// Text -> parse -> sema -> automata -> blob -> assertions -> lints, whatever the text.
// What compiles must pass the verifier, and must compile to the same decisions with
// other white space; what does not must say why.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "decide/decide.hpp"
#include "diag/render.hpp"
#include "format/format.hpp"
#include "fuzz/memory_files.hpp"
#include "fuzz/require.hpp"
#include "fuzz/tally.hpp"
#include "fuzz/texts.hpp"
#include "merge/merge.hpp"
#include "reference/agreement.hpp"
#include "reference/questions.hpp"

namespace {

using namespace isolates;
using fuzz::require;

const std::string kFile = "input.ipol";

// Both reports read what their spans point at.
void check_report(const Compilation& run) {
    const auto text = diag::render(run.report, run.sources, true);
    static_cast<void>(diag::to_json(run.report, run.sources));
    require(!run.report.errors() || !text.empty(), "an error is told");
    for (const auto& diagnostic : run.report.diagnostics())
        require(!diagnostic.text.starts_with("internal error"), diagnostic.text);
    require(run.blob.has_value() == !run.report.errors(), "a blob, or an error");
}

// How many rules the reference, which tries each against each other, is asked about.
constexpr std::size_t kRulesMax = 100;

std::size_t rules_of(const model::Policy& policy) {
    std::size_t count = policy.syscalls.size();
    model::for_each_class(policy,
                          [&](isolates_class, const auto& rules) { count += rules.size(); });
    return count;
}

// What the text means, by its model, is what the blob decides.
void check_decisions(const Compilation& run, std::uint64_t seed) {
    reference::Generator generator(seed);
    const auto is_large = [](const model::Policy& policy) { return rules_of(policy) > kRulesMax; };
    for (const auto& policy : run.blob->policies()) {
        require(reference::ask(run.blob->view(), policy.raw()).empty(), "verdicts are sound");
        if (std::ranges::any_of(run.program.policies, is_large)) continue;
        const auto difference = reference::disagreement(run.program, policy, 2, generator);
        require(difference.empty(), difference);
    }
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
    const auto after = fuzz::compile(kFile, files, false);
    require(after.blob && stripped(*run.blob) == stripped(*after.blob),
            "the same policy, formatted");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static fuzz::Tally tally;
    const auto input = fuzz::text_of(data, size);
    const fuzz::MemoryFiles files(input);
    // What a text's rules make superfluous is searched for longer than it takes to compile it.
    const auto seed = fuzz::seed_of(input);
    const auto run = fuzz::compile(kFile, files, seed % 4 == 0);
    tally.asked++;
    tally.taken += run.blob.has_value();
    check_report(run);
    check_format(input, run);
    if (run.blob) check_decisions(run, seed);
    return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t size_max, unsigned seed) {
    return fuzz::change_text(data, size, size_max, seed);
}
