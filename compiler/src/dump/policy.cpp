// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <iterator>
#include <string>
#include <utility>

#include "diag/render.hpp"
#include "dump/dump.hpp"
#include "sema/errno_names.hpp"

namespace isolates::dump {
namespace {

std::string shown(std::string_view text) {
    return diag::printable(quoted(text));
}

template <typename Number>
std::string shown(const std::optional<Number>& number) {
    return number ? fmt::format("{}", *number) : "any";
}

std::string shown(const model::EndpointCondition& condition) {
    if (condition.is_any()) return "any";
    std::string out;
    if (condition.prefix) {
        for (const auto part : condition.prefix->address) out += fmt::format("{:02x}", part);
        out += fmt::format("/{} kind {}", condition.prefix->bits, condition.prefix->kind);
    }
    if (condition.ports)
        out += fmt::format("{}ports {}-{}", out.empty() ? "" : " ", condition.ports->first,
                           condition.ports->last);
    return out;
}

std::string_view shown(model::Whose whose) {
    return whose == model::Whose::owner ? "owner " : whose == model::Whose::other ? "other " : "";
}

class Writer {
  public:
    explicit Writer(const model::Program& program) : program_(program) {}

    std::string run() {
        for (const auto& policy : program_.policies) write(policy);
        return std::move(out_);
    }

  private:
    template <typename... Parts>
    void line(fmt::format_string<Parts...> format, Parts&&... parts) {
        fmt::format_to(std::back_inserter(out_), format, std::forward<Parts>(parts)...);
        out_ += '\n';
    }

    // Where a rule stands, and what it does.
    void begin(const model::Policy& policy, const model::Effect& effect) {
        const auto& at = policy.rules[effect.rule];
        fmt::format_to(
            std::back_inserter(out_), "  {}:{}:{} {}{}{}",
            at.source < program_.sources.size() ? diag::printable(program_.sources[at.source].name)
                                                : "?",
            at.line, at.column, effect.audit ? "audit " : "", effect.quiet ? "quiet " : "",
            effect.action == model::Action::deny ? "deny " : "allow ");
        if (effect.priority)
            fmt::format_to(std::back_inserter(out_), "priority={} ", effect.priority);
        if (effect.error)
            fmt::format_to(std::back_inserter(out_), "errno={} ", sema::errno_name(effect.error));
    }

    void write(const model::Policy& policy) {
        line("policy {}: mode {}", shown(policy.name), static_cast<int>(policy.mode));
        for (std::size_t i = 0; i < policy.open.size(); i++)
            if (policy.open[i]) line("  open class {}: {:#x}", i, policy.open[i]);
        for (const auto& glob : policy.attachments) line("  attaches to {}", shown(glob));
        for (std::size_t i = 0; i < policy.transitions.size(); i++) {
            const auto& transition = policy.transitions[i];
            line("  transition {}: kind {}, fallback {}{}, target {}", i + 1,
                 static_cast<int>(transition.kind), static_cast<int>(transition.fallback),
                 transition.scrubs ? ", scrubs" : "", shown(transition.target));
        }
        for (const auto& binding : policy.bindings)
            line("  binding: kind {}, where {}, number {}, path {}{}",
                 static_cast<int>(binding.kind), static_cast<int>(binding.where), binding.number,
                 shown(binding.path), binding.on_exec ? ", on exec" : "");
        write_rules(policy);
    }

    void write_rules(const model::Policy& policy) {
        for (const auto& rule : policy.files) {
            begin(policy, rule.effect);
            line("file {}{} {:#x} transition {}", shown(rule.whose), shown(rule.glob),
                 rule.operations, rule.transition);
        }
        for (const auto& rule : policy.links) {
            begin(policy, rule.effect);
            line("link {}{} -> {} {:#x}", shown(rule.whose), shown(rule.name), shown(rule.file),
                 rule.operations);
        }
        for (const auto& rule : policy.signals) {
            begin(policy, rule.effect);
            line("signal {:#x} signals {} peer {}", rule.operations, numbers(rule.signals),
                 shown(rule.peer));
        }
        for (const auto& rule : policy.networks) {
            begin(policy, rule.effect);
            line("network {:#x} family {} type {} protocol {} local {} peer {}", rule.operations,
                 shown(rule.family), shown(rule.type), shown(rule.protocol), shown(rule.local),
                 shown(rule.peer));
        }
        for (const auto& rule : policy.capabilities) {
            begin(policy, rule.effect);
            line("capability {:#x}", rule.capabilities.to_ullong());
        }
        write_peers(policy, policy.ptraces, "ptrace");
        for (const auto& rule : policy.namespaces) {
            begin(policy, rule.effect);
            line("namespace {:#x} kinds {:#x}", rule.operations, rule.kinds.to_ullong());
        }
        write_peers(policy, policy.io_urings, "io_uring");
        for (const auto& rule : policy.syscalls) write_syscall(policy, rule);
    }

    void write_peers(const model::Policy& policy, const std::vector<model::PeerRule>& rules,
                     std::string_view name) {
        for (const auto& rule : rules) {
            begin(policy, rule.effect);
            line("{} {:#x} peer {}", name, rule.operations, shown(rule.peer));
        }
    }

    void write_syscall(const model::Policy& policy, const model::SyscallRule& rule) {
        begin(policy, rule.effect);
        std::string conditions;
        for (const auto& argument : rule.arguments)
            conditions +=
                fmt::format("{}{} & {:#x} comparison {} {:#x}", conditions.empty() ? " (" : ", ",
                            argument.index, argument.mask, static_cast<int>(argument.comparison),
                            argument.value);
        line("syscall {}{}{}{}", rule.name, conditions, conditions.empty() ? "" : ")",
             rule.only_audits ? " only audits" : "");
    }

    static std::string numbers(const model::SignalSet& signals) {
        if (signals.all()) return "any";
        std::string out;
        for (std::size_t i = 0; i < signals.size(); i++)
            if (signals[i]) out += fmt::format("{}{}", out.empty() ? "" : ",", i);
        return out.empty() ? "none" : out;
    }

    const model::Program& program_;
    std::string out_;
};

}  // namespace

std::string program(const model::Program& program) {
    return Writer(program).run();
}

}  // namespace isolates::dump
