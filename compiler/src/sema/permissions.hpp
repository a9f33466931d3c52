// SPDX-License-Identifier: GPL-2.0-only
// The names of a class's operations in the rules.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "parse/ast/class_rule.hpp"
#include "sema/context.hpp"

namespace isolates::sema {

// A word, and the operations that it stands for. Words of one length are usual names,
// those of one or two letters AppArmor's abbreviations.
struct Permission {
    std::string_view name;
    std::uint32_t operations;
};

// The operations that a rule names, in a list or as one word; none of them if it
// names none. Nothing on an error, which is reported. "rules" is what such rules are
// called.
std::optional<std::uint32_t> named_permissions(const Context& context, const ast::ClassRule& rule,
                                               std::string_view rules,
                                               std::span<const Permission> permissions);

// The operation of that name; on none a report, with a hint.
std::optional<std::uint32_t> permission(const Context& context, const ast::Text& name,
                                        std::string_view rules,
                                        std::span<const Permission> permissions);

// The globs of a condition on a peer's policy, "peer=web"; "**" if there is none.
// Nothing on an error, which is reported.
std::optional<std::vector<std::string>> peers_of(const Context& context,
                                                 const ast::Condition* condition);

// Reports what of a rule's shape this class has no use for. True if there was nothing.
struct Shape {
    std::size_t words_max = 0;
    bool has_arguments = false;
    bool has_target = false;
    bool has_words_last = false;  // words may stand behind conditions
};
bool check_shape(const Context& context, const ast::ClassRule& rule, const Shape& shape);

}  // namespace isolates::sema
