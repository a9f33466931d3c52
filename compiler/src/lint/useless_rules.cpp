// SPDX-License-Identifier: GPL-2.0-only
#include "lint/useless_rules.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lint/coverage.hpp"

namespace isolates::lint {

namespace {

// Why a rule does not matter in one class, by the rules that make it so.
struct Finding {
    bool denied = false;  // else said by others
    std::vector<std::uint32_t> others;
};

// What was found of the rules of a policy, over all classes.
struct Findings {
    std::set<std::uint32_t> matter;
    std::map<std::uint32_t, Finding> useless;
};

// Does nothing but allow, or deny with the usual errno.
bool is_bare(const model::Effect& effect) {
    return !effect.audit && !effect.quiet && !effect.error;
}

// The rules of one class that do one thing, known by all strings they match.
struct Ruled {
    SpelledRules spelled;
    std::optional<Coverage> coverage;
};

template <typename Rules>
std::optional<Ruled> rule_out(const Rules& rules, model::Action action, std::uint32_t count) {
    // What is no rule, as an attachment is none, has no number of one.
    const auto chosen = [&](const model::Effect& effect) {
        return effect.action == action && effect.rule < count;
    };
    const auto forward = [](std::uint32_t rule) { return rule; };
    const auto backward = [&](std::uint32_t rule) { return count - 1 - rule; };
    auto spelled = spell_rules(rules, chosen, forward);
    auto again = spell_rules(rules, chosen, forward);
    auto reversed = spell_rules(rules, chosen, backward);
    if (!spelled || !again || !reversed) return std::nullopt;
    Ruled ruled{std::move(*spelled), Coverage::of(std::move(*again), std::move(*reversed), count)};
    if (!ruled.coverage) return std::nullopt;
    return ruled;
}

// Whether all patterns of the rule are covered; by which rules.
std::optional<std::vector<std::uint32_t>> cover_all(
    Ruled& ruled, const std::vector<std::uint32_t>& patterns, const Coverage& by,
    const std::function<bool(std::uint32_t)>& counts) {
    std::vector<std::uint32_t> others;
    for (const std::uint32_t pattern : patterns) {
        const auto found = by.cover(ruled.spelled, pattern, counts);
        if (!found) return std::nullopt;
        others.insert(others.end(), found->begin(), found->end());
    }
    std::ranges::sort(others);
    const auto repeated = std::ranges::unique(others);
    others.erase(repeated.begin(), repeated.end());
    return others;
}

// Where an exec leads is said by the rule alone, whoever else allows the exec.
bool leads_on(const model::FileRule& rule) {
    return rule.transition != 0;
}
template <typename Rule>
bool leads_on(const Rule&) {
    return false;
}

template <typename Rules>
void examine(const Rules& rules, std::uint32_t count, Findings& findings) {
    std::optional<Ruled> allows, denies;
    // With priorities a deny need not win, nor any allowing rule do.
    if (std::ranges::none_of(rules, [](const auto& rule) { return rule.effect.priority != 0; })) {
        allows = rule_out(rules, model::Action::allow, count);
        denies = rule_out(rules, model::Action::deny, count);
    }
    if (!allows || !denies) {
        for (const auto& rule : rules) findings.matter.insert(rule.effect.rule);
        return;
    }
    std::set<std::uint32_t> bare;
    for (const auto& rule : rules)
        if (is_bare(rule.effect) && !leads_on(rule)) bare.insert(rule.effect.rule);

    for (Ruled* const ruled : {&*allows, &*denies}) {
        std::map<std::uint32_t, std::vector<std::uint32_t>> patterns;
        for (std::uint32_t i = 0; i < ruled->spelled.patterns.patterns.size(); i++)
            patterns[ruled->spelled.patterns.patterns[i].rule].push_back(i);
        // Of rules that say the same the first is kept, so the last is looked at first.
        std::set<std::uint32_t> gone;
        for (auto entry = patterns.rbegin(); entry != patterns.rend(); ++entry) {
            const auto& [rule, own] = *entry;
            const auto others = [&](std::uint32_t other) {
                return other != rule && !gone.contains(other);
            };
            std::optional<std::vector<std::uint32_t>> by;
            bool denied = false;
            if (bare.contains(rule)) {
                if (ruled == &*allows) {
                    by = cover_all(*ruled, own, *denies->coverage, others);
                    denied = by.has_value();
                }
                if (!by) by = cover_all(*ruled, own, *ruled->coverage, others);
            }
            if (!by) {
                findings.matter.insert(rule);
                continue;
            }
            gone.insert(rule);
            findings.useless.try_emplace(rule, Finding{denied, std::move(*by)});
        }
    }
}

}  // namespace

void warn_of_useless_rules(const model::Policy& policy, Warner& warner) {
    Findings findings;
    model::for_each_class(policy, [&](isolates_class, const auto& rules) {
        examine(rules, static_cast<std::uint32_t>(policy.rules.size()), findings);
    });
    for (const auto& [rule, finding] : findings.useless) {
        const model::Origin& origin = policy.rules[rule];
        if (findings.matter.contains(rule) || origin.source != policy.origin.source) continue;
        auto& warning = warner.warn(
            origin, finding.denied ? "this rule never matters: all that it allows is denied"
                                   : "this rule never matters: other rules say the same");
        // More would not be read.
        for (std::size_t i = 0; i < std::min<std::size_t>(finding.others.size(), 3); i++)
            warning.with_note(warner.span(policy.rules[finding.others[i]]),
                              finding.denied ? "denied here" : "said here");
    }
}

}  // namespace isolates::lint
