// SPDX-License-Identifier: GPL-2.0-only
// Minimisation by refining partitions, after Hopcroft ("An n log n algorithm for
// minimizing states in a finite automaton", 1971), for states that give most
// bytes one common target.
//
// A block is split by where its states lead. For a splitter B, the states whose
// "otherwise" lies in B are told from the others first. After that each block is
// on one side, and for any byte it is enough to look at edges: on the one side
// those that lead out of B, on the other side those that lead into it. So the
// cost is counted in edges, never in 256 bytes for each state, and the bound of
// O(m log n) holds with m the number of states and edges.
//
// This takes it that "otherwise" is where some byte really leads; the same one
// for all states.
#pragma once

#include <span>
#include <vector>

#include "automata/dfa/dfa.hpp"

namespace isolates::automata {

// Give each of @states the number of its equivalence class, from @count on, in
// @class_of; the states they lead to that are not among them have theirs already
// and are inequivalent to them. @element_of, by state, has kNone everywhere before
// and after: who refines often need not make it each time. Returns the count with
// the new classes.
[[nodiscard]] std::uint32_t refine(const Dfa& dfa, std::span<const StateId> states,
                                   std::vector<std::uint32_t>& class_of, std::uint32_t count,
                                   std::vector<std::uint32_t>& element_of);

}  // namespace isolates::automata
