// SPDX-License-Identifier: GPL-2.0-only
// Rules whose only fact is a peer's policy: ptrace and io_uring.
#include <array>
#include <utility>

#include "sema/permissions.hpp"
#include "sema/rules.hpp"

namespace isolates::sema {
namespace {

// AppArmor's, with the letters that it takes for them.
constexpr auto ptrace_permissions = std::to_array<Permission>({
    {"trace", ISOLATES_PTRACE_TRACE},
    {"read", ISOLATES_PTRACE_READ},
    {"tracedby", ISOLATES_PTRACE_TRACEDBY},
    {"readby", ISOLATES_PTRACE_READBY},
    {"write", ISOLATES_PTRACE_TRACE},
    {"w", ISOLATES_PTRACE_TRACE},
    {"r", ISOLATES_PTRACE_READ},
    {"rw", ISOLATES_PTRACE_TRACE | ISOLATES_PTRACE_READ},
    {"wr", ISOLATES_PTRACE_TRACE | ISOLATES_PTRACE_READ},
});

constexpr auto io_uring_permissions = std::to_array<Permission>({
    {"sqpoll", ISOLATES_IO_URING_SQPOLL},
    {"override_creds", ISOLATES_IO_URING_OVERRIDE_CREDS},
    {"cmd", ISOLATES_IO_URING_CMD},
});

// What differs between the two.
struct Kind {
    std::string_view rules;
    std::string_view subject;  // what "owner" is not for
    std::string_view peer;     // the name of the condition
    isolates_class class_id;
    std::uint32_t all;
    std::span<const Permission> permissions;
};

void add_rules(const Context& context, const ast::ClassRule& rule, const Kind& kind,
               std::vector<model::PeerRule>& rules) {
    const Conditions conditions(context, kind.rules, rule.conditions, {kind.peer, "errno"});
    refuse_ownership(context, rule.qualifiers, kind.subject);
    const auto effect = effect_of(context, rule.qualifiers, conditions.find("errno"));
    const auto named = named_permissions(context, rule, kind.rules, kind.permissions);
    auto peers = peers_of(context, conditions.find(kind.peer));
    const bool is_right =
        check_shape(context, rule, {.words_max = rule.words.size(), .has_arguments = true});
    if (!effect || !named || !peers || !is_right) return;

    const auto operations = *named ? *named : kind.all;
    model::PeerRule made{*effect, operations, {}};
    made.effect.rule = context.add_rule(rule.at);
    for (auto& peer : *peers) {
        made.peer = std::move(peer);
        rules.push_back(made);
    }
}

}  // namespace

void analyze(const Context& context, const ast::PtraceRule& rule) {
    add_rules(context, rule,
              {"ptrace", "tracing", "peer", ISOLATES_CLASS_PTRACE, ISOLATES_PTRACE_OPS,
               ptrace_permissions},
              context.policy.ptraces);
}

// The personality that override_creds takes over has a label; a ring with a thread of
// its own, and a command for a driver, have none but the task's.
void analyze(const Context& context, const ast::IoUringRule& rule) {
    add_rules(context, rule,
              {"io_uring", "rings", "label", ISOLATES_CLASS_IO_URING, ISOLATES_IO_URING_OPS,
               io_uring_permissions},
              context.policy.io_urings);
}

}  // namespace isolates::sema
