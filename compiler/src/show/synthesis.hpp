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

// Whether "**" or "*" may stand at a place of a path.
enum class Place : std::uint8_t {
    none,
    whole,  // "**" alone, in place of all up to the next byte 0 or the end
    any,
};

// By the place in a path, one more than it has bytes.
using Places = std::vector<Place>;

// A glob that matches @path and nothing that @language may not have. Parts of the
// path become "**" and "*", from left to right, the longest part first.
[[nodiscard]] Glob synthesise(const Language& language, const Path& path, const Places& places,
                              Budget& budget);

}  // namespace isolates::show
