// SPDX-License-Identifier: GPL-2.0-only
// The classes of operations by the words with which their rules begin.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "core.hpp"

namespace isolates::sema {

inline constexpr std::array<std::string_view, ISOLATES_CLASS_COUNT> class_names = {
    "file",      "signal",   "network", "mount",          "capability", "ptrace",
    "namespace", "io_uring", "unix",    "change_profile", "link",       "attach"};
static_assert(std::ranges::find(class_names, "") == class_names.end(), "a class has no name");

}  // namespace isolates::sema
