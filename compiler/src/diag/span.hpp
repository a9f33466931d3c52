// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

namespace isolates::diag {

// A place in a file. Lines and columns count from 1, columns in bytes.
struct Position {
    std::uint32_t line = 1;
    std::uint32_t column = 1;

    auto operator<=>(const Position&) const = default;
};

// Text from begin up to, but not including, end. "inclusion" says which file, and
// on which way of includes it was reached: see Sources.
struct Span {
    std::uint32_t inclusion = 0;
    Position begin;
    Position end;

    bool operator==(const Span&) const = default;

    [[nodiscard]] bool is_empty() const { return begin == end; }

    // The empty text behind this one: where something is missing.
    [[nodiscard]] Span behind() const { return {inclusion, end, end}; }
};

// From the beginning of one span to the end of another. They are of one file unless
// a rule goes on behind an include, and then the first one's file counts.
inline Span join(const Span& first, const Span& last) {
    return {first.inclusion, first.begin, first.inclusion == last.inclusion ? last.end : first.end};
}

}  // namespace isolates::diag
