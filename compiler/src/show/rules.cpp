// SPDX-License-Identifier: GPL-2.0-only
#include "show/rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "sema/errno_names.hpp"
#include "show/cover.hpp"
#include "show/domains.hpp"
#include "show/exec.hpp"
#include "show/search.hpp"

namespace isolates::show {
namespace {

bool is_text(const Glob& glob) {
    return std::ranges::all_of(
        glob, [](const Element& element) { return !element.is_loop && element.bytes.size() == 1; });
}

// The rules of one automaton.
class Finder {
  public:
    Finder(const ClassShape& shape, Budget& budget) : shape_(shape), budget_(budget) {}

    // False if the budget is spent.
    bool run(const Dfa& dfa, std::vector<Group> groups) {
        for (const Group& group : groups) {
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
                auto operations = groups[i].operations;
                // Nothing beats a rule without a wildcard.
                if (shape_.atoms.has_transitions && is_text(rule.glob))
                    for (std::uint32_t& mask : operations)
                        mask &= ~std::uint32_t{ISOLATES_FILE_EXEC};
                const auto united = either(rule.more, operations);
                if (groups[i].kind == rule.kind && united != rule.more &&
                    match(languages_[i], {languages_[i].start()}, rule.glob, budget_).may)
                    rule.more = united;
            }
        }
        return !budget_.is_spent();
    }

    // Adds rules for the texts of @dfa that rules with wildcards lead elsewhere.
    bool add_exact(const Dfa& dfa, std::span<const isolates_perms> perms) {
        const auto texts = exact_texts(dfa, {perms.size()});
        for (const std::size_t whose : {std::size_t{ISOLATES_OTHER}, std::size_t{ISOLATES_OWNER}}) {
            Cover wildcards;
            for (const auto& [key, rule] : rules_) {
                const auto& [kind, glob] = key;
                const bool executes = rule.more[whose] & ISOLATES_FILE_EXEC;
                if (executes && !kind.denies && !is_text(glob)) wildcards.add(glob, kind.exec);
            }
            for (const auto& [text, label] : texts) {
                const isolates_perms& said = perms[label];
                if (!(said.allow[whose] & ISOLATES_FILE_EXEC)) continue;
                auto active = wildcards.start();
                for (const char c : text) {
                    budget_.spend(1 + active.size());
                    active = wildcards.step(active, static_cast<std::uint8_t>(c));
                }
                const std::uint32_t exec = said.exec[whose];
                if (!wildcards.matched_by_other(active, exec)) continue;
                Glob glob;
                for (const char c : text)
                    glob.push_back({only(static_cast<std::uint8_t>(c)), false});
                const RuleKind kind{.audit = (said.audit[whose] & ISOLATES_FILE_EXEC) != 0,
                                    .exec = exec};
                Rule& rule = rules_[{kind, glob}];
                rule.kind = kind;
                rule.glob = std::move(glob);
                rule.operations[whose] |= ISOLATES_FILE_EXEC;
                rule.more[whose] |= ISOLATES_FILE_EXEC;
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
    const LabelSpace labels{perms.size()};
    const auto& automata = policy.classes[shape.class_id].automata;
    const auto domain = domain_of(shape.class_id, shape.atoms.operations, Nul::like_others);
    if (!domain) return std::unexpected("its facts are not known");
    std::map<std::pair<RuleKind, Glob>, Rule> found;
    for (std::uint32_t i = 0; i < automata.count; i++) {
        Dfa dfa =
            restrict_to(expand(view, view.automata[automata.first + i]), *domain, labels.outside(),
                        shape.atoms.has_transitions ? labels.of_apart(0) : 0);
        if (shape.atoms.has_transitions) mark_exact(dfa, perms);
        Finder finder(shape, budget);
        if (!finder.run(dfa, groups_of(view, perms, labels_of(dfa, labels), shape.atoms)) ||
            (shape.atoms.has_transitions && !finder.add_exact(dfa, perms)))
            return std::unexpected("it takes too much to find globs for its automata");
        finder.take(found);
    }
    std::vector<Rule> rules;
    for (auto& [key, rule] : found) rules.push_back(std::move(rule));
    return rules;
}

std::vector<bool> labels_of(const Dfa& dfa, LabelSpace labels) {
    std::vector<bool> used(labels.size());
    for (const auto& state : dfa.states) used[state.label] = true;
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
