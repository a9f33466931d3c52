// SPDX-License-Identifier: GPL-2.0-only
// Rules on what isolates does not mediate: D-Bus, whose daemon does it, and message
// queues. They are read in full, so that what AppArmor refuses is refused, and warned
// about.
#include <fmt/format.h>

#include <array>

#include "sema/enforcement.hpp"
#include "sema/permissions.hpp"
#include "sema/rules.hpp"

namespace isolates::sema {
namespace {

// Bits of no class: only which go together matters.
enum DbusPermission : std::uint32_t {
    dbus_send = 1u << 0,
    dbus_receive = 1u << 1,
    dbus_bind = 1u << 2,
    dbus_eavesdrop = 1u << 3,
};

constexpr auto dbus_permissions = std::to_array<Permission>({
    {"send", dbus_send},
    {"receive", dbus_receive},
    {"bind", dbus_bind},
    {"eavesdrop", dbus_eavesdrop},
    {"write", dbus_send},
    {"read", dbus_receive},
    {"w", dbus_send},
    {"r", dbus_receive},
    {"rw", dbus_send | dbus_receive},
    {"wr", dbus_send | dbus_receive},
});

constexpr auto mqueue_permissions = std::to_array<Permission>({
    {"create", 1u << 0},
    {"open", 1u << 1},
    {"delete", 1u << 2},
    {"read", 1u << 3},
    {"write", 1u << 4},
    {"getattr", 1u << 5},
    {"setattr", 1u << 6},
    {"r", 1u << 3},
    {"w", 1u << 4},
    {"rw", 3u << 3},
    {"wr", 3u << 3},
});

// One glob; whether it is right.
bool check_glob(const Context& context, const ast::Condition& condition) {
    const auto* const value = single_value(context, condition);
    return value && globs_of(context, *value);
}

bool check_peer(const Context& context, const ast::Condition& peer) {
    if (!peer.parenthesized) {
        context.report.error(peer.at, "a peer is written peer=(name=NAME label=POLICY)");
        return false;
    }
    for (const auto& item : peer.items) {
        if (!item.key || (item.key->text != "name" && item.key->text != "label")) {
            context.report.error(item.key ? item.key->at : item.value.at,
                                 "a dbus peer has the conditions name and label");
            return false;
        }
        if (!globs_of(context, item.value)) return false;
    }
    return true;
}

// Which conditions do not go with the permissions, as in AppArmor's dbus.c.
void check_together(const Context& context, const Conditions& conditions, std::uint32_t named) {
    const auto refuse = [&](std::initializer_list<const char*> names, const char* why) {
        for (const auto* const name : names)
            if (const auto* const condition = conditions.find(name))
                context.report.error(condition->key.at, fmt::format("'{}' {}", name, why));
    };
    const bool has_message = named & (dbus_send | dbus_receive);
    if (named & dbus_bind && !has_message)
        refuse({"path", "interface", "member", "peer"}, "does not go with bind");
    if (named == dbus_eavesdrop)
        refuse({"path", "interface", "member", "peer", "name"}, "does not go with eavesdrop");
    if (has_message && !(named & dbus_bind)) refuse({"name"}, "goes with bind alone");
}

}  // namespace

void analyze(const Context& context, const ast::DbusRule& rule) {
    const Conditions conditions(context, "dbus", rule.conditions,
                                {"bus", "path", "interface", "member", "name", "peer"});
    refuse_ownership(context, rule.qualifiers, "dbus");
    const auto effect = effect_of(context, rule.qualifiers, nullptr);
    const auto named = named_permissions(context, rule, "dbus", dbus_permissions);
    bool is_right =
        check_shape(context, rule, {.words_max = rule.words.size(), .has_arguments = true});
    for (const auto& condition : rule.conditions)
        is_right = (condition.key.text == "peer" ? check_peer(context, condition)
                                                 : check_glob(context, condition)) &&
                   is_right;
    if (!effect || !named || !is_right) return;
    check_together(context, conditions, *named);
    warn_unmediated(context, rule.keyword.at, "D-Bus");
}

void analyze(const Context& context, const ast::MqueueRule& rule) {
    const Conditions conditions(context, "mqueue", rule.conditions, {"type", "label"});
    refuse_ownership(context, rule.qualifiers, "message queues");
    const auto effect = effect_of(context, rule.qualifiers, nullptr);
    bool is_right = check_shape(context, rule,
                                {.words_max = 2, .has_arguments = false, .has_words_last = true});
    // The queue's name goes last: a path, or a number.
    ast::ClassRule rest = rule;
    const auto is_name = [](const ast::Text& word) {
        return word.text.starts_with('/') || word.text.starts_with("@{") ||
               word.text.starts_with('*') ||
               word.text.find_first_not_of("0123456789") == std::string::npos;
    };
    if (!rest.words.empty() && is_name(rest.words.back())) {
        is_right = globs_of(context, rest.words.back()) && is_right;
        rest.words.pop_back();
    }
    const auto named = named_permissions(context, rest, "mqueue", mqueue_permissions);
    if (const auto* const type = conditions.find("type")) {
        const auto* const value = single_value(context, *type);
        is_right &= value != nullptr;
        if (value && value->text != "posix" && value->text != "sysv") {
            context.report.error(value->at, fmt::format("unknown type of queues '{}'", value->text))
                .with_hint("there are posix and sysv");
            is_right = false;
        }
    }
    if (const auto* const label = conditions.find("label"))
        is_right = check_glob(context, *label) && is_right;
    if (!effect || !named || !is_right) return;
    warn_unmediated(context, rule.keyword.at, "message queues");
}

}  // namespace isolates::sema
