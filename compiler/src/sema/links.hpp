// SPDX-License-Identifier: GPL-2.0-only
// Rules about hard links as pairs of a new name and a file.
#pragma once

#include <string>
#include <vector>

#include "sema/context.hpp"

namespace isolates::sema {

// Adds what a rule says of links from any of the names, which are globs, to the file.
// "subset": the new name may grant no more than the file's.
void add_links(const Context& context, const model::Effect& effect, model::Whose whose, bool subset,
               const std::vector<std::string>& names, const ast::Text& file);

// Whose files a rule is about; reports "owner" and "other" together.
model::Whose whose(const Context& context, const ast::Qualifiers& qualifiers);

// When all rules of a policy are read: if any is about pairs, all that it says of links
// is said in pairs.
void complete_links(model::Policy& policy);

}  // namespace isolates::sema
