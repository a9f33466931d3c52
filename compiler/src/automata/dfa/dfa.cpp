// SPDX-License-Identifier: GPL-2.0-only
#include "automata/dfa/dfa.hpp"

#include <algorithm>

namespace isolates::automata {

StateId Dfa::next(StateId state, std::uint8_t byte) const {
    const auto all = edges_of(states[state]);
    const auto found = std::ranges::lower_bound(all, byte, {}, &Edge::byte);
    return found != all.end() && found->byte == byte ? found->target : states[state].otherwise;
}

LabelId Dfa::label_of(std::string_view text) const {
    StateId state = start;
    for (const char c : text) state = next(state, static_cast<std::uint8_t>(c));
    return states[state].label;
}

Dfa as_dfa(const Nfa& nfa) {
    Dfa dfa;
    dfa.states.emplace_back();
    const auto state_of = [](NodeId id) { return id + 1; };
    for (NodeId id = 0; id < nfa.size(); id++) {
        const Nfa::Node& node = nfa[id];
        dfa.states.push_back(
            {node.accept, kDead, static_cast<std::uint32_t>(dfa.edges.size()), node.edge_count});
        for (const Nfa::Edge& edge : nfa.edges(node))
            dfa.edges.push_back(
                {state_of(edge.target), static_cast<std::uint8_t>(edge.item.value())});
    }
    if (nfa.start != kNone) dfa.start = state_of(nfa.start);
    return dfa;
}

}  // namespace isolates::automata
