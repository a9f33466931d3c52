// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>

namespace isolates::reference {

// What holds of whatever the formatter takes: the same tokens and comments, to itself as to
// the parser, which knows nothing of it; what is formatted stays; no white space but what its
// style has. Returns what does not hold of @text, or nothing.
[[nodiscard]] std::string check_formatting(std::string_view text);

}  // namespace isolates::reference
