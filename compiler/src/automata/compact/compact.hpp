// SPDX-License-Identifier: GPL-2.0-only
// From a minimal automaton to the states and edges of a blob (lsm/core/blob.h).
//
// Each state becomes the smallest kind that can say what it does. "Otherwise" is
// the target that most bytes have, so that the edges are few. A chain of states
// with one edge each becomes one STRING, as far as nothing else leads into it:
// most of a path is that. States with many edges share one map from bytes to
// classes and become DENSE, one load each, where that costs no more than twice
// the room of SPARSE; the trick is as old as lex.
//
// States are numbered breadth first from the start, the dead one first. So the
// numbers depend on the language alone, and the states near the root, which
// every walk passes, lie together.
#pragma once

#include <optional>
#include <vector>

#include "automata/dfa/dfa.hpp"

namespace isolates::automata {

struct CompactAutomaton {
    std::vector<isolates_state> states;  // "perms" holds a LabelId yet
    std::vector<std::uint32_t> edges;
    std::uint32_t start = 0;
    std::uint32_t byte_classes = 0;  // 0: no state is dense
    isolates_byte_classes map{};
};

[[nodiscard]] CompactAutomaton compact(Dfa dfa);

}  // namespace isolates::automata
