// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "diag/suggest.hpp"
#include "sema/permissions.hpp"
#include "sema/rules.hpp"
#include "sema/signal_names.hpp"

namespace isolates::sema {
namespace {

// AppArmor's, with the letters that it takes for them.
constexpr auto permissions = std::to_array<Permission>({
    {"send", ISOLATES_SIGNAL_SEND},
    {"receive", ISOLATES_SIGNAL_RECEIVE},
    {"write", ISOLATES_SIGNAL_SEND},
    {"read", ISOLATES_SIGNAL_RECEIVE},
    {"w", ISOLATES_SIGNAL_SEND},
    {"r", ISOLATES_SIGNAL_RECEIVE},
    {"rw", ISOLATES_SIGNAL_OPS},
    {"wr", ISOLATES_SIGNAL_OPS},
});

// A signal of other architectures: AppArmor knows it everywhere.
constexpr std::string_view foreign_signal = "emt";

// All that the "set=" conditions name together; all there are if there is none.
std::optional<model::SignalSet> signals_of(const Context& context, const ast::SignalRule& rule) {
    model::SignalSet signals;
    bool is_wrong = false, has_set = false;
    for (const auto& condition : rule.conditions) {
        if (condition.key.text != "set") continue;
        has_set = true;
        if (condition.items.empty()) {
            is_wrong = true;
            context.report.error(condition.at, "no signal is named");
        }
        for (const auto& item : condition.items) {
            const auto* const name = plain(context, item);
            const auto number = name ? signal_number(name->text) : std::nullopt;
            if (number) {
                signals.set(*number);
            } else if (name && name->text == foreign_signal) {
                context.report.warning(name->at,
                                       fmt::format("there is no signal '{}' on x86", name->text));
            } else {
                is_wrong = true;
                if (name)
                    context.report.error(name->at, fmt::format("unknown signal '{}'", name->text))
                        .with_hint(diag::did_you_mean(name->text, signal_names()));
            }
        }
    }
    if (is_wrong) return std::nullopt;
    if (!has_set) signals.set();
    return signals;
}

}  // namespace

void analyze(const Context& context, const ast::SignalRule& rule) {
    const Conditions conditions(context, "signal", rule.conditions, {"set", "peer", "errno"});
    refuse_ownership(context, rule.qualifiers, "signals");
    const auto effect = effect_of(context, rule.qualifiers, conditions.find("errno"));
    const auto operations = named_permissions(context, rule, "signal", permissions);
    const auto signals = signals_of(context, rule);
    auto peers = peers_of(context, conditions.find("peer"));
    if (!effect || !operations || !signals || !peers) return;

    model::SignalRule signal{
        *effect, *operations ? *operations : std::uint32_t{ISOLATES_SIGNAL_OPS}, *signals, {}};
    signal.effect.rule = context.add_rule(rule.at);
    for (auto& peer : *peers) {
        signal.peer = std::move(peer);
        context.policy.signals.push_back(signal);
    }
}

}  // namespace isolates::sema
