// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <vector>

#include "parse/ast/assignment.hpp"
#include "parse/ast/policy.hpp"

namespace isolates::ast {

// One file of the command line with all that it includes.
struct Document {
    std::vector<Assignment> assignments;
    std::vector<Boolean> booleans;
    std::vector<Alias> aliases;
    std::vector<Policy> policies;
};

}  // namespace isolates::ast
