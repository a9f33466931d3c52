// SPDX-License-Identifier: GPL-2.0-only
// Which patterns share an automaton.
//
// One automaton for all of them is the fastest to walk, and mostly the smallest.
// But patterns that can be under way at the same time, wherever the path has got
// to, multiply each other: one automaton has to remember every combination. A
// few automata side by side have to remember far fewer (Yu, Chen, Diao, Lakshman,
// Katz: "Fast and memory-efficient regular expression matching for deep packet
// inspection", 2006, group rules for that reason).
//
// So ever finer divisions are tried, until none of the automata grows out of
// proportion to its patterns. Those that roam, with a ** before their end, are
// set apart first, and dealt out like cards in the order of their texts: patterns
// that begin alike are those that meet. What does not get small that way may get
// large, up to a bound.
#pragma once

#include <expected>
#include <vector>

#include "automata/dfa/dfa.hpp"

namespace isolates::automata {

// Patterns that multiply each other beyond bounds.
struct SplitError {
    std::vector<std::uint32_t> patterns;  // the most likely culprits first
    bool is_bound = false;  // some of them must share one automaton (Pattern::is_bound)
};

// The minimal automata of all @patterns; none if nothing is ever accepted.
[[nodiscard]] std::expected<std::vector<Dfa>, SplitError> build_automata(const Patterns& patterns,
                                                                         Labels& labels);

}  // namespace isolates::automata
