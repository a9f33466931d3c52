// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>

namespace isolates::sema {

// A limit as the rule that sets it says it: "nofile <= 1024". @resource: RLIMIT_*;
// @limit: as setrlimit(2) counts. Empty if there is no such resource.
std::string describe_rlimit(std::uint32_t resource, std::uint64_t limit);

}  // namespace isolates::sema
