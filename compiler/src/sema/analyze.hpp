// SPDX-License-Identifier: GPL-2.0-only
// From the syntax of policies to their meaning.
#pragma once

#include <vector>

#include "diag/report.hpp"
#include "diag/sources.hpp"
#include "parse/ast/document.hpp"
#include "sema/model.hpp"
#include "sema/variables.hpp"

namespace isolates::sema {

// Adds a document's policies to the program: names resolved, variables expanded.
// What is wrong goes to the report; the program is of use only if nothing is.
// "definitions" are the variables set outside.
void analyze(const ast::Document& document, const std::vector<Definition>& definitions,
             const diag::Sources& sources, diag::Report& report, model::Program& program);

}  // namespace isolates::sema
