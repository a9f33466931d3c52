// SPDX-License-Identifier: GPL-2.0-only
// The smallest automaton that gives every input the same label.
//
// The strongly connected components are classified one by one, those they lead to
// first (components.hpp), so that all that a component leads to has its class already,
// and classes are inequivalent:
//
// 1. A component from where every input ends in one label becomes the sink of that
//    label, even if a cycle says so in many words.
// 2. A state on no cycle is equivalent to another one if their labels and the classes
//    they lead to are the same: hash-consing, as for automata without cycles (Revuz:
//    "Minimisation of acyclic deterministic automata in linear time", 1992).
// 3. The states of a component with a cycle are either all equivalent to some that are
//    classified, or none of them is, as from each all others are reached. Whether they
//    are is found by walking side by side, from one state here and one there. If none
//    is, the component is refined alone (refine.hpp).
//
// Where to begin the walk: let C be the classes that a component K is equivalent to. They
// lie on one cycle of classes, M. If K leads directly into M, all of M's classes are tried.
// Otherwise C is all of M, with the same ways out on the same bytes as K, and so it is
// looked up by a hash of all these ways.
#pragma once

#include "automata/dfa/dfa.hpp"

namespace isolates::automata {

// What all walks may take, for each state and edge. A component that is tried with many
// cycles in vain is strange; then all states are refined at once instead.
inline constexpr std::size_t kWalkStepsPerWay = 16;

[[nodiscard]] Dfa minimise(Dfa dfa, std::size_t steps_per_way = kWalkStepsPerWay);

}  // namespace isolates::automata
