// SPDX-License-Identifier: GPL-2.0-only
// Where exec rules lead.
#pragma once

#include <cstdint>
#include <optional>

#include "sema/context.hpp"
#include "sema/file_letters.hpp"

namespace isolates::sema {

// The transition of an exec mode and of what is behind "->", as
// model::FileRule::transition has it; it is added to the policy if it is new. Nothing on
// an error, which is reported.
std::optional<std::uint32_t> transition_of(const Context& context, const ExecMode& mode,
                                           const ast::Text* target);

// The one name that a text expands to, escapes resolved. Nothing on an error, which is
// reported: it expands to several.
std::optional<std::string> single_name(const Context& context, const ast::Text& text);

}  // namespace isolates::sema
