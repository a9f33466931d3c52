// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string_view>

#include "diag/span.hpp"

namespace isolates::ast {

struct Priority {
    std::string_view text;  // a number, with its sign
    diag::Span at;
};

// What stands before a rule: where each qualifier is, if it is there.
struct Qualifiers {
    std::optional<diag::Span> allow;
    std::optional<diag::Span> deny;
    std::optional<diag::Span> audit;
    std::optional<diag::Span> quiet;
    std::optional<diag::Span> owner;
    std::optional<diag::Span> other;
    std::optional<diag::Span> prompt;
    std::optional<Priority> priority;
    std::optional<diag::Span> assertion;  // "assert never"
};

}  // namespace isolates::ast
