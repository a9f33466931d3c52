// SPDX-License-Identifier: GPL-2.0-only
// The exact difference of two policies in one class.
//
// All automata of the class of both policies are walked side by side: a state of
// the product is where each of them is, and where the shape of the facts is. What
// is allowed in it follows as in isolates_decide(). The facts that the one policy
// allows and the other does not are the language of the product, with those states
// accepting where that is so.
//
// The automata of a policy were split so that they need not be multiplied; here
// they are. Two things keep the product small. Decisions (an operation, on one's
// own objects or those of others) are taken apart: what is to be found out about
// one of them is only yes or no. And an automaton that has nothing more to say
// about the decision, or whose word is final, is followed no further; so
// /**/a/** r, /**/b/** w, /**/c/** rw, which have to remember every subset that
// the path has met, are an automaton of a few states for each decision. Decisions
// that no label tells apart share a product.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <vector>

#include "automata/byte_set.hpp"
#include "exact/automaton.hpp"
#include "exact/shape.hpp"
#include "exact/side.hpp"

namespace isolates::exact {

// A set of facts, never empty, about which some decisions differ; as an automaton of
// which every state leads to an accepting one, and is led to from state 0.
struct Difference {
    struct Edge {
        automata::ByteSet bytes;
        std::uint32_t target = 0;
    };

    struct State {
        bool accepts = false;
        // All facts are in the set that begin with what leads here.
        bool is_whole = false;
        std::uint32_t first_edge = 0;
        std::uint32_t edge_count = 0;
        automata::StateId shape = 0;  // state of the class's facts
    };

    isolates_class class_id = ISOLATES_CLASS_FILE;
    Decisions decisions = 0;
    std::string target;  // of an exec, where it leads; empty: that was not looked at
    std::vector<State> states;
    std::vector<Edge> edges;
    // One of the shortest facts in the set; of these one that is good to read.
    std::vector<std::uint8_t> example;

    [[nodiscard]] std::span<const Edge> edges_of(const State& state) const {
        return std::span(edges).subspan(state.first_edge, state.edge_count);
    }
    [[nodiscard]] bool contains(std::span<const std::uint8_t> facts) const;
};

// How many states of products are looked at before giving up, for each decision.
inline constexpr std::size_t kProductStatesMax = std::size_t{1} << 21;

// What @before allows and @after does not, in the order of the decisions. Empty: the
// class of @after allows all that @before's does.
//
// Of files execs are not among it: lost_execs() tells them apart by where they lead.
[[nodiscard]] std::expected<std::vector<Difference>, TooLarge> lost_but_execs(
    const Side& before, const Side& after, isolates_class class_id,
    std::size_t states_max = kProductStatesMax);

// The execs that @before allows and @after does not, or not to the same policy.
[[nodiscard]] std::expected<std::vector<Difference>, TooLarge> lost_execs(
    const Side& before, const Side& after, std::size_t states_max = kProductStatesMax);

// The same with execs that are allowed wherever they lead taken for equal.
[[nodiscard]] std::expected<std::vector<Difference>, TooLarge> lost(
    const Side& before, const Side& after, isolates_class class_id,
    std::size_t states_max = kProductStatesMax);

}  // namespace isolates::exact
