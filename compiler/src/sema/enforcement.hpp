// SPDX-License-Identifier: GPL-2.0-only
// What the kernel side leaves out of the language. The compiler takes all of it; what is
// left out is warned about, where it stands, and by name.
#pragma once

#include <string_view>

#include "diag/span.hpp"
#include "sema/context.hpp"

namespace isolates::sema {

// Warns that "what" ("'ip=none' is") is not enforced yet.
void warn_unenforced(const Context& context, const diag::Span& at, std::string_view what);

// Warns of a rule about what isolates leaves to others for good.
void warn_unmediated(const Context& context, const diag::Span& keyword, std::string_view rules);

}  // namespace isolates::sema
