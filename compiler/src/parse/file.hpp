// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <expected>
#include <string>

namespace isolates::parse {

// How large a policy, or anything else that ipolc reads whole, may be.
inline constexpr std::size_t file_size_max = std::size_t{256} << 20;

// The whole content of a file; on failure a reason that fits behind "cannot read
// FILE: ".
std::expected<std::string, std::string> read_file(const std::string& path,
                                                  std::size_t size_max = file_size_max);

}  // namespace isolates::parse
