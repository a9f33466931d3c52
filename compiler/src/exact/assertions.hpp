// SPDX-License-Identifier: GPL-2.0-only
// "assert never RULE", checked on the automata.
#pragma once

#include "decide/decide.hpp"
#include "diag/report.hpp"
#include "diag/sources.hpp"
#include "sema/model.hpp"

namespace isolates::exact {

// Reports each assertion of the program's policies that does not hold in @blob, which
// was compiled from it: what is allowed, with an example, and the rules that allow it.
// An assertion is about what the rules say, whatever the policy's mode is.
void check_assertions(const model::Program& program, const decide::Blob& blob,
                      const diag::Sources& sources, diag::Report& report);

}  // namespace isolates::exact
