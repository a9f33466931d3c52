// SPDX-License-Identifier: GPL-2.0-only
// The strongly connected components of an automaton, by Tarjan ("Depth-first
// search and linear graph algorithms", 1972), without recursion: an automaton
// is as deep as its longest path.
#pragma once

#include <span>
#include <vector>

#include "automata/dfa/dfa.hpp"

namespace isolates::automata {

struct Components {
    std::vector<StateId> states;       // of all components, one behind the other
    std::vector<std::uint32_t> first;  // of each component, and the end

    [[nodiscard]] std::size_t size() const { return first.size() - 1; }
    [[nodiscard]] std::span<const StateId> operator[](std::size_t component) const {
        return {states.data() + first[component], first[component + 1] - first[component]};
    }
};

// Each component comes after all it leads to. The dead state is the first; what
// neither it nor the start leads to is in none.
[[nodiscard]] Components find_components(const Dfa& dfa);

}  // namespace isolates::automata
