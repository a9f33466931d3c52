// SPDX-License-Identifier: GPL-2.0-only
// The automata of a blob as plain ones, cut to the facts that there can be.
#pragma once

#include <cstdint>
#include <span>

#include "automata/dfa/dfa.hpp"
#include "core.hpp"

namespace isolates::show {

using automata::Dfa;
using automata::LabelId;
using automata::StateId;

// What the facts of an operation may be, as an automaton: a label other than
// automata::kNoLabel is on what is a whole fact, kApart on directories and on unix sockets,
// which sometimes are told apart; and what leads to the dead state begins none.
using Domain = Dfa;

inline constexpr LabelId kFact = 1;
inline constexpr LabelId kApart = 2;

// The states of @automaton, those within a run each on its own. Labels are the
// numbers of the policy's permissions. Takes memory for each byte of each run.
[[nodiscard]] Dfa expand(const isolates_view& view, const isolates_automaton& automaton);

// @dfa beside @domain. What is no fact gets the label @outside, and all that can
// begin none leads to one state of that label. @dfa's dead state stays what it is.
// @apart is added to the labels of what is told apart.
[[nodiscard]] Dfa restrict_to(const Dfa& dfa, const Domain& domain, LabelId outside,
                              LabelId apart = 0);

// The same automaton with the label @values[l] for each label l, minimal.
[[nodiscard]] Dfa relabel(const Dfa& dfa, std::span<const LabelId> values);

}  // namespace isolates::show
