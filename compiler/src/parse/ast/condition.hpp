// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <vector>

#include "parse/ast/text.hpp"

namespace isolates::ast {

// An element of a list in parentheses: "kill", "port=80", or an operator: "==".
struct Item {
    std::optional<Text> key;
    Text value;
    bool is_operator = false;
};

// "key=value", "key=(...)" with any number of items, or "key in (...)".
struct Condition {
    Text key;
    std::vector<Item> items;
    bool parenthesized = false;
    bool is_in = false;
    diag::Span at;
};

}  // namespace isolates::ast
