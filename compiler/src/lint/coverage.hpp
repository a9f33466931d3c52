// SPDX-License-Identifier: GPL-2.0-only
// Which of many rules already say what one of them says.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "automata/dfa/dfa.hpp"
#include "automata/label/label.hpp"
#include "automata/pattern/patterns.hpp"

namespace isolates::lint {

// Some rules of one class as patterns. To tell rules apart, each pattern's label says
// "denied" of the rule's operations, whatever the rule does: of such labels only the
// rule with the lowest number is kept where several meet.
struct SpelledRules {
    automata::Labels labels{true};
    automata::Patterns patterns;
};

// Spells those of @rules that @chosen(effect) takes, with the number that
// @number(effect.rule) gives each; none if one cannot be spelt.
template <typename Rules, typename Chosen, typename Number>
[[nodiscard]] std::optional<SpelledRules> spell_rules(const Rules& rules, Chosen chosen,
                                                      Number number) {
    SpelledRules spelled;
    for (const auto& rule : rules) {
        if (!chosen(rule.effect)) continue;
        auto copy = rule;
        copy.effect = {};
        copy.effect.action = model::Action::deny;
        copy.effect.rule = number(rule.effect.rule);
        if constexpr (requires { copy.transition; }) copy.transition = 0;
        if (!automata::spell(copy, spelled.labels, spelled.patterns)) return std::nullopt;
    }
    return spelled;
}

// Knows of every string the first and the last of the rules that match it. That is
// enough to tell whether any rule does beside a given one, and rules are numbers, so
// that the automata stay of the size of the rules; the set of all that match would not.
class Coverage {
  public:
    // @forward and @backward are the same rules, numbered from 0 and, backward, from
    // @count - 1 down. None if their automata get too large.
    [[nodiscard]] static std::optional<Coverage> of(SpelledRules forward, SpelledRules backward,
                                                    std::uint32_t count);

    // Whether each string that the pattern matches is matched by rules that @counts
    // takes, together for all of its operations. @pattern is an index into the patterns
    // of @spelled. If so, the rules that were found first, each once. Gives up, which
    // counts as no, when that is more work than a rule is worth.
    [[nodiscard]] std::optional<std::vector<std::uint32_t>> cover(
        SpelledRules& spelled, std::uint32_t pattern,
        const std::function<bool(std::uint32_t)>& counts) const;

  private:
    // Automata of one direction, all walked at once.
    struct Side {
        SpelledRules rules;
        std::vector<automata::Dfa> automata;
    };

    [[nodiscard]] std::uint32_t rule_of(std::size_t side, std::uint32_t number) const {
        return side == 0 ? number : count_ - 1 - number;
    }

    std::vector<Side> sides_;
    std::uint32_t count_ = 0;
};

}  // namespace isolates::lint
