// SPDX-License-Identifier: GPL-2.0-only
// Rules whose fact is one byte: a capability's number, a kind of namespace.
#include "automata/pattern/patterns.hpp"

namespace isolates::automata {

namespace {

template <typename Rule, typename Set>
PatternResult spell_numbers(const Rule& rule, const Set& set, std::size_t count, Labels& labels,
                            Patterns& patterns) {
    ByteSet numbers;
    for (std::size_t number = 0; number < count; number++)
        if (set[number]) numbers.add(static_cast<std::uint8_t>(number));
    // A newer kernel's numbers belong to the rules that are about all.
    if (set.all()) numbers = ByteSet::all();
    if (numbers.empty()) return {};
    patterns.add({patterns.vocabulary.set(numbers)}, labels.of_rule(rule.effect, masks_of(rule)),
                 rule.effect.rule);
    return {};
}

}  // namespace

PatternResult spell(const model::CapabilityRule& rule, Labels& labels, Patterns& patterns) {
    return spell_numbers(rule, rule.capabilities, rule.capabilities.size(), labels, patterns);
}

PatternResult spell(const model::NamespaceRule& rule, Labels& labels, Patterns& patterns) {
    return spell_numbers(rule, rule.kinds, rule.kinds.size(), labels, patterns);
}

}  // namespace isolates::automata
