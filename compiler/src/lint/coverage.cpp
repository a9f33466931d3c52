// SPDX-License-Identifier: GPL-2.0-only
#include "lint/coverage.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "automata/nfa/nfa.hpp"
#include "automata/split/split.hpp"

namespace isolates::lint {

namespace {

using automata::Dfa;
using automata::Item;
using automata::ItemKind;
using automata::MaskPair;
using automata::Nfa;
using automata::NodeId;
using automata::StateId;

// A rule whose strings lead to more places than that is let be.
constexpr std::size_t kPlacesMax = 1 << 14;
// The same for rules that a policy has.
constexpr std::size_t kPatternsMax = 1 << 15;

// Where the pattern is, and where each automaton is behind the same bytes.
struct Place {
    NodeId node = 0;
    std::vector<StateId> states;

    auto operator<=>(const Place&) const = default;
};

}  // namespace

std::optional<Coverage> Coverage::of(SpelledRules forward, SpelledRules backward,
                                     std::uint32_t count) {
    Coverage coverage;
    coverage.count_ = count;
    for (SpelledRules* const rules : {&forward, &backward}) {
        if (rules->patterns.patterns.size() > kPatternsMax) return std::nullopt;
        auto automata = automata::build_automata(rules->patterns, rules->labels);
        if (!automata) return std::nullopt;
        coverage.sides_.push_back({std::move(*rules), std::move(*automata)});
    }
    return coverage;
}

std::optional<std::vector<std::uint32_t>> Coverage::cover(
    SpelledRules& spelled, std::uint32_t pattern,
    const std::function<bool(std::uint32_t)>& counts) const {
    const auto nfa = automata::build_nfa(spelled.patterns, {&pattern, 1}, spelled.labels);
    if (!nfa || nfa->start == automata::kNone) return std::nullopt;
    const MaskPair masks = spelled.labels[spelled.patterns.patterns[pattern].label].deny;

    std::vector<std::uint32_t> found;
    // Whether the rules that end where the automata are say all that the pattern says.
    const auto is_covered = [&](const std::vector<StateId>& states) {
        MaskPair left = masks;
        std::size_t at = 0;
        for (std::size_t side = 0; side < sides_.size(); side++)
            for (const Dfa& dfa : sides_[side].automata) {
                const auto& label = sides_[side].rules.labels[dfa.states[states[at++]].label];
                for (const automata::RuleMark& mark : label.rules) {
                    const std::uint32_t rule = rule_of(side, mark.rule);
                    if (!counts(rule)) continue;
                    bool says = false;
                    for (std::size_t whose = 0; whose < left.size(); whose++) {
                        says = says || (left[whose] & mark.deny[whose]) != 0;
                        left[whose] &= ~mark.deny[whose];
                    }
                    if (says && std::ranges::find(found, rule) == found.end())
                        found.push_back(rule);
                }
            }
        return !(left[0] | left[1]);
    };

    std::set<Place> seen;
    std::vector<Place> open;
    bool all_covered = true;
    const auto arrive = [&](NodeId node, const std::vector<StateId>& states) {
        nfa->for_closure(node, [&](NodeId entered) {
            Place place{entered, states};
            if (!all_covered || !seen.insert(place).second) return;
            if ((*nfa)[entered].accept != automata::kNoLabel && !is_covered(states))
                all_covered = false;
            open.push_back(std::move(place));
        });
    };

    std::vector<StateId> states;
    for (const Side& side : sides_)
        for (const Dfa& dfa : side.automata) states.push_back(dfa.start);
    arrive(nfa->start, states);
    while (all_covered && !open.empty() && seen.size() <= kPlacesMax) {
        const Place place = std::move(open.back());
        open.pop_back();
        const Nfa::Node& node = (*nfa)[place.node];
        const auto step = [&](std::uint8_t byte, NodeId target) {
            std::size_t at = 0;
            for (const Side& side : sides_)
                for (const Dfa& dfa : side.automata) {
                    states[at] = dfa.next(place.states[at], byte);
                    at++;
                }
            arrive(target, states);
        };
        const auto follow = [&](Item item, NodeId target) {
            if (item.kind() == ItemKind::byte)
                step(static_cast<std::uint8_t>(item.value()), target);
            else
                nfa->vocabulary().bytes(item).for_each(
                    [&](std::uint8_t byte) { step(byte, target); });
        };
        for (const Nfa::Edge& edge : nfa->edges(node)) follow(edge.item, edge.target);
        if (node.is_loop) follow(node.loop, place.node);
    }
    if (!all_covered || !open.empty()) return std::nullopt;
    return found;
}

}  // namespace isolates::lint
