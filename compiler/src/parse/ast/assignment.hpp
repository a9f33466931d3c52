// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <vector>

#include "parse/ast/text.hpp"

namespace isolates::ast {

// "@{NAME} = value value", or with "+=".
struct Assignment {
    Text name;  // without "@{" and "}"
    bool append = false;
    std::vector<Text> values;
};

}  // namespace isolates::ast
