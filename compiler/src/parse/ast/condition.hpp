// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <vector>

#include "parse/ast/text.hpp"

namespace isolates::ast {

// An element of a list in parentheses: "kill", or "port=80".
struct Item {
    std::optional<Text> key;
    Text value;
};

// "key=value", or "key=(...)" with any number of items.
struct Condition {
    Text key;
    std::vector<Item> items;
    bool parenthesized = false;
    diag::Span at;
};

}  // namespace isolates::ast
