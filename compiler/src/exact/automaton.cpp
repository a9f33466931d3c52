// SPDX-License-Identifier: GPL-2.0-only
#include "exact/automaton.hpp"

#include <algorithm>
#include <bit>
#include <span>

namespace isolates::exact {

Automaton::Automaton(const isolates_view& view, std::uint32_t index, const isolates_perms* perms,
                     Reading reading)
    : begin_(isolates_view_walk(&view, index)),
      state_count_(view.automata[index].states.count),
      byte_classes_(view.automata[index].byte_classes),
      perms_(perms),
      reading_(reading) {
    find_reach();
}

Place Automaton::next(Place place, std::uint8_t byte) const {
    if (place & kStopped) return place;
    if (!byte && reading_.kind == Reading::file_as_link) return place | kStopped;
    isolates_walk walk = begin_;
    walk.state = static_cast<std::uint32_t>(place >> 8);
    walk.matched = static_cast<std::uint32_t>(place & 0xff);
    isolates_walk_bytes(&walk, &byte, 1);
    return Place{walk.state} << 8 | walk.matched;
}

namespace {

// A target that no state is.
constexpr std::uint32_t kNowhere = 0xffffffff;

constexpr std::uint32_t label_words(std::uint32_t count) {
    return (count + 7) / 8 * 2;
}

}  // namespace

void Automaton::list_told(Place place, std::vector<automata::Dfa::Edge>& told) const {
    told.clear();
    if (place & kStopped) return;
    const isolates_state& at = state(place);
    const std::uint32_t* const edges = begin_.edges + at.edges;
    switch (at.kind) {
        case ISOLATES_STATE_STRING: {
            const auto* const run = reinterpret_cast<const std::uint8_t*>(edges + 1);
            told.push_back({0, run[place & 0xff]});
            break;
        }
        case ISOLATES_STATE_SPARSE: {
            const auto* const labels = reinterpret_cast<const std::uint8_t*>(edges);
            for (std::uint32_t i = 0; i < at.count; i++)
                told.push_back({edges[label_words(at.count) + i], labels[i]});
            break;
        }
        case ISOLATES_STATE_DENSE:
            for (unsigned byte = 0; byte < 256; byte++)
                told.push_back(
                    {edges[begin_.byte_classes->of[byte]], static_cast<std::uint8_t>(byte)});
            break;
        default:
            break;
    }
    if (reading_.kind != Reading::file_as_link) return;
    std::erase_if(told, [](const automata::Dfa::Edge& edge) { return !edge.byte; });
    told.insert(told.begin(), {kNowhere, 0});
}

Automaton::Label Automaton::label_of(std::uint32_t perms) const {
    Label label = {decisions_of(perms_[perms].allow), decisions_of(perms_[perms].deny)};
    if (reading_.kind == Reading::plain) return label;
    if (reading_.kind == Reading::exec_to) {
        for (const int whose : {ISOLATES_OTHER, ISOLATES_OWNER}) {
            const Decisions exec = Decisions{ISOLATES_FILE_EXEC} << 32 * whose;
            const std::uint32_t leads_to = perms_[perms].exec[whose];
            if (leads_to != reading_.transition) label.allow &= ~exec;
            // Where a rule says where to, the policy does not leave it open.
            if (leads_to && !reading_.transition) label.deny |= exec;
        }
        return label;
    }
    const auto as_link = [](Decisions decisions) {
        constexpr Decisions both = ISOLATES_FILE_LINK | Decisions{ISOLATES_FILE_LINK} << 32;
        static_assert(ISOLATES_LINK_LINK == 1);
        return (decisions & both) >> std::countr_zero(std::uint32_t{ISOLATES_FILE_LINK});
    };
    return {as_link(label.allow), as_link(label.deny)};
}

void Automaton::list_labels(std::vector<Label>& labels) const {
    for (std::uint32_t id = 0; id < state_count_; id++)
        labels.push_back(label_of(begin_.states[id].perms));
}

template <typename Visitor>
void Automaton::for_targets(std::uint32_t id, Visitor visit) const {
    const isolates_state& at = begin_.states[id];
    const std::uint32_t* const edges = begin_.edges + at.edges;
    switch (at.kind) {
        case ISOLATES_STATE_STRING:
            visit(edges[0]);
            visit(at.otherwise);
            break;
        case ISOLATES_STATE_SPARSE:
            for (std::uint32_t i = 0; i < at.count; i++) visit(edges[label_words(at.count) + i]);
            visit(at.otherwise);
            break;
        case ISOLATES_STATE_DENSE:
            for (std::uint32_t i = 0; i < byte_classes_; i++) visit(edges[i]);
            break;
        default:
            break;
    }
}

// The least fixed point, from the states' own labels back along the edges. A state
// is looked at again only when its reach has grown, and that can happen as often as
// there are labels' bits at most.
void Automaton::find_reach() {
    std::vector<std::uint32_t> first(state_count_ + 1);
    for (std::uint32_t id = 0; id < state_count_; id++)
        for_targets(id, [&](std::uint32_t target) { first[target + 1]++; });
    for (std::uint32_t id = 0; id < state_count_; id++) first[id + 1] += first[id];
    std::vector<std::uint32_t> sources(first.back());
    auto at = first;
    for (std::uint32_t id = 0; id < state_count_; id++)
        for_targets(id, [&](std::uint32_t target) { sources[at[target]++] = id; });

    std::vector<std::uint32_t> todo;
    std::vector<bool> is_due(state_count_, true);
    reach_.resize(state_count_);
    for (std::uint32_t id = 0; id < state_count_; id++) {
        const Label label = label_of(begin_.states[id].perms);
        reach_[id] = {label.allow, label.deny, ~label.allow, ~label.deny};
        todo.push_back(id);
    }
    while (!todo.empty()) {
        const std::uint32_t id = todo.back();
        todo.pop_back();
        is_due[id] = false;
        const Reach from = reach_[id];
        for (std::uint32_t i = first[id]; i < first[id + 1]; i++) {
            Reach& reach = reach_[sources[i]];
            const Reach more = {reach.allow | from.allow, reach.deny | from.deny,
                                reach.no_allow | from.no_allow, reach.no_deny | from.no_deny};
            if (more.allow == reach.allow && more.deny == reach.deny &&
                more.no_allow == reach.no_allow && more.no_deny == reach.no_deny)
                continue;
            reach = more;
            if (is_due[sources[i]]) continue;
            is_due[sources[i]] = true;
            todo.push_back(sources[i]);
        }
    }
}

}  // namespace isolates::exact
