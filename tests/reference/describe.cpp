// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include "reference/generator.hpp"

namespace isolates::reference {

namespace {

std::string describe(const model::Effect& effect) {
    return fmt::format("rule {}: priority={} {}{}{} errno={}", effect.rule, effect.priority,
                       effect.audit ? "audit " : "", effect.quiet ? "quiet " : "",
                       effect.action == model::Action::deny ? "deny" : "allow", effect.error);
}

std::string describe(std::uint8_t kind, const std::uint8_t* address) {
    std::string text = fmt::format("kind {} address", kind);
    for (int i = 0; i < 16; i++) text += fmt::format("{}{:02x}", i ? ":" : " ", address[i]);
    return text;
}

std::string describe(const model::EndpointCondition& condition) {
    std::string text;
    if (condition.prefix)
        text += fmt::format("{}/{} ",
                            describe(condition.prefix->kind, condition.prefix->address.data()),
                            condition.prefix->bits);
    if (condition.ports)
        text += fmt::format("ports {}-{}", condition.ports->first, condition.ports->last);
    return text.empty() ? "any" : text;
}

std::string describe(const std::optional<isolates_endpoint>& endpoint) {
    if (!endpoint) return "none";
    return fmt::format("{} port {}", describe(endpoint->kind, endpoint->address), endpoint->port);
}

template <typename Number>
std::string describe(const std::optional<Number>& number) {
    return number ? fmt::format("{}", *number) : "any";
}

}  // namespace

std::string describe(const model::Policy& policy) {
    std::string text = fmt::format(
        "policy {} open {:#x} {:#x} {:#x}\n", policy.name, policy.open[ISOLATES_CLASS_FILE],
        policy.open[ISOLATES_CLASS_SIGNAL], policy.open[ISOLATES_CLASS_NETWORK]);
    for (const model::FileRule& rule : policy.files)
        text +=
            fmt::format("  {} file {:#x} whose {} {} -> {}\n", describe(rule.effect),
                        rule.operations, static_cast<int>(rule.whose), rule.glob, rule.transition);
    for (const model::LinkRule& rule : policy.links)
        text += fmt::format("  {} link {:#x} whose {} {} -> {}\n", describe(rule.effect),
                            rule.operations, static_cast<int>(rule.whose), rule.name, rule.file);
    for (const model::SignalRule& rule : policy.signals)
        text += fmt::format("  {} signal {:#x} set {} peer {}\n", describe(rule.effect),
                            rule.operations, rule.signals.to_string(), rule.peer);
    for (const model::NetworkRule& rule : policy.networks)
        text += fmt::format("  {} network {:#x} family {} type {} protocol {} local {} peer {}\n",
                            describe(rule.effect), rule.operations, describe(rule.family),
                            describe(rule.type), describe(rule.protocol), describe(rule.local),
                            describe(rule.peer));
    for (const model::SyscallRule& rule : policy.syscalls) {
        text += fmt::format("  {} syscall {}{}", describe(rule.effect), rule.name,
                            rule.only_audits ? " only audits" : "");
        for (const model::Argument& argument : rule.arguments)
            text += fmt::format(" ({} & {:#x} comparison {} {:#x})", argument.index, argument.mask,
                                static_cast<int>(argument.comparison), argument.value);
        text += '\n';
    }
    for (const model::MountRule& rule : policy.mounts)
        text += fmt::format("  {} mount {:#x} flags {:#x} free {:#x} type {} {} -> {}\n",
                            describe(rule.effect), rule.operations, rule.flags, rule.free,
                            rule.fstype.value_or("any"), rule.source.value_or("any"),
                            rule.target.value_or("any"));
    for (const model::UnixRule& rule : policy.unixes)
        text +=
            fmt::format("  {} unix {:#x} type {} addr {} peer {} label {}\n", describe(rule.effect),
                        rule.operations, describe(rule.type), rule.local.address.value_or("any"),
                        rule.peer.address.value_or("any"), rule.peer.label.value_or("any"));
    for (const model::ChangeRule& rule : policy.changes)
        text += fmt::format("  {} change {:#x} {} -> {}\n", describe(rule.effect), rule.operations,
                            rule.program, rule.target);
    for (const model::CapabilityRule& rule : policy.capabilities)
        text += fmt::format("  {} capability {}\n", describe(rule.effect),
                            rule.capabilities.to_string());
    for (const model::PeerRule& rule : policy.ptraces)
        text += fmt::format("  {} ptrace {:#x} peer {}\n", describe(rule.effect), rule.operations,
                            rule.peer);
    for (const model::NamespaceRule& rule : policy.namespaces)
        text += fmt::format("  {} namespace {:#x} {}\n", describe(rule.effect), rule.operations,
                            rule.kinds.to_string());
    for (const model::PeerRule& rule : policy.io_urings)
        text += fmt::format("  {} io_uring {:#x} peer {}\n", describe(rule.effect), rule.operations,
                            rule.peer);
    return text;
}

std::string describe(const decide::FileFacts& facts) {
    return fmt::format("file {:#x} {}{} owner {}", facts.operations, facts.path,
                       facts.directory ? " (directory)" : "", facts.owner);
}

std::string describe(const decide::LinkFacts& facts) {
    return fmt::format("link {:#x} {} to {} owner {}", facts.operations, facts.name, facts.file,
                       facts.owner);
}

std::string describe(const decide::SignalFacts& facts) {
    return fmt::format("signal {:#x} number {} peer {}", facts.operations, facts.number,
                       facts.peer);
}

std::string describe(const decide::NetworkFacts& facts) {
    return fmt::format("network {:#x} family {} type {} protocol {} local {} peer {}",
                       facts.operations, facts.family, facts.type, facts.protocol,
                       describe(facts.local), describe(facts.peer));
}

std::string describe(const decide::CapabilityFacts& facts) {
    return fmt::format("capability {}", facts.number);
}

std::string describe(const decide::PtraceFacts& facts) {
    return fmt::format("ptrace {:#x} peer {}", facts.operations, facts.peer);
}

std::string describe(const decide::NamespaceFacts& facts) {
    return fmt::format("namespace {:#x} kind {}", facts.operations, static_cast<int>(facts.kind));
}

std::string describe(const decide::IoUringFacts& facts) {
    return fmt::format("io_uring {:#x} peer {}", facts.operations, facts.peer);
}

std::string describe(const decide::MountFacts& facts) {
    if (!facts.is_known) return fmt::format("mount {:#x}, facts not known", facts.operations);
    return fmt::format("mount {:#x} flags {:#x} type '{}' '{}' -> '{}'", facts.operations,
                       facts.flags, facts.fstype, facts.source, facts.target);
}

std::string describe(const decide::UnixFacts& facts) {
    return fmt::format("unix {:#x} type {} local '{}' peer '{}' label '{}'", facts.operations,
                       facts.type, facts.local, facts.peer, facts.label);
}

std::string describe(const decide::ChangeFacts& facts) {
    return fmt::format("change {:#x} '{}' -> '{}'", facts.operations, facts.program, facts.target);
}

}  // namespace isolates::reference
