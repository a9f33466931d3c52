// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "lint/warner.hpp"
#include "sema/model.hpp"

namespace isolates::lint {

// Denied system calls whose work another call does that is not denied.
void warn_of_other_calls(const model::Policy& policy, Warner& warner);

}  // namespace isolates::lint
