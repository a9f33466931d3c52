// SPDX-License-Identifier: GPL-2.0-only
#include <array>
#include <utility>

#include <fmt/format.h>

#include "diag/suggest.hpp"
#include "sema/links.hpp"
#include "sema/rules.hpp"

namespace isolates::sema {
namespace {

constexpr std::array<std::string_view, 1> subset_words = {"subset"};

}  // namespace

void add_links(const Context& context, const model::Effect& effect, model::Whose whose, bool subset,
               const std::vector<std::string>& names, const ast::Text& file) {
    const auto files = paths_of(context, file);
    if (!files) return;
    model::LinkRule link{effect, {}, {}, ISOLATES_LINK_LINK, whose};
    if (!subset) link.operations |= ISOLATES_LINK_MORE;
    for (const auto& name : names)
        for (const auto& target : *files) {
            link.name = name;
            link.file = target;
            context.policy.links.push_back(link);
        }
}

void complete_links(model::Policy& policy) {
    if (policy.links.empty()) return;
    for (const auto& file : policy.files)
        if (file.operations & ISOLATES_FILE_LINK)
            policy.links.push_back({file.effect, file.glob, "/**", ISOLATES_LINK_LINK, file.whose});
}

void analyze(const Context& context, const ast::LinkRule& rule) {
    const Conditions conditions(context, "link", rule.conditions, {"errno"});
    const auto effect = effect_of(context, rule.qualifiers, conditions.find("errno"));
    const auto owner = whose(context, rule.qualifiers);
    if (rule.subset && rule.subset->text != "subset")
        context.report.error(rule.subset->at, fmt::format("unexpected '{}'", rule.subset->text))
            .with_hint(diag::did_you_mean(rule.subset->text, subset_words));
    const auto names = paths_of(context, rule.name);
    if (!effect || !names) return;
    model::Effect placed = *effect;
    placed.rule = context.add_rule(rule.at);
    add_links(context, placed, owner, static_cast<bool>(rule.subset), *names, rule.file);
}

}  // namespace isolates::sema
