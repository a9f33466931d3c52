// SPDX-License-Identifier: GPL-2.0-only
// The smallest automaton that gives every input the same label.
//
// Most of a policy's automaton has no cycles, and for that part merging equal
// states back to front is exact, linear and cheap (Revuz: "Minimisation of
// acyclic deterministic automata in linear time", 1992). Only what can reach a
// cycle needs the refinement of partitions. The three steps are:
//
// 1. Strongly connected components, those they lead to first (components.hpp).
//    A state from where every input ends in one label becomes the sink of that
//    label, even if a cycle says so in many words.
// 2. States that reach nothing but sinks: merged by hash-consing.
// 3. The others: Hopcroft's refinement (refine.hpp).
//
// After step 1 no state of the second kind is equivalent to one of the third:
// from the one every long enough input ends in a sink, from the other some
// never does. So the parts can be minimised apart.
#pragma once

#include "automata/dfa/dfa.hpp"

namespace isolates::automata {

[[nodiscard]] Dfa minimise(Dfa dfa);

}  // namespace isolates::automata
