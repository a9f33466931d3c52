// SPDX-License-Identifier: GPL-2.0-only
#include "sema/policy_names.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sema/transitions.hpp"

namespace isolates::sema {

bool check_name(const ast::Text& text, const std::string& name, diag::Report& report) {
    const auto is_control = [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    };
    if (text.text.empty())
        report.error(text.at, "a policy needs a name");
    else if (name.size() > ISOLATES_NAME_MAX)
        report.error(text.at,
                     fmt::format("a policy's name has at most {} bytes", ISOLATES_NAME_MAX));
    else if (name == ISOLATES_UNCONFINED)
        report.error(text.at, fmt::format("'{}' is what tasks without a policy are called", name));
    else if (std::ranges::any_of(name, is_control) || name.contains('"'))
        report.error(text.at, "a policy's name has no quote and no control character");
    else if (name.starts_with('&'))
        report.error(text.at, "a policy's name does not begin with '&', which stacks policies");
    else
        return true;
    return false;
}

PolicyNames::PolicyNames(const model::Program& program) {
    for (std::size_t i = 0; i < program.policies.size(); i++)
        names_.emplace(program.policies[i].name, i);
}

std::string PolicyNames::name_of(const Context& context, const ast::Policy& syntax,
                                 const std::string& parent) {
    auto name = single_name(context, syntax.name);
    if (!name) return {};
    if (!parent.empty()) name = parent + "//" + *name;
    if (!check_name(syntax.name, *name, context.report)) return {};
    if (parent.empty() && name->starts_with(':'))
        context.report.warning(
            syntax.name.at,
            "isolates has no namespaces of policies: this is taken for a part of the name");
    return *name;
}

void PolicyNames::add(const Context& context, const ast::Text& name,
                      const model::Program& program) {
    const auto& full = context.policy.name;
    const auto [entry, is_new] = names_.emplace(full, program.policies.size());
    if (is_new || full.empty()) return;
    const auto& first = program.policies[entry->second].origin;
    context.report.error(name.at, fmt::format("there is a policy '{}' already", full))
        .with_note(context.sources.span_at(first.source, {first.line, first.column}), "it is here");
}

std::vector<std::string> attachments_of(const Context& context, const ast::Policy& syntax,
                                        bool is_child) {
    ast::Text name = syntax.name;
    if (const auto end = name.text.find(':', 1);
        name.text.starts_with(':') && end != name.text.npos)
        name.text.remove_prefix(end + 1);
    const bool by_name = !is_child && (name.text.starts_with('/') || name.text.starts_with("@{"));
    const auto* const text = syntax.attachment ? &*syntax.attachment : by_name ? &name : nullptr;
    if (!text) return {};
    return paths_of(context, *text).value_or(std::vector<std::string>{});
}

}  // namespace isolates::sema
