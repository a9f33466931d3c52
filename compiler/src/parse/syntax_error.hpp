// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "parse/grammar.hpp"

namespace isolates::parse {

// Says what is wrong at the token that does not fit, and brings the lexer to where
// the parser can go on.
void report_syntax_error(Lexer& lexer, const Grammar::context& failure);

}  // namespace isolates::parse
