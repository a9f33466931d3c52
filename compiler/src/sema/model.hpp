// SPDX-License-Identifier: GPL-2.0-only
// What the policies of one run mean: the result of sema, the input of automata
// and of the reference matcher. Names are resolved, variables expanded, defaults
// filled in; nothing of the surface syntax is left, but where each rule stands.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core.hpp"
#include "diag/span.hpp"

namespace isolates::model {

// Where a rule stands: a file (index into Program::sources), line and column,
// both counting from 1.
struct Origin {
    std::uint32_t source = 0;
    std::uint32_t line = 1;
    std::uint32_t column = 1;
};

enum class Action : std::uint8_t { allow, deny };

// What a rule does, whatever it is about.
struct Effect {
    Action action = Action::allow;
    bool audit = false;       // report it, allowed or denied
    bool quiet = false;       // do not report a denial
    std::uint32_t error = 0;  // errno of a deny rule; 0: the class's default
    std::uint32_t rule = 0;   // index into Policy::rules
    // Of the rules about an operation only those of the highest priority count.
    std::int32_t priority = 0;
};

// Whose file a rule is about.
enum class Whose : std::uint8_t { anyone, owner, other };

// A file rule: what may be done (isolates_file_op mask) with the paths that the
// glob matches. The glob is AppArmor's: ? * ** [a-z] [^a] {a,b}, backslash
// escapes; variables are expanded already. A glob may match directories by
// their trailing slash only.
struct FileRule {
    Effect effect;
    std::string glob;
    std::uint32_t operations = 0;
    Whose whose = Whose::anyone;
    // Where an exec it allows leads: an index into Policy::transitions, counted from
    // 1; 0: the program stays under this policy.
    std::uint32_t transition = 0;
};

// What becomes of the policy at an exec.
struct Transition {
    isolates_transition_kind kind = ISOLATES_TRANSITION_POLICY;
    isolates_fallback fallback = ISOLATES_FALLBACK_DENY;
    bool scrubs = false;  // the environment
    std::string target;   // a policy's full name; empty: the one that attaches

    bool operator==(const Transition&) const = default;
};

// A rule about hard links: which new names (a glob) which files (a glob of one of
// their names) may be given.
struct LinkRule {
    Effect effect;
    std::string name;
    std::string file;
    std::uint32_t operations = 0;  // isolates_link_op mask
    Whose whose = Whose::anyone;
};

// A set of signal numbers; bit 0 is the probe, kill(pid, 0).
using SignalSet = std::bitset<65>;

struct SignalRule {
    Effect effect;
    std::uint32_t operations = 0;  // isolates_signal_op mask
    SignalSet signals;
    std::string peer;  // glob over policy names and "unconfined"; "**": any
};

// An address with the count of its leading bits that matter.
struct Prefix {
    std::uint8_t kind = ISOLATES_ENDPOINT_INET;  // INET or INET6
    std::array<std::uint8_t, 16> address{};      // network order
    std::uint32_t bits = 0;
};

struct PortRange {
    std::uint16_t first = 0;
    std::uint16_t last = 65535;
};

// Conditions on one end of a connection; what is empty matches anything.
struct EndpointCondition {
    std::optional<Prefix> prefix;
    std::optional<PortRange> ports;
    bool is_none = false;  // that it has no address; with nothing else

    [[nodiscard]] bool is_any() const { return !prefix && !ports && !is_none; }
};

// A network rule. Conditions on endpoints speak only about operations that have
// the endpoint: an allow rule with conditions still allows to create the socket
// (it could not be used otherwise), a deny rule with conditions never denies it.
struct NetworkRule {
    Effect effect;
    std::uint32_t operations = 0;  // isolates_network_op mask
    std::optional<std::uint8_t> family;
    std::optional<std::uint8_t> type;
    std::optional<std::uint16_t> protocol;
    EndpointCondition local;
    EndpointCondition peer;
};

// One end of a unix socket, by globs; what is empty matches anything. An address is
// as lsm/core/facts.h spells it: a path, "@NAME", or "" of a socket that is not bound.
struct UnixEndpoint {
    std::optional<std::string> address;
    std::optional<std::string> label;  // the name of its owner's policy; the peer's only
};

// A rule about unix sockets. As with networks, conditions speak only about operations
// that have the end, but that an allow rule with an own address allows to create.
struct UnixRule {
    Effect effect;
    std::uint32_t operations = 0;  // isolates_network_op mask
    std::optional<std::uint8_t> type;
    UnixEndpoint local;
    UnixEndpoint peer;

    [[nodiscard]] bool has_peer() const { return peer.address || peer.label; }
};

// A rule about what changes the mount tree. Flags are those of mount(2): of the bits
// that are not free all must be as they are here. Globs that are not there match
// anything. An unconditional rule speaks also if the facts are not known; of those with
// conditions, only the ones that deny do.
struct MountRule {
    Effect effect;
    std::uint32_t operations = 0;  // isolates_mount_op mask
    std::uint32_t flags = 0;
    std::uint32_t free = ~std::uint32_t{0};
    std::optional<std::string> fstype;
    std::optional<std::string> source;
    std::optional<std::string> target;

    [[nodiscard]] bool is_unconditional() const { return !~free && !fstype && !source && !target; }
};

// A change of policy that a task may ask for: the program it is in, and the policy.
struct ChangeRule {
    Effect effect;
    std::uint32_t operations = 0;  // isolates_change_profile_op mask
    std::string program;           // glob
    std::string target;            // glob
};

// A limit on a resource, by the kernel's number of it.
struct Rlimit {
    std::uint32_t resource = 0;  // RLIMIT_*
    std::uint64_t limit = 0;     // as setrlimit(2) counts; ISOLATES_RLIMIT_INFINITY: none
    std::uint32_t rule = 0;      // index into Policy::rules
};

// A set of capabilities, by number.
using CapabilitySet = std::bitset<64>;

struct CapabilityRule {
    Effect effect;
    std::uint32_t operations = 0;  // isolates_capability_op mask
    CapabilitySet capabilities;
};

// A rule about another task, by the name of its policy: ptrace, io_uring.
struct PeerRule {
    Effect effect;
    std::uint32_t operations = 0;  // of the class
    std::string peer;              // glob over policy names and "unconfined"; "**": any
};

// A set of isolates_namespace.
using NamespaceSet = std::bitset<ISOLATES_NAMESPACE_COUNT>;

struct NamespaceRule {
    Effect effect;
    std::uint32_t operations = 0;  // isolates_namespace_op mask
    NamespaceSet kinds;
};

// A condition on an argument of a system call: of the bits that the mask has, unsigned.
struct Argument {
    std::uint32_t index = 0;
    isolates_comparison comparison = ISOLATES_COMPARE_EQUAL;
    std::uint64_t mask = ~std::uint64_t{0};
    std::uint64_t value = 0;  // no bit that the mask has not

    bool operator==(const Argument&) const = default;
};

// What a rule says of a system call, by its name in the kernel's tables. The first one
// that allows a call closes the class: what no rule allows is denied then.
struct SyscallRule {
    Effect effect;
    std::string name;
    std::vector<Argument> arguments{};  // all must hold
    bool only_audits = false;           // it neither allows nor denies
    bool is_grouped = false;            // named as one of a group
};

struct Binding {
    isolates_namespace kind = ISOLATES_NAMESPACE_NET;
    isolates_where where = ISOLATES_WHERE_PATH;
    std::string path;          // for ISOLATES_WHERE_PATH
    std::uint32_t number = 0;  // else
    bool on_exec = false;      // of the tasks there, each at its next exec
    std::uint32_t rule = 0;    // index into Policy::rules
};

struct Assertion;

// By class: the operations that every policy leaves open.
constexpr std::array<std::uint32_t, ISOLATES_CLASS_COUNT> open_always() {
    std::array<std::uint32_t, ISOLATES_CLASS_COUNT> open{};
    open[ISOLATES_CLASS_FILE] = ISOLATES_FILE_ALWAYS_OPEN;
    return open;
}

struct Policy {
    std::string name;
    Origin origin;
    isolates_mode mode = ISOLATES_MODE_ENFORCE;
    // By class: operations allowed where no rule speaks.
    std::array<std::uint32_t, ISOLATES_CLASS_COUNT> open = open_always();
    std::vector<FileRule> files;
    std::vector<Transition> transitions;   // each once
    std::vector<LinkRule> links;           // none, unless a rule is about pairs
    std::vector<std::string> attachments;  // globs of programs' paths
    std::vector<SignalRule> signals;
    std::vector<NetworkRule> networks;
    std::vector<CapabilityRule> capabilities;
    std::vector<PeerRule> ptraces;
    std::vector<NamespaceRule> namespaces;
    std::vector<PeerRule> io_urings;
    std::vector<MountRule> mounts;
    std::vector<UnixRule> unixes;
    std::vector<ChangeRule> changes;
    std::vector<Rlimit> rlimits;  // each resource once
    std::vector<SyscallRule> syscalls;
    std::vector<Binding> bindings;
    std::vector<Assertion> assertions;
    std::vector<Origin> rules;  // one for each rule as written
};

// "assert never RULE": what the policy must not allow. "denies" allows all but that, so
// that the assertion holds if it takes nothing away from the policy.
struct Assertion {
    diag::Span at;  // as it was reached, by whatever includes
    Policy denies;
};

// Calls visit(class, rules) for each class whose rules become automata.
template <typename Visitor>
void for_each_class(const Policy& policy, Visitor visit) {
    visit(ISOLATES_CLASS_FILE, policy.files);
    visit(ISOLATES_CLASS_LINK, policy.links);
    visit(ISOLATES_CLASS_SIGNAL, policy.signals);
    visit(ISOLATES_CLASS_NETWORK, policy.networks);
    visit(ISOLATES_CLASS_MOUNT, policy.mounts);
    visit(ISOLATES_CLASS_CAPABILITY, policy.capabilities);
    visit(ISOLATES_CLASS_PTRACE, policy.ptraces);
    visit(ISOLATES_CLASS_NAMESPACE, policy.namespaces);
    visit(ISOLATES_CLASS_IO_URING, policy.io_urings);
    visit(ISOLATES_CLASS_UNIX, policy.unixes);
    visit(ISOLATES_CLASS_CHANGE_PROFILE, policy.changes);
}

// One of the files, which diag::Sources keeps.
struct Source {
    std::string_view name;  // as named on the command line or by the include
    std::string_view text;
};

struct Program {
    std::vector<Policy> policies;  // in source order
    std::vector<Source> sources;
};

}  // namespace isolates::model
