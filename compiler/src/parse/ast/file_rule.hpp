// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <vector>

#include "parse/ast/condition.hpp"
#include "parse/ast/qualifiers.hpp"
#include "parse/ast/rarely.hpp"
#include "parse/ast/text.hpp"

namespace isolates::ast {

// "/path rw -> target,", "/path (chmod, chown),", or without a path: "file,".
struct FileRule {
    Rarely<Qualifiers> qualifiers;
    std::optional<Text> path;
    std::optional<Text> letters;   // "rw"; else:
    std::vector<Item> operations;  // named ones
    Rarely<Text> target;           // behind "->"
    Rarely<Text> subset;           // "l subset /path -> target", or another word there
    // "safe" or "unsafe": whether an exec scrubs the environment, whatever its letters say.
    std::optional<bool> is_safe;
    std::vector<Condition> conditions;
    diag::Span at;
};

// "link subset /name -> /file,"
struct LinkRule {
    Rarely<Qualifiers> qualifiers;
    Rarely<Text> subset;  // the word there
    Text name;
    Text file;
    std::vector<Condition> conditions;
    diag::Span at;
};

}  // namespace isolates::ast
