// SPDX-License-Identifier: GPL-2.0-only
// A set of paths or names as AppArmor's globs, where they are few and short.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "exact/difference.hpp"

namespace isolates::exact {

// More globs than these say less than the rules do.
inline constexpr std::size_t kGlobsMax = 8;

// Globs that together match exactly those facts of the difference, from @state on
// and with what leads there left out, that can be facts at all. @behind_slash: a
// slash leads there. Nothing if they get too many, or the automaton has loops that
// are no "*" or "**" of a whole component or of all the rest.
[[nodiscard]] std::optional<std::vector<std::string>> globs_of(const Difference& difference,
                                                               std::uint32_t state,
                                                               bool behind_slash);

// The text of one byte in a glob, with an escape where it needs one.
[[nodiscard]] std::string glob_byte(std::uint8_t byte);

}  // namespace isolates::exact
