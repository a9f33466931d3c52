// SPDX-License-Identifier: GPL-2.0-only
#include "automata/automata.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "automata/exec/conflict.hpp"
#include "automata/split/split.hpp"

namespace isolates::automata {

namespace {

// More would not be read.
constexpr std::size_t kNamedRulesMax = 8;

BuildError multiply_error(const SplitError& error, const Patterns& patterns) {
    BuildError result;
    for (const std::uint32_t pattern : error.patterns) {
        const std::uint32_t rule = patterns.patterns[pattern].rule;
        if (result.rules.size() == kNamedRulesMax) break;
        if (std::ranges::find(result.rules, rule) == result.rules.end())
            result.rules.push_back(rule);
    }
    result.message =
        error.is_bound
            ? "the globs are too much for one automaton, which rules with priorities, or about "
              "exec, have to share; rules like these should be fewer, or have fewer wildcards"
            : "the globs are too much for one policy: too many combinations of them have to be "
              "told apart; rules like these should be fewer, or have fewer wildcards";
    return result;
}

BuildError exec_error(const ExecConflict& conflict) {
    return {fmt::format("exec rules contradict each other: they lead from {} to different policies",
                        conflict.example),
            conflict.rules};
}

}  // namespace

std::expected<std::vector<CompactAutomaton>, BuildError> build_class(const model::Policy& policy,
                                                                     isolates_class class_id,
                                                                     Labels& labels) {
    const auto patterns = spell_class(policy, class_id, labels);
    if (!patterns)
        return std::unexpected(BuildError{patterns.error().message, {patterns.error().rule}});
    auto automata = build_automata(*patterns, labels);
    if (!automata) return std::unexpected(multiply_error(automata.error(), *patterns));
    std::vector<CompactAutomaton> result;
    for (Dfa& dfa : *automata) {
        if (patterns->has_transitions)
            if (const auto conflict = find_exec_conflict(dfa, *patterns, labels))
                return std::unexpected(exec_error(*conflict));
        result.push_back(compact(std::move(dfa)));
    }
    return result;
}

}  // namespace isolates::automata
