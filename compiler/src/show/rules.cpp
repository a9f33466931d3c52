// SPDX-License-Identifier: GPL-2.0-only
#include "show/rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "sema/errno_names.hpp"
#include "show/domains.hpp"
#include "show/search.hpp"

namespace isolates::show {
namespace {

// The rules of one automaton.
class Finder {
  public:
    Finder(const ClassShape& shape, Budget& budget) : shape_(shape), budget_(budget) {}

    // False if the budget is spent.
    bool run(const Dfa& dfa, std::vector<Group> groups) {
        for (Group& group : groups) {
            group.values.push_back(kMay);  // what is no fact
            languages_.emplace_back(relabel(dfa, group.values));
            if (!group.is_needed) continue;
            const auto globs = find_globs(languages_.back(), shape_.first_loop, budget_);
            if (!globs) return false;
            for (const Glob& glob : *globs) {
                Rule& rule = rules_[{group.kind, glob}];
                rule.operations = either(rule.operations, group.operations);
            }
        }
        for (auto& [key, rule] : rules_) {
            rule.kind = key.first;
            rule.glob = key.second;
            rule.more = rule.operations;
            for (std::size_t i = 0; i < groups.size(); i++) {
                const auto united = either(rule.more, groups[i].operations);
                if (groups[i].kind == rule.kind && united != rule.more &&
                    match(languages_[i], {languages_[i].start()}, rule.glob, budget_).may)
                    rule.more = united;
            }
        }
        return !budget_.is_spent();
    }

    // Adds what was found.
    void take(std::map<std::pair<RuleKind, Glob>, Rule>& rules) {
        for (auto& [key, found] : rules_) {
            Rule& rule = rules[key];
            rule.kind = found.kind;
            rule.glob = found.glob;
            rule.operations = either(rule.operations, found.operations);
            rule.more = either(rule.more, found.more);
        }
    }

  private:
    static automata::MaskPair either(const automata::MaskPair& a, const automata::MaskPair& b) {
        return {a[0] | b[0], a[1] | b[1]};
    }

    const ClassShape& shape_;
    Budget& budget_;
    std::vector<Language> languages_;
    std::map<std::pair<RuleKind, Glob>, Rule> rules_;
};

}  // namespace

std::expected<std::vector<Rule>, std::string> find_rules(const isolates_view& view,
                                                         const isolates_policy& policy,
                                                         const ClassShape& shape, Budget& budget) {
    const std::span perms(view.perms + policy.perms.first, policy.perms.count);
    const auto& automata = policy.classes[shape.class_id].automata;
    const auto domain = domain_of(shape.class_id, shape.atoms.operations, Nul::like_others);
    if (!domain) return std::unexpected("its facts are not known");
    std::map<std::pair<RuleKind, Glob>, Rule> found;
    for (std::uint32_t i = 0; i < automata.count; i++) {
        const Dfa dfa = restrict_to(expand(view, view.automata[automata.first + i]), *domain,
                                    policy.perms.count);
        Finder finder(shape, budget);
        if (!finder.run(dfa, groups_of(view, perms, labels_of(dfa, perms.size()), shape.atoms)))
            return std::unexpected("it takes too much to find globs for its automata");
        finder.take(found);
    }
    std::vector<Rule> rules;
    for (auto& [key, rule] : found) rules.push_back(std::move(rule));
    return rules;
}

std::vector<bool> labels_of(const Dfa& dfa, std::size_t count) {
    std::vector<bool> used(count + 1);
    for (const auto& state : dfa.states) used[state.label] = true;
    used.resize(count);
    return used;
}

std::string qualifiers(const RuleKind& kind) {
    return fmt::format("{}{}{}", kind.audit ? "audit " : "", kind.quiet ? "quiet " : "",
                       kind.denies ? "deny " : "");
}

std::string error_condition(const RuleKind& kind) {
    return kind.error ? fmt::format(" errno={}", sema::errno_name(kind.error)) : std::string();
}

std::vector<std::string> in_order(std::vector<Line> lines) {
    std::ranges::stable_sort(lines, {}, [](const Line& line) {
        return std::tuple(line.kind.denies, line.kind.order, std::string_view(line.text));
    });
    std::vector<std::string> texts;
    for (Line& line : lines) texts.push_back(std::move(line.text));
    return texts;
}

}  // namespace isolates::show
