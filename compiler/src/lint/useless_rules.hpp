// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "lint/warner.hpp"
#include "sema/model.hpp"

namespace isolates::lint {

// Rules that never matter: what they allow is denied, or other rules say it as well.
// Only those of the policy's own file: what is included is made for many policies.
void warn_of_useless_rules(const model::Policy& policy, Warner& warner);

}  // namespace isolates::lint
