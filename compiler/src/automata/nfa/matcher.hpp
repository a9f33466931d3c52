// SPDX-License-Identifier: GPL-2.0-only
// Runs a nondeterministic automaton as it is, keeping the set of nodes it may be
// in (Thompson: "Regular expression search algorithm", 1968). Takes time linear
// in the text and needs no determinisation: right for asking one rule one thing.
#pragma once

#include <span>

#include "automata/nfa/nfa.hpp"

namespace isolates::automata {

// Whether @nfa accepts @text with any label.
[[nodiscard]] bool matches(const Nfa& nfa, std::span<const std::uint8_t> text);

}  // namespace isolates::automata
