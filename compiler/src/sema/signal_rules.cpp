// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "diag/suggest.hpp"
#include "sema/rules.hpp"
#include "sema/signal_names.hpp"

namespace isolates::sema {
namespace {

struct Permission {
    std::string_view name;
    std::uint32_t operations;
};

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

constexpr std::array<std::string_view, 2> permission_names = {"send", "receive"};

// A signal of other architectures: AppArmor knows it everywhere.
constexpr std::string_view foreign_signal = "emt";

std::optional<std::uint32_t> operation(const Context& context, const ast::Text& name) {
    const auto found = std::ranges::find(permissions, name.text, &Permission::name);
    if (found != permissions.end()) return found->operations;
    context.report.error(name.at, fmt::format("unknown signal permission '{}'", name.text))
        .with_hint(diag::did_you_mean(name.text, permission_names));
    return std::nullopt;
}

std::optional<std::uint32_t> operations_of(const Context& context, const ast::SignalRule& rule) {
    if (rule.arguments) {
        context.report.error(*rule.arguments, "unexpected list")
            .with_hint("write the permissions in one list");
        return std::nullopt;
    }
    const bool one_too_many = !rule.list.empty() ? !rule.words.empty() : rule.words.size() > 1;
    if (one_too_many) {
        const auto& word = rule.words.back();
        context.report.error(word.at, fmt::format("unexpected '{}'", word.text))
            .with_hint("write several permissions as (send, receive)");
        return std::nullopt;
    }

    std::uint32_t operations = 0;
    bool is_wrong = false;
    const auto add = [&](const ast::Text& name) {
        const auto bits = operation(context, name);
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
    return operations ? operations : std::uint32_t{ISOLATES_SIGNAL_OPS};
}

std::optional<model::SignalSet> signals_of(const Context& context,
                                           const ast::Condition* condition) {
    model::SignalSet signals;
    if (!condition) return signals.set();
    bool is_wrong = condition->items.empty();
    if (is_wrong) context.report.error(condition->at, "no signal is named");
    for (const auto& item : condition->items) {
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
    if (is_wrong) return std::nullopt;
    return signals;
}

std::optional<std::vector<std::string>> peers_of(const Context& context,
                                                 const ast::Condition* condition) {
    if (!condition) return std::vector<std::string>{"**"};
    const auto* const peer = single_value(context, *condition);
    if (!peer) return std::nullopt;
    return globs_of(context, *peer);
}

}  // namespace

void analyze(const Context& context, const ast::SignalRule& rule) {
    const Conditions conditions(context, "signal", rule.conditions, {"set", "peer", "errno"});
    refuse_ownership(context, rule.qualifiers, "signals");
    const auto effect = effect_of(context, rule.qualifiers, conditions.find("errno"));
    const auto operations = operations_of(context, rule);
    const auto signals = signals_of(context, conditions.find("set"));
    auto peers = peers_of(context, conditions.find("peer"));
    if (!effect || !operations || !signals || !peers) return;

    model::SignalRule signal{*effect, *operations, *signals, {}};
    signal.effect.rule = context.add_rule(rule.at);
    for (auto& peer : *peers) {
        signal.peer = std::move(peer);
        context.policy.signals.push_back(signal);
    }
}

}  // namespace isolates::sema
