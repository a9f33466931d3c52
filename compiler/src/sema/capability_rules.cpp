// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <array>
#include <string>

#include "diag/suggest.hpp"
#include "sema/capability_names.hpp"
#include "sema/permissions.hpp"
#include "sema/rules.hpp"

namespace isolates::sema {
namespace {

constexpr std::string_view prefix = "cap_";

std::string in_lower_case(std::string_view text) {
    std::string lower(text);
    for (char& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (lower.starts_with(prefix)) lower.erase(0, prefix.size());
    return lower;
}

// Adds the capability of that name. False if there is none, which is reported.
bool add(const Context& context, const ast::Text& name, model::CapabilitySet& set) {
    if (const auto number = capability_number(name.text)) {
        set.set(*number);
        return true;
    }
    auto& diagnostic =
        context.report.error(name.at, fmt::format("unknown capability '{}'", name.text));
    const auto lower = in_lower_case(name.text);
    diagnostic.with_hint(capability_number(lower) ? fmt::format("did you mean '{}'?", lower)
                                                  : diag::did_you_mean(lower, capability_names()));
    return false;
}

}  // namespace

void analyze(const Context& context, const ast::CapabilityRule& rule) {
    const Conditions conditions(context, "capability", rule.conditions, {"errno"});
    refuse_ownership(context, rule.qualifiers, "capabilities");
    const auto effect = effect_of(context, rule.qualifiers, conditions.find("errno"));
    bool is_right =
        check_shape(context, rule, {.words_max = rule.has_list ? 0 : ISOLATES_CAPABILITIES});
    model::CapabilitySet set;
    for (const auto& item : rule.list) {
        const auto* const name = plain(context, item);
        is_right = name && add(context, *name, set) && is_right;
    }
    if (!rule.has_list)
        for (const auto& name : rule.words) is_right = add(context, name, set) && is_right;
    if (!effect || !is_right) return;
    if (rule.list.empty() && rule.words.empty()) set.set();

    model::CapabilityRule capability{*effect, ISOLATES_CAPABILITY_USE, set};
    capability.effect.rule = context.add_rule(rule.at);
    context.policy.capabilities.push_back(capability);
}

}  // namespace isolates::sema
