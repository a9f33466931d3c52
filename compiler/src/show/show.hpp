// SPDX-License-Identifier: GPL-2.0-only
// From a blob back to policies.
//
//   expand     the automata of a blob, state by state
//   domains    the facts there can be
//   atoms      which operations stand in rules together
//   exec       where execs lead
//   language   what the globs of a rule have to match, and may match
//   search     globs for that, by
//     synthesis  one glob from one text
//     cover      what the globs found so far match
//   rules      the rules of a class; files, peers, ...: as text
//   compare    whether the result decides the same
//
// Nothing is needed but the automata: the source and the places of rules may have
// been stripped. What comes out need not be what went in, but decides the same.
#pragma once

#include <expected>
#include <string>

#include "decide/decide.hpp"

namespace isolates::show {

// The text of @policy. It was compiled, and the result was compared with @policy in all
// that both decide. Fails with the reason if no such text was found: the language lacks
// words for what the policy says, or it takes too much.
[[nodiscard]] std::expected<std::string, std::string> decompile(const decide::Blob& blob,
                                                                const decide::Policy& policy);

}  // namespace isolates::show
