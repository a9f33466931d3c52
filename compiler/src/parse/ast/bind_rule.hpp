// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>

#include "parse/ast/qualifiers.hpp"
#include "parse/ast/rarely.hpp"
#include "parse/ast/text.hpp"

namespace isolates::ast {

// "bind KIND WHERE,": a path, a number, or the number of a process.
struct BindRule {
    enum class Where { path, number, process };

    Rarely<Qualifiers> qualifiers;
    Text kind;
    Where form = Where::path;
    Text where;
    std::optional<diag::Span> on_exec;
    diag::Span at;
};

}  // namespace isolates::ast
