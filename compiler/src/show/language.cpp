// SPDX-License-Identifier: GPL-2.0-only
#include "show/language.hpp"

#include <algorithm>

namespace isolates::show {

Language::Language(Dfa dfa) : dfa_(std::move(dfa)) {
    reverse();
    leads_to_must_ = leading_to(kMust);
    survives_any_ = surviving(true);
    survives_name_ = surviving(false);
    first_way_ = {};
    ways_ = {};
}

void Language::reverse() {
    std::vector<std::uint32_t> count(dfa_.states.size() + 1);
    const auto for_ways = [&](auto visit) {
        for (StateId id = 0; id < dfa_.states.size(); id++) {
            const Dfa::State& state = dfa_.states[id];
            std::size_t names = kNameByte.size(), any = kAnyByte.size();
            for (const Dfa::Edge& edge : dfa_.edges_of(state)) {
                const Way way{id, kNameByte.has(edge.byte), kAnyByte.has(edge.byte)};
                names -= way.by_name ? 1 : 0;
                any -= way.by_any ? 1 : 0;
                visit(edge.target, way);
            }
            if (state.edge_count < 256) visit(state.otherwise, Way{id, names > 0, any > 0});
        }
    };
    for_ways([&](StateId target, const Way&) { count[target + 1]++; });
    for (std::size_t i = 1; i < count.size(); i++) count[i] += count[i - 1];
    first_way_ = count;
    ways_.resize(count.back());
    for_ways([&](StateId target, const Way& way) { ways_[count[target]++] = way; });
}

std::vector<bool> Language::leading_to(LabelId least) const {
    std::vector<bool> leads(dfa_.states.size());
    StateSet queue;
    for (StateId id = 0; id < dfa_.states.size(); id++)
        if (dfa_.states[id].label >= least) {
            leads[id] = true;
            queue.push_back(id);
        }
    while (!queue.empty()) {
        const StateId id = queue.back();
        queue.pop_back();
        for (std::uint32_t i = first_way_[id]; i < first_way_[id + 1]; i++)
            if (!leads[ways_[i].from]) {
                leads[ways_[i].from] = true;
                queue.push_back(ways_[i].from);
            }
    }
    return leads;
}

// Those that cannot be left for a state that leads nowhere.
std::vector<bool> Language::surviving(bool any_byte) const {
    std::vector<bool> survives = leading_to(kMay);
    StateSet queue;
    for (StateId id = 0; id < dfa_.states.size(); id++)
        if (!survives[id]) queue.push_back(id);
    while (!queue.empty()) {
        const StateId id = queue.back();
        queue.pop_back();
        for (std::uint32_t i = first_way_[id]; i < first_way_[id + 1]; i++) {
            const Way way = ways_[i];
            if (!survives[way.from] || !(any_byte ? way.by_any : way.by_name)) continue;
            survives[way.from] = false;
            queue.push_back(way.from);
        }
    }
    return survives;
}

template <typename Visitor>
void Language::for_targets(StateId from, const ByteSet& bytes, std::size_t size,
                           Visitor visit) const {
    const Dfa::State& state = dfa_.states[from];
    std::size_t others = size;
    for (const Dfa::Edge& edge : dfa_.edges_of(state))
        if (bytes.has(edge.byte)) {
            others--;
            visit(edge.target);
        }
    if (others) visit(state.otherwise);
}

StateSet Language::step(const StateSet& from, const ByteSet& bytes, Budget& budget) const {
    StateSet to;
    const std::size_t size = bytes.size();
    for (const StateId state : from) {
        budget.spend(1 + dfa_.states[state].edge_count);
        for_targets(state, bytes, size, [&](StateId target) { to.push_back(target); });
    }
    std::ranges::sort(to);
    const auto repeated = std::ranges::unique(to);
    to.erase(repeated.begin(), repeated.end());
    return to;
}

StateSet Language::close(StateSet from, const ByteSet& bytes, Budget& budget) const {
    std::vector<bool> is_in(dfa_.states.size());
    const std::size_t size = bytes.size();
    budget.spend(dfa_.states.size() / 64);
    for (const StateId state : from) is_in[state] = true;
    for (std::size_t i = 0; i < from.size() && !budget.is_spent(); i++) {
        budget.spend(1 + dfa_.states[from[i]].edge_count);
        if (is_in[automata::kDead]) return {automata::kDead};
        for_targets(from[i], bytes, size, [&](StateId target) {
            if (is_in[target]) return;
            is_in[target] = true;
            from.push_back(target);
        });
    }
    std::ranges::sort(from);
    return from;
}

Match match(const Language& language, StateSet from, const Glob& glob, Budget& budget) {
    for (const Element& element : glob) {
        from = element.is_loop ? language.close(std::move(from), element.bytes, budget)
                               : language.step(from, element.bytes, budget);
        // Nothing leads back from there.
        if (!from.empty() && from.front() == automata::kDead) return {};
    }
    if (budget.is_spent()) return {};
    return {std::ranges::all_of(from, [&](StateId state) { return language.is_may(state); }),
            std::ranges::any_of(from, [&](StateId state) { return language.is_must(state); })};
}

}  // namespace isolates::show
