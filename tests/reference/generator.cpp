// SPDX-License-Identifier: GPL-2.0-only
#include "reference/generator.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>

namespace isolates::reference {

std::uint64_t test_seed() {
    static const std::uint64_t seed = [] {
        const char* given = std::getenv("ISOLATES_TEST_SEED");
        const std::uint64_t chosen =
            given ? std::strtoull(given, nullptr, 0) : std::random_device{}();
        std::printf("# ISOLATES_TEST_SEED=%llu\n", static_cast<unsigned long long>(chosen));
        return chosen;
    }();
    return seed;
}

char Generator::letter() {
    static constexpr std::array kLetters = {'a', 'b', 'c', '.', '/'};
    return kLetters[below(kLetters.size())];
}

std::string Generator::byte_class() {
    static constexpr std::array kClasses = {"[ab]",   "[a-c]", "[^a]", "[^a-b/]", "[./]",
                                            "[-a]",   "[c-a]", "[^^]", "[a^]",    "[a-bx-z]",
                                            "[\\]a]", "[*?]",  "[,{]"};
    return kClasses[below(kClasses.size())];
}

std::string Generator::glob_part(std::size_t depth) {
    switch (below(depth < 3 ? 14 : 10)) {
        case 0:
            return "*";
        case 1:
            return "**";
        case 2:
            return "?";
        case 3:
            return byte_class();
        case 4:
            return "/";
        case 5:
            return chance(4) ? std::array{"\\*", "\\x61", "\\d98", "\\143", "\\,"}[below(5)] : "a";
        case 10:
        case 11: {
            std::string group = "{";
            const std::size_t alternatives = 2 + below(2);
            for (std::size_t i = 0; i < alternatives; i++) {
                if (i) group += ',';
                for (std::size_t parts = below(3); parts; parts--) group += glob_part(depth + 1);
            }
            return group + "}";
        }
        default:
            return std::string(1, letter());
    }
}

std::string Generator::glob(std::size_t length) {
    std::string glob;
    for (std::size_t parts = 1 + below(length); parts; parts--) glob += glob_part(0);
    return glob;
}

std::string Generator::path_glob() {
    // Common beginnings make rules meet.
    static constexpr std::array kHeads = {"/", "/a", "/a/b", "/*/", "/**/", "/a/**", "/{a,b}/"};
    std::string glob = kHeads[below(kHeads.size())];
    return chance(6) ? glob : glob + this->glob(7);
}

std::string Generator::path() {
    std::string path = "/";
    for (std::size_t length = below(9); length; length--) path += letter();
    return path;
}

// Reads the glob loosely: what comes out matches often, and that is enough.
std::string Generator::text_like(const std::string& glob) {
    std::string text;
    for (std::size_t i = 0; i < glob.size(); i++) {
        switch (glob[i]) {
            case '*':
                for (std::size_t length = below(3); length; length--) text += letter();
                break;
            case '?':
                text += letter();
                break;
            case '[':
                text += letter();
                while (i + 1 < glob.size() && glob[i] != ']') i++;
                break;
            case '{':
            case '}':
                break;
            case ',':
                while (i + 1 < glob.size() && glob[i + 1] != '}') i++;
                break;
            case '\\':
                break;
            default:
                text += glob[i];
        }
    }
    if (chance(4) && !text.empty()) text[below(text.size())] = letter();
    if (chance(8)) text += letter();
    if (chance(8) && !text.empty()) text.pop_back();
    return text;
}

model::Effect Generator::effect(std::uint32_t rule) {
    model::Effect effect;
    effect.rule = rule;
    if (chance(3)) effect.action = model::Action::deny;
    effect.audit = chance(6);
    effect.quiet = chance(6);
    if (effect.action == model::Action::deny && chance(3))
        effect.error = static_cast<std::uint32_t>(1 + below(40));
    return effect;
}

model::FileRule Generator::file_rule(std::uint32_t rule) {
    model::FileRule made{effect(rule), path_glob(), 0, model::Whose::anyone};
    while (!made.operations)
        for (std::size_t count = 1 + below(3); count; count--)
            made.operations |= 1u << below(chance(3) ? 18 : 3);
    if (chance(3)) made.whose = chance(2) ? model::Whose::owner : model::Whose::other;
    return made;
}

model::SignalRule Generator::signal_rule(std::uint32_t rule) {
    model::SignalRule made;
    made.effect = effect(rule);
    made.operations = static_cast<std::uint32_t>(1 + below(ISOLATES_SIGNAL_OPS));
    if (chance(3))
        made.signals.set();
    else
        for (std::size_t count = 1 + below(4); count; count--) made.signals.set(below(65));
    made.peer = chance(3) ? "**" : chance(2) ? glob(4) : "unconfined";
    return made;
}

isolates_endpoint Generator::endpoint() {
    isolates_endpoint made{};
    made.kind = static_cast<std::uint8_t>(below(3));
    if (made.kind == ISOLATES_ENDPOINT_NONE) return made;
    const bool is_mapped = made.kind == ISOLATES_ENDPOINT_INET6 && chance(2);
    if (is_mapped) made.address[10] = made.address[11] = 0xff;
    for (std::size_t i = is_mapped ? 12 : 0; i < (made.kind == ISOLATES_ENDPOINT_INET ? 4 : 16);
         i++)
        made.address[i] = static_cast<std::uint8_t>(std::array{0, 10, 10, 127, 128, 255}[below(6)]);
    made.port = static_cast<std::uint16_t>(
        std::array{0, 1, 79, 80, 81, 255, 256, 257, 511, 512, 8080, 65535}[below(12)]);
    return made;
}

model::EndpointCondition Generator::condition() {
    model::EndpointCondition made;
    if (chance(2)) {
        isolates_endpoint example{};
        while (example.kind == ISOLATES_ENDPOINT_NONE) example = endpoint();
        model::Prefix prefix{example.kind, {}, 0};
        for (std::size_t i = 0; i < 16; i++) prefix.address[i] = example.address[i];
        prefix.bits =
            static_cast<std::uint32_t>(below(example.kind == ISOLATES_ENDPOINT_INET ? 33 : 129));
        made.prefix = prefix;
    }
    if (chance(2)) {
        const std::uint16_t a = endpoint().port, b = endpoint().port;
        made.ports = model::PortRange{std::min(a, b), std::max(a, b)};
    }
    if (made.is_any()) made.is_none = chance(4);
    return made;
}

model::NetworkRule Generator::network_rule(std::uint32_t rule) {
    model::NetworkRule made;
    made.effect = effect(rule);
    made.operations = static_cast<std::uint32_t>(1 + below(ISOLATES_NETWORK_OPS));
    if (chance(2)) made.family = std::array<std::uint8_t, 4>{1, 2, 10, 16}[below(4)];
    if (chance(2)) made.type = static_cast<std::uint8_t>(1 + below(3));
    if (chance(3)) made.protocol = std::array<std::uint16_t, 4>{0, 6, 17, 262}[below(4)];
    if (chance(3)) made.local = condition();
    if (chance(3)) made.peer = condition();
    return made;
}

std::string Generator::syscall_name() {
    return std::array{"mkdir", "mkdirat", "mknod", "open", "openat", "m"}[below(6)];
}

model::SyscallRule Generator::syscall_rule(std::uint32_t rule) {
    model::SyscallRule made{effect(rule), syscall_name(), {}, false, chance(4)};
    made.only_audits = chance(5);
    if (made.only_audits) made.effect = {model::Action::allow, true, false, 0, rule};
    for (std::size_t count = chance(2) ? 0 : 1 + below(2); count; count--) {
        model::Argument argument;
        argument.index = static_cast<std::uint32_t>(below(2));
        argument.comparison = static_cast<isolates_comparison>(below(ISOLATES_COMPARISONS));
        argument.mask = std::array<std::uint64_t, 4>{~0ull, 0xffffffff, 3, 1ull << 40}[below(4)];
        argument.value = below(5) & argument.mask;
        made.arguments.push_back(argument);
    }
    return made;
}

// Few values, some with bits that an int has not.
decide::SyscallArguments Generator::syscall_arguments(const model::Policy& policy) {
    decide::SyscallArguments arguments{};
    for (auto& argument : arguments) {
        argument = below(5);
        if (chance(4)) argument |= 1ull << (32 + below(16));
    }
    for (const model::SyscallRule& rule : policy.syscalls)
        for (const model::Argument& argument : rule.arguments)
            if (chance(4)) arguments[argument.index] = argument.value;
    return arguments;
}

model::CapabilityRule Generator::capability_rule(std::uint32_t rule) {
    model::CapabilityRule made{effect(rule), ISOLATES_CAPABILITY_USE, {}};
    if (chance(6)) made.capabilities.set();
    for (std::size_t count = 1 + below(6); count; count--) made.capabilities.set(below(41));
    return made;
}

model::PeerRule Generator::peer_rule(std::uint32_t rule, std::uint32_t operations) {
    model::PeerRule made{effect(rule), 0, chance(3) ? "**" : chance(2) ? glob(4) : "unconfined"};
    while (!made.operations) made.operations = static_cast<std::uint32_t>(below(16)) & operations;
    return made;
}

model::NamespaceRule Generator::namespace_rule(std::uint32_t rule) {
    model::NamespaceRule made{
        effect(rule), static_cast<std::uint32_t>(1 + below(ISOLATES_NAMESPACE_OPS)), {}};
    made.kinds = 1 + below(255);
    return made;
}

model::Policy Generator::policy(const std::string& name, std::size_t rules) {
    model::Policy policy;
    policy.name = name;
    const auto next = [&] {
        const auto rule = static_cast<std::uint32_t>(policy.rules.size());
        policy.rules.push_back({0, rule + 1, 1});
        return rule;
    };
    for (std::size_t i = below(rules + 1); i; i--) policy.files.push_back(file_rule(next()));
    for (std::size_t i = below(rules + 1); i; i--) policy.signals.push_back(signal_rule(next()));
    for (std::size_t i = below(rules + 1); i; i--) policy.networks.push_back(network_rule(next()));
    for (std::size_t i = below(5); i; i--) policy.capabilities.push_back(capability_rule(next()));
    for (std::size_t i = below(5); i; i--)
        policy.ptraces.push_back(peer_rule(next(), ISOLATES_PTRACE_OPS));
    for (std::size_t i = below(5); i; i--) policy.namespaces.push_back(namespace_rule(next()));
    for (std::size_t i = below(5); i; i--)
        policy.io_urings.push_back(peer_rule(next(), ISOLATES_IO_URING_OPS));
    for (std::size_t i = below(6); i; i--) policy.mounts.push_back(mount_rule(next()));
    if (chance(3)) policy.open[ISOLATES_CLASS_MOUNT] = ISOLATES_MOUNT_UMOUNT | ISOLATES_MOUNT_BIND;
    for (std::size_t i = below(6); i; i--) policy.unixes.push_back(unix_rule(next()));
    for (std::size_t i = below(6); i; i--) policy.changes.push_back(change_rule(next()));
    if (chance(3)) policy.open[ISOLATES_CLASS_UNIX] = ISOLATES_NETWORK_CREATE;
    if (chance(3)) policy.open[ISOLATES_CLASS_CHANGE_PROFILE] = ISOLATES_CHANGE_PROFILE_NOW;
    const bool allows_syscalls = chance(3);
    for (std::size_t i = below(6); i; i--) {
        model::SyscallRule rule = syscall_rule(next());
        if (!allows_syscalls && !rule.only_audits) rule.effect.action = model::Action::deny;
        if (rule.effect.action == model::Action::allow) rule.effect.error = 0;
        policy.syscalls.push_back(rule);
    }
    if (chance(3)) policy.open[ISOLATES_CLASS_FILE] |= ISOLATES_FILE_READ | ISOLATES_FILE_LOCK;
    if (chance(3)) policy.open[ISOLATES_CLASS_SIGNAL] = ISOLATES_SIGNAL_OPS;
    if (chance(3)) policy.open[ISOLATES_CLASS_NETWORK] = ISOLATES_NETWORK_CREATE;
    if (chance(3)) policy.open[ISOLATES_CLASS_CAPABILITY] = ISOLATES_CAPABILITY_OPS;
    if (chance(3)) policy.open[ISOLATES_CLASS_PTRACE] = ISOLATES_PTRACE_READBY;
    if (chance(3)) policy.open[ISOLATES_CLASS_NAMESPACE] = ISOLATES_NAMESPACE_ENTER;
    if (chance(3)) policy.open[ISOLATES_CLASS_IO_URING] = ISOLATES_IO_URING_SQPOLL;
    return policy;
}

void Generator::add_priorities(model::Policy& policy) {
    const auto change = [&](auto& rules) {
        for (auto& rule : rules)
            if (chance(2)) rule.effect.priority = static_cast<std::int32_t>(below(5)) - 2;
    };
    change(policy.files);
    change(policy.links);
    change(policy.signals);
    change(policy.networks);
}

void Generator::add_transitions(model::Policy& policy) {
    policy.transitions = {{ISOLATES_TRANSITION_POLICY, ISOLATES_FALLBACK_STAY, true, "other"},
                          {ISOLATES_TRANSITION_CHILD, ISOLATES_FALLBACK_DENY, false, ""},
                          {ISOLATES_TRANSITION_UNCONFINED, ISOLATES_FALLBACK_DENY, true, ""}};
    for (std::size_t count = below(4); count; count--) {
        const auto rule = static_cast<std::uint32_t>(policy.rules.size());
        policy.rules.push_back({0, rule + 1, 1});
        policy.files.push_back({effect(rule), path(), ISOLATES_FILE_EXEC, model::Whose::anyone, 0});
    }
    // Mostly one for all, or there would hardly be a policy without a contradiction.
    const auto usual = static_cast<std::uint32_t>(below(4));
    for (model::FileRule& rule : policy.files)
        if (chance(2)) rule.operations |= ISOLATES_FILE_EXEC;
    for (model::FileRule& rule : policy.files)
        if (rule.operations & ISOLATES_FILE_EXEC && rule.effect.action == model::Action::allow)
            rule.transition = chance(2) ? static_cast<std::uint32_t>(below(4)) : usual;
}

void Generator::add_links(model::Policy& policy) {
    for (std::size_t count = 1 + below(5); count; count--) {
        const auto rule = static_cast<std::uint32_t>(policy.rules.size());
        policy.rules.push_back({0, rule + 1, 1});
        model::LinkRule made{effect(rule), path_glob(), path_glob(), 0, model::Whose::anyone};
        made.operations = static_cast<std::uint32_t>(1 + below(ISOLATES_LINK_OPS));
        if (chance(3)) made.whose = chance(2) ? model::Whose::owner : model::Whose::other;
        policy.links.push_back(made);
    }
}

decide::LinkFacts Generator::link_facts(const model::Policy& policy) {
    decide::LinkFacts facts;
    facts.operations = static_cast<std::uint32_t>(1 + below(ISOLATES_LINK_OPS));
    const auto& rule = policy.links[below(policy.links.size())];
    // A directory has no hard link, and so no path ends in a slash.
    const auto some_path = [&](const std::string& glob) {
        std::string text = "/a" + (chance(4) ? path() : text_like(glob));
        if (chance(2)) text.erase(0, 2);
        while (text.ends_with('/')) text.pop_back();
        return text.starts_with('/') ? text : "/b" + text;
    };
    facts.name = some_path(rule.name);
    facts.file = some_path(rule.file);
    facts.owner = chance(2);
    return facts;
}

decide::FileFacts Generator::file_facts(const model::Policy& policy) {
    decide::FileFacts facts;
    facts.path = policy.files.empty() || chance(4)
                     ? path()
                     : text_like(policy.files[below(policy.files.size())].glob);
    if (!facts.path.starts_with('/')) facts.path.insert(0, 1, '/');
    facts.operations = 1u << below(3);
    if (chance(3)) facts.operations |= 1u << below(18);
    facts.owner = chance(2);
    facts.directory = chance(3);
    return facts;
}

decide::SignalFacts Generator::signal_facts(const model::Policy& policy) {
    decide::SignalFacts facts;
    facts.operations = 1u << below(2);
    facts.number = static_cast<std::uint8_t>(below(65));
    if (!policy.signals.empty()) {
        const model::SignalRule& rule = policy.signals[below(policy.signals.size())];
        if (chance(2)) facts.peer = text_like(rule.peer);
        for (std::uint8_t number = 0; number < 65 && chance(2); number++)
            if (rule.signals[number]) facts.number = number;
    }
    return facts;
}

decide::NetworkFacts Generator::network_facts(const model::Policy& policy) {
    decide::NetworkFacts facts;
    facts.operations = 1u << below(12);
    facts.family = std::array{1u, 2u, 10u, 16u}[below(4)];
    facts.type = static_cast<std::uint32_t>(1 + below(3));
    facts.protocol = std::array{0u, 0u, 6u, 17u, 262u}[below(5)];
    const bool has_addresses = facts.family == 2 || facts.family == 10 || chance(4);
    if (facts.operations != ISOLATES_NETWORK_CREATE && has_addresses) facts.local = endpoint();
    if (facts.operations & ISOLATES_NETWORK_PEER_OPS && has_addresses) facts.peer = endpoint();
    // Often one that a rule's prefix is about.
    if (facts.peer && !policy.networks.empty() && chance(2)) {
        const auto& prefix = policy.networks[below(policy.networks.size())].peer.prefix;
        if (prefix) {
            facts.peer->kind = prefix->kind;
            for (std::size_t i = 0; i < 16; i++) facts.peer->address[i] = prefix->address[i];
        }
    }
    return facts;
}

decide::CapabilityFacts Generator::capability_facts() {
    return {ISOLATES_CAPABILITY_USE, static_cast<std::uint8_t>(below(43))};
}

std::string Generator::peer_like(const std::vector<model::PeerRule>& rules) {
    if (rules.empty() || chance(3)) return chance(2) ? "unconfined" : path();
    return text_like(rules[below(rules.size())].peer);
}

decide::PtraceFacts Generator::ptrace_facts(const model::Policy& policy) {
    return {1u << below(4), peer_like(policy.ptraces)};
}

decide::NamespaceFacts Generator::namespace_facts() {
    return {1u << below(2), static_cast<isolates_namespace>(below(ISOLATES_NAMESPACE_COUNT))};
}

decide::IoUringFacts Generator::io_uring_facts(const model::Policy& policy) {
    return {1u << below(3), peer_like(policy.io_urings)};
}

// A few, of each byte one, so that they meet.
std::uint32_t Generator::mount_flags() {
    std::uint32_t flags = 0;
    for (const unsigned bit : {0u, 1u, 5u, 12u, 13u, 14u, 18u, 20u, 24u})
        if (chance(4)) flags |= 1u << bit;
    return flags;
}

model::MountRule Generator::mount_rule(std::uint32_t rule) {
    model::MountRule made{
        effect(rule), static_cast<std::uint32_t>(1 + below(ISOLATES_MOUNT_OPS)), 0, 0, {}, {}, {}};
    made.free = chance(2) ? ~std::uint32_t{0} : mount_flags();
    made.flags = mount_flags() & ~made.free;
    if (chance(3)) made.fstype = std::array{"tmpfs", "ext*", "{nfs,tmpfs}"}[below(3)];
    if (chance(3)) made.source = path_glob();
    if (chance(3)) made.target = path_glob();
    return made;
}

decide::MountFacts Generator::mount_facts(const model::Policy& policy) {
    decide::MountFacts facts;
    facts.operations = 1u << below(7);
    facts.is_known = !chance(5);
    const model::MountRule rule =
        policy.mounts.empty() ? mount_rule(0) : policy.mounts[below(policy.mounts.size())];
    facts.flags = chance(2) ? rule.flags | (mount_flags() & rule.free) : mount_flags();
    facts.fstype = std::array{"tmpfs", "ext4", "nfs", ""}[below(4)];
    facts.source = text_of(rule.source);
    facts.target = text_of(rule.target);
    return facts;
}

std::string Generator::unix_address() {
    if (chance(4)) return "";
    return chance(2) ? "@" + glob(4) : path_glob();
}

model::UnixRule Generator::unix_rule(std::uint32_t rule) {
    model::UnixRule made{
        effect(rule), static_cast<std::uint32_t>(1 + below(ISOLATES_NETWORK_OPS)), {}, {}, {}};
    if (chance(2)) made.type = static_cast<std::uint8_t>(1 + below(3));
    if (chance(2)) made.local.address = unix_address();
    // A socket that is made has no address to be denied for.
    if (made.local.address && made.effect.action == model::Action::deny)
        made.operations =
            (made.operations | ISOLATES_NETWORK_BIND) & ~std::uint32_t{ISOLATES_NETWORK_CREATE};
    if (chance(2)) {
        made.operations &= ISOLATES_NETWORK_PEER_OPS;
        if (!made.operations) made.operations = ISOLATES_NETWORK_CONNECT;
        if (chance(2)) made.peer.address = unix_address();
        if (chance(2)) made.peer.label = chance(3) ? "unconfined" : glob(4);
    }
    return made;
}

model::ChangeRule Generator::change_rule(std::uint32_t rule) {
    return {effect(rule), static_cast<std::uint32_t>(1 + below(ISOLATES_CHANGE_PROFILE_OPS)),
            path_glob(), chance(3) ? "**" : glob(5)};
}

// A text of a field: often one that a rule's glob may match, and never with a NUL.
std::string Generator::text_of(const std::optional<std::string>& glob) {
    return glob && !chance(4) ? text_like(*glob) : chance(3) ? "" : path();
}

decide::UnixFacts Generator::unix_facts(const model::Policy& policy) {
    decide::UnixFacts facts;
    facts.operations = 1u << below(12);
    facts.type = static_cast<std::uint8_t>(1 + below(3));
    const model::UnixRule rule =
        policy.unixes.empty() ? unix_rule(0) : policy.unixes[below(policy.unixes.size())];
    if (facts.operations != ISOLATES_NETWORK_CREATE) facts.local = text_of(rule.local.address);
    if (facts.operations & ISOLATES_NETWORK_PEER_OPS) {
        facts.peer = text_of(rule.peer.address);
        facts.label = chance(3) ? "unconfined" : text_of(rule.peer.label);
    }
    return facts;
}

decide::ChangeFacts Generator::change_facts(const model::Policy& policy) {
    const model::ChangeRule rule =
        policy.changes.empty() ? change_rule(0) : policy.changes[below(policy.changes.size())];
    return {1u << below(2), text_of(rule.program), text_of(rule.target)};
}

}  // namespace isolates::reference
