// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "decide/decide.hpp"
#include "lint/warner.hpp"
#include "sema/model.hpp"

namespace isolates::lint {

// Files of the kernel through which whoever may write to them acts on the whole
// machine, whatever namespaces it is in.
void warn_of_dangerous_files(const model::Policy& policy, const decide::Policy& decided,
                             Warner& warner);

}  // namespace isolates::lint
