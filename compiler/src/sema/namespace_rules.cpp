// SPDX-License-Identifier: GPL-2.0-only
// "namespace (create, enter) (user, net)," and AppArmor's "userns create,".
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "diag/suggest.hpp"
#include "sema/namespace_kinds.hpp"
#include "sema/permissions.hpp"
#include "sema/rules.hpp"

namespace isolates::sema {
namespace {

constexpr auto permissions = std::to_array<Permission>({
    {"create", ISOLATES_NAMESPACE_CREATE},
    {"enter", ISOLATES_NAMESPACE_ENTER},
});

constexpr std::array userns_permissions = {Permission{"create", ISOLATES_NAMESPACE_CREATE}};

bool is_kind(const ast::Text& word) {
    return namespace_kind(word.text).has_value();
}

// What a rule says so far.
struct Reading {
    const Context& context;
    std::uint32_t operations = 0;
    model::NamespaceSet kinds;
    bool is_wrong = false;

    void add_kind(const ast::Text& word) {
        const auto kind = namespace_kind(word.text);
        is_wrong |= !kind;
        if (kind) {
            kinds.set(*kind);
            return;
        }
        context.report.error(word.at, fmt::format("unknown kind of namespace '{}'", word.text))
            .with_hint(diag::did_you_mean(word.text, namespace_kinds()));
    }
    void add_operation(const ast::Text& word) {
        const auto bits = permission(context, word, "namespace", permissions);
        is_wrong |= !bits;
        operations |= bits.value_or(0);
    }
    // One list or word: operations, or kinds.
    void add(const std::vector<ast::Text>& words, bool may_be_operations) {
        const bool has_kinds = !may_be_operations || std::ranges::any_of(words, is_kind);
        for (const auto& word : words) {
            if (has_kinds)
                add_kind(word);
            else
                add_operation(word);
        }
    }
};

std::optional<std::vector<ast::Text>> texts_of(const Context& context,
                                               const std::vector<ast::Item>& items) {
    std::vector<ast::Text> texts;
    for (const auto& item : items) {
        const auto* const text = plain(context, item);
        if (!text) return std::nullopt;
        texts.push_back(*text);
    }
    return texts;
}

// "[(]operations[)] [(]kinds[)]", either of which may be left out.
bool read(const ast::NamespaceRule& rule, Reading& reading) {
    const auto list = texts_of(reading.context, rule.list);
    const auto arguments = texts_of(reading.context, rule.argument_items);
    if (!list || !arguments) return false;
    if (!list->empty()) reading.add(*list, true);
    std::size_t next = 0;
    const auto& words = rule.words;
    // A single word in front may be an operation; all the others are kinds.
    if (list->empty() && !words.empty() && !is_kind(words[0])) reading.add_operation(words[next++]);
    const bool has_kinds = reading.kinds.any();
    const std::vector<ast::Text> rest(words.begin() + static_cast<std::ptrdiff_t>(next),
                                      words.end());
    for (const auto* const more : {&rest, &*arguments}) {
        if (more->empty()) continue;
        if (has_kinds) {
            reading.context.report
                .error(more->front().at, fmt::format("unexpected '{}'", more->front().text))
                .with_hint("write namespace (create, enter) (user, net)");
            return false;
        }
        reading.add(*more, false);
    }
    return !reading.is_wrong;
}

void add_rule(const Context& context, const ast::NamespaceRule& rule, model::Effect effect,
              std::uint32_t operations, const model::NamespaceSet& kinds) {
    effect.rule = context.add_rule(rule.at);
    context.policy.namespaces.push_back({effect, operations, kinds});
}

}  // namespace

void analyze(const Context& context, const ast::NamespaceRule& rule) {
    const Conditions conditions(context, rule.keyword.text, rule.conditions, {"errno"});
    refuse_ownership(context, rule.qualifiers, "namespaces");
    const auto effect = effect_of(context, rule.qualifiers, conditions.find("errno"));
    if (rule.keyword.text == "userns") {
        const auto named = named_permissions(context, rule, "userns", userns_permissions);
        if (!check_shape(context, rule, {.words_max = rule.words.size()}) || !effect || !named)
            return;
        model::NamespaceSet user;
        user.set(ISOLATES_NAMESPACE_USER);
        add_rule(context, rule, *effect, ISOLATES_NAMESPACE_CREATE, user);
        return;
    }
    Reading reading{context, 0, {}, false};
    const bool is_right = check_shape(
        context, rule, {.words_max = ISOLATES_NAMESPACE_COUNT + 1, .has_arguments = true});
    if (!is_right || !read(rule, reading) || !effect) return;
    if (!reading.operations) reading.operations = ISOLATES_NAMESPACE_OPS;
    if (reading.kinds.none()) reading.kinds.set();
    add_rule(context, rule, *effect, reading.operations, reading.kinds);
}

}  // namespace isolates::sema
