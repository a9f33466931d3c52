// SPDX-License-Identifier: GPL-2.0-only
// What policies are called, and what they attach to.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

#include "parse/ast/policy.hpp"
#include "sema/context.hpp"
#include "sema/model.hpp"

namespace isolates::sema {

// Whether a policy can be called @name, as it is in full, which @text spells. Reports why not.
bool check_name(const ast::Text& text, const std::string& name, diag::Report& report);

// The policies of a run by their names.
class PolicyNames {
  public:
    explicit PolicyNames(const model::Program& program);

    // The full name of a policy, "PARENT//NAME" if it stands in another one. What no
    // policy can be called is reported, and empty.
    std::string name_of(const Context& context, const ast::Policy& syntax,
                        const std::string& parent);

    // Notes the context's policy as the program's next; reports a name that is taken.
    void add(const Context& context, const ast::Text& name, const model::Program& program);

  private:
    std::unordered_map<std::string, std::size_t> names_;
};

// The globs of the programs that a policy attaches to: those of its attachment, or of
// its name if that is a path. A child attaches by an attachment alone.
std::vector<std::string> attachments_of(const Context& context, const ast::Policy& syntax,
                                        bool is_child);

}  // namespace isolates::sema
