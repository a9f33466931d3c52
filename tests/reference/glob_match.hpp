// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string_view>

namespace isolates::reference {

// Whether AppArmor's @glob, which is well formed, matches all of @text. Tries all
// ways, and remembers which pairs of places are known to lead nowhere.
[[nodiscard]] bool glob_matches(std::string_view glob, std::string_view text);

}  // namespace isolates::reference
