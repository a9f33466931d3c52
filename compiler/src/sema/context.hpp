// SPDX-License-Identifier: GPL-2.0-only
// What the rules' analysis shares.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "diag/report.hpp"
#include "diag/sources.hpp"
#include "parse/ast/assignment.hpp"
#include "parse/ast/condition.hpp"
#include "parse/ast/qualifiers.hpp"
#include "parse/ast/text.hpp"
#include "sema/model.hpp"
#include "sema/variables.hpp"

namespace isolates::sema {

// The policy that the rules belong to, and where to say what is wrong with them.
struct Context {
    const diag::Sources& sources;
    diag::Report& report;
    Variables& variables;
    model::Policy& policy;
    const std::vector<ast::Alias>& aliases;
    bool audits_all = false;  // flags=(audit)

    [[nodiscard]] model::Origin origin(const diag::Span& span) const {
        return {sources.file_of(span.inclusion), span.begin.line, span.begin.column};
    }
    // Adds to the policy's rules; returns the index there.
    std::uint32_t add_rule(const diag::Span& span) const;
};

// A rule's conditions by their names.
class Conditions {
  public:
    // Reports those that are not among the known ones, and those given twice.
    Conditions(const Context& context, std::string_view rule,
               const std::vector<ast::Condition>& conditions,
               std::initializer_list<std::string_view> known);

    [[nodiscard]] const ast::Condition* find(std::string_view name) const;

  private:
    const std::vector<ast::Condition>& conditions_;
};

// The value of a condition that takes one; nothing if it has none, or more, which
// is reported.
const ast::Text* single_value(const Context& context, const ast::Condition& condition);

// The same for an element of a list.
const ast::Text* plain(const Context& context, const ast::Item& item);

// What the qualifiers and "errno=" make of a rule. Nothing if they contradict each
// other; that is reported. The rule's index is still to be set.
std::optional<model::Effect> effect_of(const Context& context, const ast::Qualifiers& qualifiers,
                                       const ast::Condition* error);

// Reports "owner" and "other", which only files have.
void refuse_ownership(const Context& context, const ast::Qualifiers& qualifiers,
                      std::string_view rules);

// Warns of a priority where rules are not decided by automata yet, in which a deny rule
// always counts.
void warn_priority(const Context& context, const ast::Qualifiers& qualifiers,
                   std::string_view rules);

// How long a glob may be, in bytes: many times PATH_MAX.
inline constexpr std::size_t glob_size_max = 65536;

// All globs that a text expands to, each well-formed. Nothing on an error, which
// is reported.
std::optional<std::vector<std::string>> globs_of(const Context& context, const ast::Text& text);

// The same for a text that must be a path, with what the aliases make of it.
std::optional<std::vector<std::string>> paths_of(const Context& context, const ast::Text& text);

}  // namespace isolates::sema
