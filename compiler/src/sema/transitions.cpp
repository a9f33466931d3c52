// SPDX-License-Identifier: GPL-2.0-only
#include "sema/transitions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "sema/policy_names.hpp"

namespace isolates::sema {
namespace {

std::string unescape(std::string_view text) {
    std::string name;
    for (std::size_t i = 0; i < text.size(); i++) {
        if (text[i] == '\\' && i + 1 < text.size()) i++;
        name += text[i];
    }
    return name;
}

// The policy that a transition names, by its full name.
std::string full_name(const Context& context, const ExecMode& mode, std::string name) {
    if (mode.kind != ExecMode::Kind::child) return name;
    const auto parent = context.policy.name + "//";
    return name.starts_with(parent) ? name : parent + name;
}

}  // namespace

std::optional<std::string> single_name(const Context& context, const ast::Text& text) {
    const auto names = context.variables.expand(text, context.policy.name, context.report);
    if (!names) return std::nullopt;
    if (names->size() != 1) {
        context.report.error(text.at, fmt::format("this expands to {} names", names->size()))
            .with_hint("the name of a policy is one");
        return std::nullopt;
    }
    return unescape(names->front());
}

std::optional<std::uint32_t> transition_of(const Context& context, const ExecMode& mode,
                                           const ast::Text* target) {
    using Kind = ExecMode::Kind;
    if (mode.kind == Kind::stay) return 0;
    auto& report = context.report;

    model::Transition transition{ISOLATES_TRANSITION_POLICY, mode.fallback, mode.scrubs, {}};
    if (mode.kind == Kind::unconfined) transition.kind = ISOLATES_TRANSITION_UNCONFINED;
    if (mode.kind == Kind::child) transition.kind = ISOLATES_TRANSITION_CHILD;
    if (target && mode.kind != Kind::unconfined) {
        const auto name = single_name(context, *target);
        if (!name) return std::nullopt;
        if (name->starts_with('&')) {
            report.warning(target->at,
                           "isolates does not stack policies by '&': the program stays under this "
                           "policy");
            return 0;
        }
        if (name->starts_with(':'))
            report.warning(target->at,
                           "isolates has no namespaces of policies: this is taken for a "
                           "part of the name");
        if (*name == ISOLATES_UNCONFINED) {
            transition.kind = ISOLATES_TRANSITION_UNCONFINED;
            transition.fallback = ISOLATES_FALLBACK_DENY;
        } else {
            transition.target = full_name(context, mode, *name);
        }
        if (transition.kind != ISOLATES_TRANSITION_UNCONFINED &&
            !check_name(*target, transition.target, report))
            return std::nullopt;
    }

    auto& all = context.policy.transitions;
    const auto known = std::ranges::find(all, transition);
    const auto index = static_cast<std::uint32_t>(known - all.begin());
    if (known == all.end()) all.push_back(std::move(transition));
    return index + 1;
}

}  // namespace isolates::sema
