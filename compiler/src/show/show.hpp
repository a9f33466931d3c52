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
//   fields     the same for facts of several texts
//   rules      the rules of a class; files, pairs, sockets, ...: as text
//   attachment what a policy attaches to
//   compare    whether the result decides the same
//
// Nothing is needed but the automata: the source and the places of rules may have
// been stripped. What comes out need not be what went in, but decides the same.
#pragma once

#include <expected>
#include <string>

#include "decide/decide.hpp"

namespace isolates::show {

struct Text {
    std::string variables;  // lines that go before the first policy; mostly there are none
    std::string policy;

    [[nodiscard]] std::string whole() const { return variables + policy; }
};

// The text of @policy. It was compiled, and the result was compared with @policy in all
// that both decide. Fails with the reason if no such text was found: the language lacks
// words for what the policy says, or it takes too much. Of the policies of one blob no two
// have variables of one name.
[[nodiscard]] std::expected<Text, std::string> decompile(const decide::Blob& blob,
                                                         const decide::Policy& policy);

}  // namespace isolates::show
