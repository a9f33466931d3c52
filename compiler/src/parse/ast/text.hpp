// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string_view>

#include "diag/span.hpp"

namespace isolates::ast {

// A word, a path or a value as written, without the quotes. Escapes and variables
// are still in it. It is a part of what was read, which diag::Sources keeps.
struct Text {
    std::string_view text;
    diag::Span at;
    bool quoted = false;
};

}  // namespace isolates::ast
