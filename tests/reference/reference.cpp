// SPDX-License-Identifier: GPL-2.0-only
#include "reference/reference.hpp"

#include <algorithm>
#include <cerrno>
#include <functional>
#include <map>
#include <stdexcept>
#include <utility>

#include "reference/glob_match.hpp"

namespace isolates::reference {

namespace {

// A path as file rules speak of it: one slash at a time, a directory's behind it.
std::string canonical_path(const decide::FileFacts& facts) {
    std::string path = "/" + facts.path;
    if (facts.directory) path += "/";
    std::string result;
    for (const char c : path)
        if (c != '/' || result.empty() || result.back() != '/') result += c;
    return result;
}

// The glob of a file rule, one slash at a time but for exactly two in front.
std::string canonical_glob(const std::string& glob) {
    const bool is_spared = glob.starts_with("//") && !glob.starts_with("///");
    std::string result = is_spared ? "//" : "";
    for (std::size_t i = result.size(); i < glob.size(); i++)
        if (glob[i] != '/' || result.empty() || result.back() != '/') result += glob[i];
    return result;
}

// The glob has no wildcard; alternatives are none.
bool is_literal(const std::string& glob) {
    for (std::size_t i = 0; i < glob.size(); i++) {
        if (glob[i] == '\\')
            i++;
        else if (std::string_view("*?[").find(glob[i]) != std::string_view::npos)
            return false;
    }
    return true;
}

struct Socket {
    std::uint32_t family, type, protocol;
    std::optional<isolates_endpoint> local, peer;
};

bool is_mapped(const std::optional<isolates_endpoint>& endpoint) {
    if (!endpoint || endpoint->kind != ISOLATES_ENDPOINT_INET6) return false;
    for (int i = 0; i < 10; i++)
        if (endpoint->address[i]) return false;
    return endpoint->address[10] == 0xff && endpoint->address[11] == 0xff;
}

void make_inet(std::optional<isolates_endpoint>& endpoint) {
    if (!endpoint || endpoint->kind != ISOLATES_ENDPOINT_INET6) return;
    endpoint->kind = ISOLATES_ENDPOINT_INET;
    for (int i = 0; i < 4; i++) endpoint->address[i] = endpoint->address[i + 12];
}

// What a socket call comes down to: IPv4 in IPv6's clothes is IPv4, and the
// default protocol of streams and datagrams is known.
Socket canonical_socket(const decide::NetworkFacts& facts) {
    constexpr std::uint32_t kInet = 2, kInet6 = 10, kStream = 1, kDatagram = 2, kTcp = 6, kUdp = 17;
    Socket socket{facts.family, facts.type, facts.protocol, facts.local, facts.peer};
    if (!socket.protocol && (socket.family == kInet || socket.family == kInet6)) {
        if (socket.type == kStream) socket.protocol = kTcp;
        if (socket.type == kDatagram) socket.protocol = kUdp;
    }
    if (is_mapped(facts.local) || is_mapped(facts.peer)) {
        socket.family = kInet;
        make_inet(socket.local);
        make_inet(socket.peer);
    }
    return socket;
}

bool bit_of(const std::uint8_t* address, unsigned bit) {
    return address[bit / 8] >> (7 - bit % 8) & 1;
}

bool prefix_holds(const model::Prefix& prefix, const isolates_endpoint& endpoint) {
    // A prefix of mapped addresses is about IPv4.
    isolates_endpoint given{prefix.kind, {}, 0};
    for (int i = 0; i < 16; i++) given.address[i] = prefix.address[static_cast<std::size_t>(i)];
    const bool is_inet = prefix.bits >= 96 && is_mapped(given);
    const std::uint32_t kind = is_inet ? std::uint32_t{ISOLATES_ENDPOINT_INET} : prefix.kind;
    const unsigned skip = is_inet ? 96 : 0;
    if (endpoint.kind != kind) return false;
    for (unsigned bit = skip; bit < prefix.bits; bit++)
        if (bit_of(given.address, bit) != bit_of(endpoint.address, bit - skip)) return false;
    return true;
}

bool condition_holds(const model::EndpointCondition& condition,
                     const std::optional<isolates_endpoint>& endpoint) {
    if (condition.is_any()) return true;
    if (condition.is_none) return endpoint && endpoint->kind == ISOLATES_ENDPOINT_NONE;
    if (!endpoint || endpoint->kind == ISOLATES_ENDPOINT_NONE) return false;
    if (condition.prefix && !prefix_holds(*condition.prefix, *endpoint)) return false;
    return !condition.ports ||
           (endpoint->port >= condition.ports->first && endpoint->port <= condition.ports->last);
}

// Which of its operations the rule is about, on that socket.
std::uint32_t operations_on(const model::NetworkRule& rule, const Socket& socket) {
    if (rule.family && *rule.family != socket.family) return 0;
    if (rule.type && *rule.type != socket.type) return 0;
    if (rule.protocol && *rule.protocol != socket.protocol) return 0;
    std::uint32_t operations = 0;
    const auto consider = [&](std::uint32_t operation, bool has_local, bool has_peer) {
        const bool ignores_one =
            (!has_local && !rule.local.is_any()) || (!has_peer && !rule.peer.is_any());
        if (ignores_one && rule.effect.action == model::Action::deny) return;
        if (has_local && !condition_holds(rule.local, socket.local)) return;
        if (has_peer && !condition_holds(rule.peer, socket.peer)) return;
        operations |= operation;
    };
    for (std::uint32_t bit = 0; bit < 12; bit++) {
        const std::uint32_t operation = 1u << bit;
        const bool has_peer =
            operation == ISOLATES_NETWORK_CONNECT || operation == ISOLATES_NETWORK_ACCEPT ||
            operation == ISOLATES_NETWORK_SEND || operation == ISOLATES_NETWORK_RECEIVE;
        consider(operation, operation != ISOLATES_NETWORK_CREATE, has_peer);
    }
    return operations & rule.operations;
}

// Unite what the rules say. @about(rule): the operations it is about here.
template <typename Rules, typename About>
Verdict unite(const model::Policy& policy, isolates_class class_id, std::uint32_t default_error,
              const Rules& rules, std::uint32_t asked, About about) {
    // Of the rules about an operation those of the highest priority count.
    const auto counting = [&](const auto& rule) {
        std::uint32_t operations = about(rule);
        for (const auto& other : rules)
            if (other.effect.priority > rule.effect.priority) operations &= ~about(other);
        return operations;
    };
    std::uint32_t allow = policy.open[class_id], deny = 0, audit = 0, quiet = 0;
    for (const auto& rule : rules) {
        const std::uint32_t operations = counting(rule);
        (rule.effect.action == model::Action::deny ? deny : allow) |= operations;
        if (rule.effect.audit) audit |= operations;
        if (rule.effect.quiet) quiet |= operations;
    }
    Verdict verdict;
    verdict.allowed = allow & ~deny;
    verdict.denied = asked & ~verdict.allowed;
    verdict.reported = (verdict.denied & ~quiet) | (asked & audit);
    if (!verdict.denied) return verdict;

    verdict.error = default_error;
    // Those of a higher priority come first.
    const auto is_before = [](const model::Effect& a, const std::optional<model::Effect>& b) {
        if (!b || a.priority != b->priority) return !b || a.priority > b->priority;
        return a.rule < b->rule;
    };
    std::optional<model::Effect> denies, gives_error;
    for (const auto& rule : rules) {
        const model::Effect& effect = rule.effect;
        if (effect.action != model::Action::deny) continue;
        if (!(counting(rule) & verdict.denied)) continue;
        if (is_before(effect, denies)) denies = effect;
        if (effect.error && is_before(effect, gives_error)) gives_error = effect;
    }
    if (denies) verdict.denied_by = denies->rule;
    if (gives_error) verdict.error = gives_error->error;
    return verdict;
}

}  // namespace

bool is_about(const model::FileRule& rule, const decide::FileFacts& facts) {
    if (rule.whose == model::Whose::owner && !facts.owner) return false;
    if (rule.whose == model::Whose::other && facts.owner) return false;
    return glob_matches(canonical_glob(rule.glob), canonical_path(facts));
}

bool is_about(const model::SignalRule& rule, const decide::SignalFacts& facts) {
    return facts.number < rule.signals.size() && rule.signals[facts.number] &&
           glob_matches(rule.peer, facts.peer);
}

Verdict judge(const model::Policy& policy, const decide::FileFacts& facts) {
    return unite(
        policy, ISOLATES_CLASS_FILE, EACCES, policy.files, facts.operations,
        [&](const model::FileRule& rule) { return is_about(rule, facts) ? rule.operations : 0; });
}

bool is_about(const model::LinkRule& rule, const decide::LinkFacts& facts) {
    if (rule.whose == model::Whose::owner && !facts.owner) return false;
    if (rule.whose == model::Whose::other && facts.owner) return false;
    return glob_matches(canonical_glob(rule.name), canonical_path({0, facts.name})) &&
           glob_matches(canonical_glob(rule.file), canonical_path({0, facts.file}));
}

Verdict judge(const model::Policy& policy, const decide::LinkFacts& facts) {
    return unite(
        policy, ISOLATES_CLASS_LINK, EACCES, policy.links, facts.operations,
        [&](const model::LinkRule& rule) { return is_about(rule, facts) ? rule.operations : 0; });
}

std::set<std::uint32_t> judge_exec(const model::Policy& policy, const decide::FileFacts& facts) {
    decide::FileFacts exec = facts;
    exec.operations = ISOLATES_FILE_EXEC;
    if (judge(policy, exec).denied) return {};
    // By how much the rule counts: its priority, and then that it has no wildcard.
    std::map<std::pair<std::int32_t, bool>, std::set<std::uint32_t>> transitions;
    for (const model::FileRule& rule : policy.files) {
        if (!(rule.operations & ISOLATES_FILE_EXEC) || !is_about(rule, facts)) continue;
        const bool is_exact = is_literal(canonical_glob(rule.glob));
        transitions[{rule.effect.priority, is_exact}].insert(rule.transition);
    }
    return transitions.empty() ? std::set<std::uint32_t>{0} : transitions.rbegin()->second;
}

bool judge_attach(const model::Policy& policy, const std::string& path) {
    return std::ranges::any_of(policy.attachments, [&](const std::string& glob) {
        return glob_matches(canonical_glob(glob), canonical_path({0, path}));
    });
}

Verdict judge(const model::Policy& policy, const decide::SignalFacts& facts) {
    return unite(
        policy, ISOLATES_CLASS_SIGNAL, EPERM, policy.signals, facts.operations,
        [&](const model::SignalRule& rule) { return is_about(rule, facts) ? rule.operations : 0; });
}

Verdict judge(const model::Policy& policy, const decide::NetworkFacts& facts) {
    const Socket socket = canonical_socket(facts);
    return unite(policy, ISOLATES_CLASS_NETWORK, EPERM, policy.networks, facts.operations,
                 [&](const model::NetworkRule& rule) { return operations_on(rule, socket); });
}

// The flags that matter to an operation, as mount(2) has them.
std::uint32_t flags_of_mount(std::uint32_t operation) {
    constexpr std::uint32_t kRemount = 1u << 5, kBind = 1u << 12, kMove = 1u << 13;
    constexpr std::uint32_t kRecursive = 1u << 14, kTypes = 0xfu << 17;
    constexpr std::uint32_t kOthers = 0x03a10ddf & ~kRemount;
    switch (operation) {
        case ISOLATES_MOUNT_MOUNT:
            return kOthers;
        case ISOLATES_MOUNT_REMOUNT:
            return kOthers | kRemount | kBind;
        case ISOLATES_MOUNT_BIND:
            return kBind | kRecursive;
        case ISOLATES_MOUNT_MOVE:
            return kMove;
        case ISOLATES_MOUNT_PROPAGATE:
            return kTypes | kRecursive;
        default:
            return 0;
    }
}

Verdict judge(const model::Policy& policy, const decide::MountFacts& facts) {
    const auto matches = [](const std::optional<std::string>& glob, const std::string& text) {
        return !glob || glob_matches(*glob, text);
    };
    return unite(policy, ISOLATES_CLASS_MOUNT, EPERM, policy.mounts, facts.operations,
                 [&](const model::MountRule& rule) -> std::uint32_t {
                     const bool has_condition =
                         ~rule.free || rule.fstype || rule.source || rule.target;
                     if (!facts.is_known) {
                         const bool denies = rule.effect.action == model::Action::deny;
                         return denies || !has_condition ? rule.operations : 0;
                     }
                     // One operation is asked about; what it does not look at is no fact.
                     const std::uint32_t mask = flags_of_mount(facts.operations) & ~rule.free;
                     if ((facts.flags ^ rule.flags) & mask) return 0;
                     const bool speaks = matches(rule.fstype, facts.fstype) &&
                                         matches(rule.source, facts.source) &&
                                         matches(rule.target, facts.target);
                     return speaks ? rule.operations & facts.operations : 0;
                 });
}

Verdict judge(const model::Policy& policy, const decide::CapabilityFacts& facts) {
    return unite(policy, ISOLATES_CLASS_CAPABILITY, EPERM, policy.capabilities, facts.operations,
                 [&](const model::CapabilityRule& rule) {
                     return rule.capabilities[facts.number] ? rule.operations : 0;
                 });
}

Verdict judge(const model::Policy& policy, const decide::PtraceFacts& facts) {
    return unite(policy, ISOLATES_CLASS_PTRACE, EPERM, policy.ptraces, facts.operations,
                 [&](const model::PeerRule& rule) {
                     return glob_matches(rule.peer, facts.peer) ? rule.operations : 0;
                 });
}

Verdict judge(const model::Policy& policy, const decide::NamespaceFacts& facts) {
    return unite(policy, ISOLATES_CLASS_NAMESPACE, EPERM, policy.namespaces, facts.operations,
                 [&](const model::NamespaceRule& rule) {
                     return rule.kinds[facts.kind] ? rule.operations : 0;
                 });
}

Verdict judge(const model::Policy& policy, const decide::IoUringFacts& facts) {
    return unite(policy, ISOLATES_CLASS_IO_URING, EPERM, policy.io_urings, facts.operations,
                 [&](const model::PeerRule& rule) {
                     return glob_matches(rule.peer, facts.peer) ? rule.operations : 0;
                 });
}

Verdict judge(const model::Policy& policy, const decide::UnixFacts& facts) {
    const auto matches = [](const std::optional<std::string>& glob, const std::string& text) {
        return !glob || glob_matches(*glob, text);
    };
    return unite(policy, ISOLATES_CLASS_UNIX, EPERM, policy.unixes, facts.operations,
                 [&](const model::UnixRule& rule) -> std::uint32_t {
                     if (rule.type && *rule.type != facts.type) return 0;
                     if (!matches(rule.peer.address, facts.peer)) return 0;
                     if (!matches(rule.peer.label, facts.label)) return 0;
                     std::uint32_t operations = rule.operations;
                     const std::uint32_t create = ISOLATES_NETWORK_CREATE;
                     if (!matches(rule.local.address, facts.local)) operations &= create;
                     if (rule.local.address && rule.effect.action == model::Action::deny)
                         operations &= ~create;
                     return operations;
                 });
}

Verdict judge(const model::Policy& policy, const decide::ChangeFacts& facts) {
    return unite(policy, ISOLATES_CLASS_CHANGE_PROFILE, EPERM, policy.changes, facts.operations,
                 [&](const model::ChangeRule& rule) -> std::uint32_t {
                     const bool speaks = glob_matches(rule.program, facts.program) &&
                                         glob_matches(rule.target, facts.target);
                     return speaks ? rule.operations : 0;
                 });
}

namespace {

bool holds(const model::Argument& argument, const decide::SyscallArguments& arguments) {
    const std::uint64_t value = arguments.at(argument.index) & argument.mask;
    switch (argument.comparison) {
        case ISOLATES_COMPARE_EQUAL:
            return value == argument.value;
        case ISOLATES_COMPARE_UNEQUAL:
            return value != argument.value;
        case ISOLATES_COMPARE_LESS:
            return value < argument.value;
        case ISOLATES_COMPARE_LESS_EQUAL:
            return value <= argument.value;
        case ISOLATES_COMPARE_GREATER:
            return value > argument.value;
        case ISOLATES_COMPARE_GREATER_EQUAL:
            return value >= argument.value;
        default:
            throw std::logic_error("no such comparison");
    }
}

}  // namespace

Verdict judge_syscall(const model::Policy& policy, std::string_view name,
                      const decide::SyscallArguments& arguments) {
    bool is_closed = false, is_allowed = false, is_audited = false, is_quiet = false;
    Verdict verdict;
    for (const model::SyscallRule& rule : policy.syscalls) {
        const bool denies = rule.effect.action == model::Action::deny && !rule.only_audits;
        const bool allows = rule.effect.action == model::Action::allow && !rule.only_audits;
        is_closed |= allows;
        bool speaks = rule.name == name;
        for (const model::Argument& argument : rule.arguments)
            speaks = speaks && holds(argument, arguments);
        if (!speaks) continue;
        is_allowed |= allows;
        is_audited |= rule.effect.audit;
        is_quiet |= rule.effect.quiet;
        if (!denies) continue;
        if (!verdict.denied_by) verdict.denied_by = rule.effect.rule;
        if (!verdict.error) verdict.error = rule.effect.error;
    }
    verdict.denied = verdict.denied_by || (is_closed && !is_allowed);
    if (verdict.denied && !verdict.error) verdict.error = EPERM;
    verdict.reported = is_audited || (verdict.denied && !is_quiet);
    return verdict;
}

}  // namespace isolates::reference
