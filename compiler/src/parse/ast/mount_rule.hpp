// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "parse/ast/qualifiers.hpp"
#include "parse/ast/text.hpp"

namespace isolates::ast {

// "mount,", "umount," or "pivot_root,": all of the kind.
struct MountRule {
    Qualifiers qualifiers;
    Text keyword;
    diag::Span at;
};

}  // namespace isolates::ast
