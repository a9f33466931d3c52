// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "diag/report.hpp"
#include "parse/ast/policy.hpp"
#include "sema/model.hpp"

namespace isolates::sema {

// Reads a policy's flags; those that the kernel does not know yet, and those of
// AppArmor that mean nothing to isolates, are warned about. Returns whether all rules
// are audited.
bool read_flags(const ast::Policy& syntax, diag::Report& report, model::Policy& policy);

}  // namespace isolates::sema
