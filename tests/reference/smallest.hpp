// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>

#include "automata/dfa/dfa.hpp"

namespace isolates::reference {

// The number of states of the smallest automaton that does what @dfa does, the dead one
// included: Moore's partition refinement, over all bytes and from the definition.
[[nodiscard]] std::size_t smallest_size(const automata::Dfa& dfa);

}  // namespace isolates::reference
