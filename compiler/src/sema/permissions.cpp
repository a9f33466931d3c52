// SPDX-License-Identifier: GPL-2.0-only
#include "sema/permissions.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "diag/suggest.hpp"

namespace isolates::sema {
namespace {

// Whether "a" stands before "b" in the text that includes both.
bool is_before(const diag::Span& a, const diag::Span& b) {
    return a.begin.line != b.begin.line ? a.begin.line < b.begin.line
                                        : a.begin.column < b.begin.column;
}

}  // namespace

std::optional<std::uint32_t> permission(const Context& context, const ast::Text& name,
                                        std::string_view rules,
                                        std::span<const Permission> permissions) {
    const auto found = std::ranges::find(permissions, name.text, &Permission::name);
    if (found != permissions.end()) return found->operations;
    std::vector<std::string_view> names;
    for (const auto& entry : permissions) names.push_back(entry.name);
    context.report.error(name.at, fmt::format("unknown {} permission '{}'", rules, name.text))
        .with_hint(diag::did_you_mean(name.text, names));
    return std::nullopt;
}

std::optional<std::uint32_t> named_permissions(const Context& context, const ast::ClassRule& rule,
                                               std::string_view rules,
                                               std::span<const Permission> permissions) {
    if (rule.arguments) {
        context.report.error(*rule.arguments, "unexpected list")
            .with_hint("write the permissions in one list");
        return std::nullopt;
    }
    const bool one_too_many = !rule.list.empty() ? !rule.words.empty() : rule.words.size() > 1;
    if (one_too_many) {
        const auto& word = rule.words.back();
        auto& diagnostic = context.report.error(word.at, fmt::format("unexpected '{}'", word.text));
        if (std::ranges::find(permissions, word.text, &Permission::name) != permissions.end())
            diagnostic.with_hint(fmt::format("write several permissions as ({}, {})",
                                             permissions[0].name,
                                             permissions[permissions.size() > 1 ? 1 : 0].name));
        return std::nullopt;
    }

    std::uint32_t operations = 0;
    bool is_wrong = false;
    const auto add = [&](const ast::Text& name) {
        const auto bits = permission(context, name, rules, permissions);
        operations |= bits.value_or(0);
        is_wrong |= !bits;
    };
    for (const auto& item : rule.list) {
        const auto* const name = plain(context, item);
        is_wrong |= !name;
        if (name) add(*name);
    }
    for (const auto& word : rule.words) add(word);
    if (is_wrong) return std::nullopt;
    return operations;
}

std::optional<std::vector<std::string>> peers_of(const Context& context,
                                                 const ast::Condition* condition) {
    if (!condition) return std::vector<std::string>{"**"};
    const auto* const peer = single_value(context, *condition);
    if (!peer) return std::nullopt;
    return globs_of(context, *peer);
}

bool check_shape(const Context& context, const ast::ClassRule& rule, const Shape& shape) {
    const auto fail = [&](const diag::Span& at, std::string text) {
        context.report.error(at, std::move(text));
        return false;
    };
    if (rule.target && !shape.has_target) return fail(rule.target->at, "unexpected '->'");
    if (rule.arguments && !shape.has_arguments) return fail(*rule.arguments, "unexpected list");
    if (rule.words.size() > shape.words_max) {
        const auto& word = rule.words[shape.words_max];
        return fail(word.at, fmt::format("unexpected '{}'", word.text));
    }
    if (shape.has_words_last || rule.conditions.empty()) return true;
    const auto& condition = rule.conditions.front().at;
    if (!rule.words.empty() && is_before(condition, rule.words.back().at))
        return fail(condition, "conditions stand behind the words of a rule");
    return true;
}

}  // namespace isolates::sema
