// SPDX-License-Identifier: GPL-2.0-only
// What is right, and still is not what anybody wants.
#pragma once

#include "decide/decide.hpp"
#include "diag/report.hpp"
#include "diag/sources.hpp"
#include "sema/model.hpp"

namespace isolates::lint {

// Warns in @report of what looks like a mistake in the policies of @program, of which
// @blob was made: rules that never matter, files that lead out of every namespace,
// denied system calls whose work another call does. Takes longer than compiling.
void lint(const model::Program& program, const decide::Blob& blob, const diag::Sources& sources,
          diag::Report& report);

}  // namespace isolates::lint
