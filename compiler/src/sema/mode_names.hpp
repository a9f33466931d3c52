// SPDX-License-Identifier: GPL-2.0-only
// The modes of policies by the names that flags and the kernel have for them.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "core.hpp"

namespace isolates::sema {

inline constexpr std::array<std::string_view, ISOLATES_MODE_COUNT> mode_names = {
    "enforce", "complain", "kill", "disabled"};
static_assert(std::ranges::find(mode_names, "") == mode_names.end(), "a mode has no name");

}  // namespace isolates::sema
