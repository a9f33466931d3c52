// SPDX-License-Identifier: GPL-2.0-only
// What stands before the policies: variables, booleans and aliases.
#pragma once

#include <vector>

#include "parse/ast/text.hpp"

namespace isolates::ast {

// "@{NAME} = value value", or with "+=" or "?=".
struct Assignment {
    enum class How { set, append, set_if_unset };

    Text name;  // without "@{" and "}"
    How how = How::set;
    std::vector<Text> values;
};

// "$NAME = true"
struct Boolean {
    Text name;  // without "$", "{" and "}"
    std::vector<Text> values;
};

// "alias /from -> /to,"
struct Alias {
    Text from;
    Text to;
};

}  // namespace isolates::ast
