// SPDX-License-Identifier: GPL-2.0-only
// A deterministic automaton over bytes. Each state has one target for most bytes
// and an edge for each byte that leads elsewhere, as the states of paths have
// few ways on. State 0 is the dead state.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "automata/label/label.hpp"
#include "automata/nfa/nfa.hpp"

namespace isolates::automata {

using StateId = std::uint32_t;

inline constexpr StateId kDead = 0;

struct Dfa {
    struct Edge {
        StateId target;
        std::uint8_t byte;
    };

    // All zero is a state like the dead one, but it leads there.
    struct State {
        LabelId label;  // if the input ends here
        StateId otherwise;
        std::uint32_t first_edge;
        std::uint32_t edge_count;  // ascending by byte, none to "otherwise"
    };

    std::vector<State> states;
    std::vector<Edge> edges;
    StateId start = kDead;

    [[nodiscard]] std::span<const Edge> edges_of(const State& state) const {
        return {edges.data() + state.first_edge, state.edge_count};
    }
    [[nodiscard]] StateId next(StateId state, std::uint8_t byte) const;

    // The label of @text: for tests, and for what needs no speed.
    [[nodiscard]] LabelId label_of(std::string_view text) const;
};

struct DfaLimits {
    std::size_t states = 0;
    std::size_t words = 0;   // of all sets of nodes and edges together
    std::size_t visits = 0;  // of nodes, which is what the time goes with
};

// @nfa as it is; it must be plain.
[[nodiscard]] Dfa as_dfa(const Nfa& nfa);

// Make @nfa deterministic; none if it gets larger than @limits. May add nodes.
[[nodiscard]] std::optional<Dfa> determinise(Nfa& nfa, Labels& labels, const DfaLimits& limits);

}  // namespace isolates::automata
