// SPDX-License-Identifier: GPL-2.0-only
// Sockets and their endpoints in words: see describe.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "exact/difference.hpp"

namespace isolates::exact {

[[nodiscard]] std::string describe_socket(std::span<const std::uint8_t> facts);
[[nodiscard]] std::optional<std::vector<std::string>> sockets_exactly(const Difference& difference);
[[nodiscard]] std::string beginning_of_sockets(const Difference& difference);

}  // namespace isolates::exact
