// SPDX-License-Identifier: GPL-2.0-only
#include "exact/difference.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <string>
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

namespace {

constexpr Decisions kExecs = ISOLATES_FILE_EXEC | Decisions{ISOLATES_FILE_EXEC} << 32;

using Found = std::expected<std::vector<Difference>, TooLarge>;

Found find_all(const Policies& policies, isolates_class class_id, Decisions decisions,
               std::size_t states_max) {
    std::vector<Difference> result;
    const Shape& shape = shape_of(class_id);
    for (Decisions group : groups_of(shape, policies)) {
        group &= decisions;
        if (!group) continue;
        auto difference = find_lost(shape, policies, std::countr_zero(group), states_max);
        if (!difference) return std::unexpected(TooLarge{});
        if (difference->states.empty()) continue;
        difference->class_id = class_id;
        difference->decisions = group;
        result.push_back(std::move(*difference));
    }
    return result;
}

Found find_class(const Side& before, const Side& after, isolates_class class_id,
                 Decisions decisions, std::size_t states_max) {
    if (are_identical(before, after, class_id)) return std::vector<Difference>{};
    return find_all({class_of(before, class_id), class_of(after, class_id)}, class_id, decisions,
                    states_max);
}

// Where an exec may lead, in words, with the number that each side has for it.
struct Target {
    std::uint32_t before = kNone;
    std::uint32_t after = kNone;

    static constexpr std::uint32_t kNone = 0xffffffff;
};

std::string describe(const isolates_view& view, const isolates_transition& transition) {
    std::string text;
    const std::string name(isolates_view_text(&view, transition.target), transition.target.length);
    if (transition.kind == ISOLATES_TRANSITION_UNCONFINED)
        text = ISOLATES_UNCONFINED;
    else if (!name.empty())
        text = name;
    else
        text = transition.kind == ISOLATES_TRANSITION_CHILD ? "the child that attaches"
                                                            : "the policy that attaches";
    if (transition.fallback == ISOLATES_FALLBACK_STAY) text += ", or else this policy";
    if (transition.fallback == ISOLATES_FALLBACK_UNCONFINED) text += ", or else unconfined";
    if (transition.flags & ISOLATES_TRANSITION_SCRUB) text += ", environment scrubbed";
    return text;
}

std::map<std::string, Target> targets_of(const Side& before, const Side& after) {
    std::map<std::string, Target> targets = {{"this policy", {0, 0}}};
    const auto add = [&](const Side& side, std::uint32_t Target::*number) {
        for (std::uint32_t i = 0; i < side.policy->transitions.count; i++)
            targets[describe(*side.view,
                             side.view->transitions[side.policy->transitions.first + i])].*
                number = i + 1;
    };
    add(before, &Target::before);
    add(after, &Target::after);
    return targets;
}

}  // namespace

Found lost(const Side& before, const Side& after, isolates_class class_id, std::size_t states_max) {
    return find_class(before, after, class_id, ~Decisions{0}, states_max);
}

Found lost_but_execs(const Side& before, const Side& after, isolates_class class_id,
                     std::size_t states_max) {
    return find_class(before, after, class_id,
                      class_id == ISOLATES_CLASS_FILE ? ~kExecs : ~Decisions{0}, states_max);
}

Found lost_execs(const Side& before, const Side& after, std::size_t states_max) {
    std::vector<Difference> result;
    const auto targets = targets_of(before, after);
    for (const auto& [text, target] : targets) {
        auto found = find_all({execs_of(before, target.before), execs_of(after, target.after)},
                              ISOLATES_CLASS_FILE, kExecs, states_max);
        if (!found) return found;
        for (Difference& difference : *found) {
            if (targets.size() > 1) difference.target = text;
            result.push_back(std::move(difference));
        }
    }
    return result;
}

}  // namespace isolates::exact
