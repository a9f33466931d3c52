// SPDX-License-Identifier: GPL-2.0-only
// Where execs lead.
//
// A rule without a wildcard beats one that has any, so a wildcard may match programs that
// other rules name one by one. States that few texts lead to are marked for that: there a
// wildcard may match what leads elsewhere, if a rule for each such text says so then.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core.hpp"
#include "show/atoms.hpp"
#include "show/expand.hpp"

namespace isolates::show {

// Gives the states of @dfa, whose labels are those of @perms or of directories, in which an
// exec is allowed and to which few texts lead, the labels of exact paths; and of all others
// only those of directories in which an exec is allowed a label of their own.
void mark_exact(Dfa& dfa, std::span<const isolates_perms> perms);

// The texts that lead to states with a label of an exact path, and that label's number
// among the permissions.
[[nodiscard]] std::vector<std::pair<std::string, LabelId>> exact_texts(const Dfa& dfa,
                                                                       LabelSpace labels);

// How a rule says where an exec leads.
struct ExecText {
    std::string mode = "ix";
    std::string target;  // a policy's name; empty: none is named
};

// @exec: as isolates_perms::exec.
[[nodiscard]] ExecText exec_text(const isolates_view& view, const isolates_policy& policy,
                                 std::uint32_t exec);

}  // namespace isolates::show
