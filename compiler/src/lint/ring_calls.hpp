// SPDX-License-Identifier: GPL-2.0-only
// System calls whose work io_uring does as well.
#pragma once

#include <span>
#include <string_view>

#include "lint/warner.hpp"
#include "sema/model.hpp"

namespace isolates::lint {

// Their names, sorted; as in lsm/ring.c, where the kernel looks them up.
std::span<const std::string_view> ring_calls();

// Warns of conditions on arguments that a ring's operations do not have: what is denied
// by them is denied to rings whatever the arguments are, and what is allowed is not.
void warn_of_ring_calls(const model::Policy& policy, Warner& warner);

}  // namespace isolates::lint
