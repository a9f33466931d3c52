// SPDX-License-Identifier: GPL-2.0-only
// From the rules of one class of a policy to the automata that decide it:
//
//   pattern/   rules -> patterns over the bytes of the facts
//   label/     what rules say together in one state
//   split/     which patterns share an automaton
//   nfa/       patterns -> one nondeterministic automaton
//   dfa/       -> deterministic
//   minimal/   -> minimal
//   compact/   -> the states and edges of a blob
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "automata/compact/compact.hpp"
#include "automata/label/label.hpp"
#include "sema/model.hpp"

namespace isolates::automata {

struct BuildError {
    std::string message;
    std::vector<std::uint32_t> rules;  // indices into model::Policy::rules
};

// The automata of a class, none if it has no rules, ISOLATES_AUTOMATA_MAX at
// most. Their labels are in @labels. The same rules give the same automata.
//
// Fails on a malformed glob, and if no way is found to keep the automata small.
[[nodiscard]] std::expected<std::vector<CompactAutomaton>, BuildError> build_class(
    const model::Policy& policy, isolates_class class_id, Labels& labels);

}  // namespace isolates::automata
