// SPDX-License-Identifier: GPL-2.0-only
// AppArmor's globs as patterns.
//
//   *      any number of bytes but '/'; at least one if it makes up a whole
//          component: directly behind a '/', and at the end or before a '/'.
//   **     any number of bytes; at least one, no '/', in the same place.
//   ?      one byte but '/'.
//   [a-z]  one byte of the set, [^a-z] one byte not in it, '/' like any other.
//   {a,b}  one of the alternatives, two at least; they may be empty, and nest.
//   \      takes the meaning from what follows; \101 \d65 \x41 are the byte of
//          that number, \a \e \f \n \r \t control characters.
//
// All this, down to the asymmetry that a '*' behind an alternation may match
// nothing, is what convert_aaregex_to_pcre() of AppArmor's parser does
// (parser/parser_regex.c and parser/lib.c in AppArmor 4), so that its users'
// globs mean the same. Where that code drops a backslash with a warning, within
// [], this one heeds it: [a\-z] is three bytes. '*' and '?' within [] stand for
// themselves; AppArmor makes of them a pattern that nobody can have meant.
//
// No path and no name has a byte 0, so it does not matter what a pattern says
// of it: it goes with the bytes that no rule names. So a "**" at the end takes
// whatever follows, and an automaton that arrives there may stop reading.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include "automata/pattern/vocabulary.hpp"

namespace isolates::automata {

struct GlobError {
    std::string message;
    std::size_t position = 0;  // in the glob, in bytes
};

// How deep {} may nest, as in AppArmor.
inline constexpr std::size_t kGlobDepthMax = 49;

// The pattern of @glob.
[[nodiscard]] std::expected<Sequence, GlobError> parse_glob(std::string_view glob,
                                                            Vocabulary& vocabulary);

// Whether filter_slashes() may change anything.
[[nodiscard]] bool has_repeated_slash(std::string_view glob);

// @glob with each run of slashes as one, as the kernel names no path otherwise.
// Like AppArmor, spares exactly two at the very front; no path has those.
[[nodiscard]] std::string filter_slashes(std::string_view glob);

}  // namespace isolates::automata
