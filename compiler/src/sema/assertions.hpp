// SPDX-License-Identifier: GPL-2.0-only
// "assert never RULE": what a policy must not allow. The rule may be any that "deny"
// could stand before, and is read as one, by the analysis of its kind. What it would
// deny must not be allowed: see exact/assertions.hpp.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>

#include "sema/rules.hpp"

namespace isolates::sema {

// An assertion while its rule is analyzed: the context that the rule is analyzed in.
class AssertionReading {
  public:
    explicit AssertionReading(const Context& context);

    // @qualifiers as the rule's own analysis is to see them.
    [[nodiscard]] ast::Qualifiers qualifiers(const ast::Qualifiers& written) const;
    [[nodiscard]] const Context& context() const { return inner_; }

    // Adds the assertion to the outer context's policy, if nothing is wrong with it.
    void finish(const diag::Span& at);

  private:
    const Context& outer_;
    std::size_t findings_;  // errors and warnings so far
    model::Policy denies_;
    Context inner_;
};

template <typename Rule>
void analyze_assertion(const Context& context, const Rule& rule) {
    AssertionReading reading(context);
    Rule denial = rule;
    denial.qualifiers = reading.qualifiers(rule.qualifiers);
    analyze(reading.context(), denial);
    reading.finish(rule.at);
}

}  // namespace isolates::sema
