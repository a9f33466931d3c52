// SPDX-License-Identifier: GPL-2.0-only
// Boolean variables, and what "if" makes of them.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "diag/report.hpp"
#include "parse/ast/assignment.hpp"
#include "parse/ast/expression.hpp"
#include "sema/variables.hpp"

namespace isolates::sema {

class Booleans {
  public:
    // Takes a "$NAME = true" of the file, in their order.
    void assign(const ast::Boolean& boolean, diag::Report& report);

    // What a condition says. Nothing on an error, which is reported: a boolean that is
    // not set.
    [[nodiscard]] std::optional<bool> value(const ast::Expression& expression,
                                            const Variables& variables, diag::Report& report) const;

  private:
    struct Value {
        bool value = false;
        diag::Span assigned;
    };
    std::map<std::string, Value, std::less<>> values_;
};

}  // namespace isolates::sema
