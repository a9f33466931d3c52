// SPDX-License-Identifier: GPL-2.0-only
// Policies in one style:
//
//   policy web flags=(complain) {       # two spaces a level, a block's brace behind one
//     include <abstractions/base>
//
//     /srv/www/{a,b}/** r,              # one rule a line
//     deny /** (
//       chmod, chown                    # but where its author broke a rule, it is broken
//     ),
//   }
//
// Words stand one space apart, or none if there was none. At most one empty line goes
// before a rule or a comment, and none before the first one of a block. A text whose
// rules are all indented, as abstractions are, stays a level deep.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "diag/report.hpp"

namespace isolates::format {

// The text with other white space, and nothing else: the same tokens and comments in
// the same order. What it returns it returns as it is if it is given that. Nothing if the
// text has no tokens: see scan().
std::optional<std::string> formatted(std::string_view text, std::uint32_t inclusion,
                                     diag::Report& report);

}  // namespace isolates::format
