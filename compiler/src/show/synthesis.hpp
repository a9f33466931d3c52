// SPDX-License-Identifier: GPL-2.0-only
// From one text that must be matched to a glob that matches as much as it may.
#pragma once

#include <cstddef>
#include <vector>

#include "show/language.hpp"

namespace isolates::show {

// How a text leads through a language's automaton: the bytes that lead from each
// state to the next one.
struct Path {
    std::vector<StateId> states;  // one more than sets
    std::vector<ByteSet> sets;
};

// A glob that matches @path and nothing that @language may not have. Parts of the
// path become "**" and "*", from left to right, the longest part first. There is none
// before the byte at @first_loop.
[[nodiscard]] Glob synthesise(const Language& language, const Path& path, std::size_t first_loop,
                              Budget& budget);

}  // namespace isolates::show
