// SPDX-License-Identifier: GPL-2.0-only
// A glob while it is being found, and as text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "automata/byte_set.hpp"

namespace isolates::show {

using automata::ByteSet;

// One byte of a set, or any number of bytes of a set. Loops are "*" and "**", so
// their set is one of kNameByte and kAnyByte.
struct Element {
    ByteSet bytes;
    bool is_loop = false;

    auto operator<=>(const Element&) const = default;
};

using Glob = std::vector<Element>;

[[nodiscard]] constexpr ByteSet common(const ByteSet& a, const ByteSet& b) {
    ByteSet either = a.complement();
    either.add(b.complement());
    return either.complement();
}

[[nodiscard]] constexpr ByteSet only(std::uint8_t byte) {
    return ByteSet::range(byte, byte);
}

// No path and no name has a byte 0, and so no set here.
inline constexpr ByteSet kAnyByte = ByteSet::range(1, 255);
inline constexpr ByteSet kNameByte = common(kAnyByte, only('/').complement());

// The glob as the language writes it, escapes included: parse_glob() makes the same
// of it, but for the byte 0. @is_path: two slashes in a row need not be matched, or
// not matched, as no path has them.
[[nodiscard]] std::string text_of(const Glob& glob, bool is_path);

// @text in quotes if a rule needs them around it.
[[nodiscard]] std::string quoted(const std::string& text);

// A path or name that is no glob, as a rule has it.
[[nodiscard]] std::string escaped_name(std::string_view name);

}  // namespace isolates::show
