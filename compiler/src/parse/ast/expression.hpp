// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <vector>

#include "parse/ast/text.hpp"

namespace isolates::ast {

// What "if" asks: "not defined @{X} and ($Y or $Z)".
struct Expression {
    enum class Kind { boolean, boolean_defined, variable_defined, negation, both, either };

    Kind kind = Kind::boolean;
    Text name;  // of the first three kinds
    std::vector<Expression> operands;
};

}  // namespace isolates::ast
