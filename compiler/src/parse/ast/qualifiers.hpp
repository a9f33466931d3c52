// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>

#include "diag/span.hpp"

namespace isolates::ast {

// What stands before a rule: where each qualifier is, if it is there.
struct Qualifiers {
    std::optional<diag::Span> allow;
    std::optional<diag::Span> deny;
    std::optional<diag::Span> audit;
    std::optional<diag::Span> quiet;
    std::optional<diag::Span> owner;
    std::optional<diag::Span> other;
};

}  // namespace isolates::ast
