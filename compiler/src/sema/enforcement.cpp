// SPDX-License-Identifier: GPL-2.0-only
#include "sema/enforcement.hpp"

#include <fmt/format.h>

namespace isolates::sema {

void warn_unenforced(const Context& context, const diag::Span& at, std::string_view what) {
    context.report.warning(at, fmt::format("{} not enforced by the kernel yet", what));
}

void warn_unmediated(const Context& context, const diag::Span& keyword, std::string_view rules) {
    context.report.warning(
        keyword, fmt::format("isolates does not mediate {}: this rule has no effect", rules));
}

}  // namespace isolates::sema
