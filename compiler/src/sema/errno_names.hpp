// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace isolates::sema {

// The number of an errno that a rule may give, as "EACCES".
std::optional<std::uint32_t> errno_number(std::string_view name);

// The name of an errno, or an empty view.
std::string_view errno_name(std::uint32_t number);

// All names, for suggestions.
std::span<const std::string_view> errno_names();

}  // namespace isolates::sema
