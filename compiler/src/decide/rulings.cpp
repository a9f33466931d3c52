// SPDX-License-Identifier: GPL-2.0-only
#include <array>

#include "automata/nfa/matcher.hpp"
#include "automata/pattern/patterns.hpp"
#include "decide/decide.hpp"

namespace isolates::decide {

namespace {

using automata::MaskPair;

// Whether @rule's pattern matches @facts, and for which of the @operations.
template <typename Rule>
std::uint32_t operations_of(const Rule& rule, const std::vector<std::uint8_t>& facts,
                            std::size_t whose, std::uint32_t operations) {
    automata::Labels labels(false);
    automata::Patterns patterns;
    if (!automata::spell(rule, labels, patterns)) return 0;
    std::uint32_t about = 0;
    for (std::uint32_t i = 0; i < patterns.patterns.size(); i++) {
        const automata::Label& label = labels[patterns.patterns[i].label];
        const std::uint32_t mask = (label.allow[whose] | label.deny[whose]) & operations;
        if (!mask) continue;
        const auto nfa = automata::build_nfa(patterns, {&i, 1}, labels);
        if (nfa && automata::matches(*nfa, facts)) about |= mask;
    }
    return about;
}

template <typename Rules>
std::vector<Ruling> rulings_of(const model::Policy& policy, const Rules& rules,
                               const std::vector<std::uint8_t>& facts, std::size_t whose,
                               std::uint32_t operations) {
    std::vector<Ruling> result;
    for (const auto& rule : rules) {
        const std::uint32_t about = operations_of(rule, facts, whose, operations);
        if (about) result.push_back({rule.effect, about, policy.rules.at(rule.effect.rule)});
    }
    return result;
}

}  // namespace

std::vector<Ruling> rulings(const model::Policy& policy, isolates_class class_id,
                            std::uint32_t operations, const std::vector<std::uint8_t>& facts,
                            bool owner) {
    std::vector<Ruling> result;
    model::for_each_class(policy, [&](isolates_class id, const auto& rules) {
        if (id == class_id)
            result = rulings_of(policy, rules, facts, owner ? ISOLATES_OWNER : ISOLATES_OTHER,
                                operations);
    });
    return result;
}

}  // namespace isolates::decide
