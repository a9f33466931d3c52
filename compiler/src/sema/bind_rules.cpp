// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <charconv>
#include <system_error>

#include "diag/suggest.hpp"
#include "sema/namespace_kinds.hpp"
#include "sema/rules.hpp"

namespace isolates::sema {
namespace {

void refuse_qualifiers(const Context& context, const ast::Qualifiers& qualifiers) {
    for (const auto& qualifier :
         {qualifiers.allow, qualifiers.deny, qualifiers.audit, qualifiers.quiet, qualifiers.owner,
          qualifiers.other, qualifiers.prompt})
        if (qualifier) context.report.error(*qualifier, "a bind rule takes no qualifiers");
    if (qualifiers.priority)
        context.report.error(qualifiers.priority->at, "a bind rule takes no qualifiers");
}

// The file that a path names: it is no glob, so none of its signs may be left.
std::optional<std::string> unescape(std::string_view text) {
    std::string path;
    for (std::size_t i = 0; i < text.size(); i++) {
        if (text[i] == '\\' && i + 1 < text.size())
            i++;
        else if (std::string_view("*?[]{}").contains(text[i]))
            return std::nullopt;
        path += text[i];
    }
    return path;
}

void bind_paths(const Context& context, const ast::BindRule& rule, model::Binding binding) {
    const auto expanded = context.variables.expand(rule.where, context.policy.name, context.report);
    if (!expanded) return;
    binding.rule = context.add_rule(rule.at);
    for (const auto& text : *expanded) {
        const auto path = unescape(text);
        if (!path) {
            context.report.error(rule.where.at, "a namespace's path is no glob");
            return;
        }
        if (!path->starts_with('/')) {
            context.report.error(rule.where.at, "a path begins with '/'")
                .with_hint(fmt::format("it expands to '{}'", *path));
            return;
        }
        binding.path = *path;
        context.policy.bindings.push_back(binding);
    }
}

}  // namespace

void analyze(const Context& context, const ast::BindRule& rule) {
    refuse_qualifiers(context, rule.qualifiers);
    const auto kind = namespace_kind(rule.kind.text);
    if (!kind)
        context.report
            .error(rule.kind.at, fmt::format("unknown kind of namespace '{}'", rule.kind.text))
            .with_hint(diag::did_you_mean(rule.kind.text, namespace_kinds()));
    if (!kind) return;

    model::Binding binding;
    binding.kind = *kind;
    binding.on_exec = rule.on_exec.has_value();
    if (rule.form == ast::BindRule::Where::path) {
        binding.where = ISOLATES_WHERE_PATH;
        bind_paths(context, rule, binding);
        return;
    }
    const bool is_process = rule.form == ast::BindRule::Where::process;
    binding.where = is_process ? ISOLATES_WHERE_PID : ISOLATES_WHERE_NUMBER;
    const auto& text = rule.where.text;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), binding.number);
    if (error != std::errc() || end != text.data() + text.size() || !binding.number) {
        context.report
            .error(rule.where.at, fmt::format("'{}' is no number of a {}", text,
                                              is_process ? "process" : "namespace"))
            .with_hint("a namespace is a path, a number, or 'of PID'");
        return;
    }
    binding.rule = context.add_rule(rule.at);
    context.policy.bindings.push_back(binding);
}

}  // namespace isolates::sema
