// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "core.hpp"

namespace isolates::reference {

// Ask one policy of a verified blob about samples of every class and of system calls, and
// read all that a verdict leads to. Returns what is wrong with a verdict, or nothing.
[[nodiscard]] std::string ask(const isolates_view& view, const isolates_policy& policy);

}  // namespace isolates::reference
