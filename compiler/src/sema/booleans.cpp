// SPDX-License-Identifier: GPL-2.0-only
#include "sema/booleans.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string_view>
#include <vector>

#include "diag/suggest.hpp"

namespace isolates::sema {
namespace {

// As AppArmor, in any case.
std::optional<bool> truth(std::string_view text) {
    const auto is = [&](std::string_view word) {
        return std::ranges::equal(text, word, {}, [](char c) {
            return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        });
    };
    if (is("true")) return true;
    if (is("false")) return false;
    return std::nullopt;
}

}  // namespace

void Booleans::assign(const ast::Boolean& boolean, diag::Report& report) {
    const auto& name = boolean.name;
    if (boolean.values.size() != 1) {
        report.error(name.at, fmt::format("${} takes one value", name.text))
            .with_hint("it is true or false");
        return;
    }
    const auto value = truth(boolean.values.front().text);
    if (!value) {
        report.error(boolean.values.front().at, "a boolean variable is true or false");
        return;
    }
    const auto [entry, is_new] = values_.emplace(name.text, Value{*value, name.at});
    if (!is_new)
        report.error(name.at, fmt::format("${} is set twice", name.text))
            .with_note(entry->second.assigned, "it is set here first");
}

std::optional<bool> Booleans::value(const ast::Expression& expression, const Variables& variables,
                                    diag::Report& report) const {
    using Kind = ast::Expression::Kind;
    const auto& name = expression.name.text;
    std::vector<std::optional<bool>> operands;
    for (const auto& operand : expression.operands)
        operands.push_back(value(operand, variables, report));
    if (!std::ranges::all_of(operands, [](const auto& operand) { return operand.has_value(); }))
        return std::nullopt;

    switch (expression.kind) {
        case Kind::variable_defined:
            return variables.is_set(name);
        case Kind::boolean_defined:
            return values_.contains(name);
        case Kind::negation:
            return !*operands[0];
        case Kind::both:
            return *operands[0] && *operands[1];
        case Kind::either:
            return *operands[0] || *operands[1];
        case Kind::boolean:
            break;
    }
    if (const auto found = values_.find(name); found != values_.end()) return found->second.value;
    // It may be set by what could not be read, and that is reported.
    if (report.variables_incomplete()) return std::nullopt;
    std::vector<std::string_view> known;
    for (const auto& [other, _] : values_) known.push_back(other);
    report.error(expression.name.at, fmt::format("${} is not set", name))
        .with_hint(diag::did_you_mean(name, known));
    return std::nullopt;
}

}  // namespace isolates::sema
