// SPDX-License-Identifier: GPL-2.0-only
// Exec rules that contradict each other: a program that two of them allow to be
// run, and lead to different policies.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "automata/dfa/dfa.hpp"
#include "automata/pattern/patterns.hpp"

namespace isolates::automata {

struct ExecConflict {
    std::string example;               // one of the shortest paths that both match
    std::vector<std::uint32_t> rules;  // one for each transition
};

// The first contradiction in an automaton of file rules, if there is any.
[[nodiscard]] std::optional<ExecConflict> find_exec_conflict(const Dfa& dfa,
                                                             const Patterns& patterns,
                                                             Labels& labels);

}  // namespace isolates::automata
