// SPDX-License-Identifier: GPL-2.0-only
#include "exact/difference.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "exact/product.hpp"

namespace isolates::exact {
namespace {

// Tells the decisions in @groups apart by whether they are in @some.
void tell_apart(std::vector<Decisions>& groups, Decisions some) {
    const std::size_t count = groups.size();
    for (std::size_t i = 0; i < count; i++) {
        const Decisions in = groups[i] & some;
        if (!in || in == groups[i]) continue;
        groups.push_back(in);
        groups[i] &= ~some;
    }
}

// Decisions that neither the automata nor the facts tell apart.
std::vector<Decisions> groups_of(const Shape& shape, const Policies& policies) {
    const auto both = [](std::uint32_t operations) {
        return operations | Decisions{operations} << 32;
    };
    std::vector<Decisions> groups = {shape.has_owner ? both(shape.operations) : shape.operations};
    for (const automata::Dfa::State& state : shape.facts.automaton.states)
        tell_apart(groups, both(state.label));
    std::vector<Automaton::Label> labels;
    for (const PolicyClass* policy : {&policies.before, &policies.after}) {
        tell_apart(groups, both(policy->open));
        for (const Automaton& automaton : policy->automata) automaton.list_labels(labels);
    }
    const auto key = [](const Automaton::Label& label) {
        return std::pair(label.allow, label.deny);
    };
    std::ranges::sort(labels, {}, key);
    const auto repeated = std::ranges::unique(labels, {}, key);
    labels.erase(repeated.begin(), repeated.end());
    for (const Automaton::Label& label : labels) {
        tell_apart(groups, label.allow);
        tell_apart(groups, label.deny);
    }
    std::ranges::sort(groups, {}, [](Decisions group) { return std::countr_zero(group); });
    return groups;
}

}  // namespace

bool Difference::contains(std::span<const std::uint8_t> facts) const {
    std::uint32_t at = 0;
    for (const std::uint8_t byte : facts) {
        const auto all = edges_of(states[at]);
        const auto found =
            std::ranges::find_if(all, [&](const Edge& edge) { return edge.bytes.has(byte); });
        if (found == all.end()) return false;
        at = found->target;
    }
    return states[at].accepts;
}

std::expected<std::vector<Difference>, TooLarge> lost(const Side& before, const Side& after,
                                                      isolates_class class_id,
                                                      std::size_t states_max) {
    std::vector<Difference> result;
    if (are_identical(before, after, class_id)) return result;
    const Shape& shape = shape_of(class_id);
    const Policies policies{class_of(before, class_id), class_of(after, class_id)};
    for (const Decisions group : groups_of(shape, policies)) {
        auto difference = find_lost(shape, policies, std::countr_zero(group), states_max);
        if (!difference) return std::unexpected(TooLarge{});
        if (difference->states.empty()) continue;
        difference->class_id = class_id;
        difference->decisions = group;
        result.push_back(std::move(*difference));
    }
    return result;
}

}  // namespace isolates::exact
