// SPDX-License-Identifier: GPL-2.0-only
// Conditions on the arguments of a system call: "(0 == AF_PACKET, 1 & 0xf != 3)".
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "parse/ast/class_rule.hpp"
#include "sema/context.hpp"

namespace isolates::sema {

// What a list says of the arguments of the call of that name. Nothing on an error,
// which is reported: a condition that is none, on an argument that is not there or is a
// pointer, or that never holds.
std::optional<std::vector<model::Argument>> arguments_of(const Context& context,
                                                         std::string_view name,
                                                         const std::vector<ast::Item>& items,
                                                         const diag::Span& at);

// A number or a constant's name, or several of them joined by "|". Of negative ones
// the two's complement.
std::optional<std::uint64_t> argument_value(std::string_view text);

}  // namespace isolates::sema
