// SPDX-License-Identifier: GPL-2.0-only
// Globs for a language.
//
// A depth-first walk over the language's automaton and, beside it, the automaton of
// the globs found so far. Where something that must be matched is matched by no glob,
// the way there is made a glob that matches as much as it may (synthesis.hpp), and the
// walk goes on. It is over when a whole walk has found nothing more.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "show/language.hpp"
#include "show/synthesis.hpp"

namespace isolates::show {

// Globs that together match all that @language must have, and nothing that it may not
// have; none of them is matched as a whole by another one. There is no "*" or "**"
// before the byte at @first_loop. Nothing if the budget is spent before.
[[nodiscard]] std::optional<std::vector<Glob>> find_globs(const Language& language,
                                                          std::size_t first_loop, Budget& budget);

// From a text that must be matched, and how it leads there, to what matches it and
// more: several globs at once, if a rule is about them all. None: there is no such rule.
using Maker =
    std::function<std::vector<Glob>(const Path& path, const std::vector<std::uint8_t>& text)>;

// As above, with globs that @make makes. Texts are of @bytes. What @known globs match is
// matched already. Nothing if the budget is spent before, or nothing was made.
[[nodiscard]] std::optional<std::vector<Glob>> cover(const Language& language, const ByteSet& bytes,
                                                     const Maker& make,
                                                     const std::vector<Glob>& known,
                                                     Budget& budget);

}  // namespace isolates::show
