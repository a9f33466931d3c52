// SPDX-License-Identifier: GPL-2.0-only
// The capabilities, by AppArmor's names: the kernel's, in lower case without "CAP_".
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace isolates::sema {

// The number of a capability, as in include/uapi/linux/capability.h.
std::optional<std::uint8_t> capability_number(std::string_view name);

// All names, by number.
std::span<const std::string_view> capability_names();

}  // namespace isolates::sema
