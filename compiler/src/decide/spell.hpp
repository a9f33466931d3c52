// SPDX-License-Identifier: GPL-2.0-only
// Facts as the bytes an automaton walks, in one piece.
#pragma once

#include <cstdint>
#include <vector>

#include "decide/decide.hpp"

namespace isolates::decide {

[[nodiscard]] std::vector<std::uint8_t> spell(const FileFacts& facts);
[[nodiscard]] std::vector<std::uint8_t> spell(const SignalFacts& facts);
[[nodiscard]] std::vector<std::uint8_t> spell(const NetworkFacts& facts);

}  // namespace isolates::decide
