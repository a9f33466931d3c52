// SPDX-License-Identifier: GPL-2.0-only
// Warnings about rules, which know only where they stand.
#pragma once

#include <string>
#include <utility>

#include "diag/report.hpp"
#include "diag/sources.hpp"
#include "sema/model.hpp"

namespace isolates::lint {

class Warner {
  public:
    Warner(const diag::Sources& sources, diag::Report& report)
        : sources_(sources), report_(report) {}

    // As diag::Report::warning().
    [[nodiscard]] diag::Diagnostic& warn(const model::Origin& origin, std::string text) {
        return report_.warning(span(origin), std::move(text));
    }
    [[nodiscard]] diag::Span span(const model::Origin& origin) const {
        return sources_.span_at(origin.source, {origin.line, origin.column});
    }

  private:
    const diag::Sources& sources_;
    diag::Report& report_;
};

}  // namespace isolates::lint
