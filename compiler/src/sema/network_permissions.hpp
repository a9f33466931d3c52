// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <span>

#include "sema/permissions.hpp"

namespace isolates::sema {

// The operations on sockets by AppArmor's names, and the words that it takes for
// several of them.
std::span<const Permission> network_permissions();

}  // namespace isolates::sema
