// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "diag/span.hpp"

namespace isolates::ast {

// A word, a path or a value as written, without the quotes. Escapes and variables
// are still in it.
struct Text {
    std::string text;
    diag::Span at;
    bool quoted = false;
};

}  // namespace isolates::ast
