// SPDX-License-Identifier: GPL-2.0-only
// The kernel's decision on the host: a blob is verified and asked by the very
// code the kernel runs (lsm/core), so that "explain" and the kernel agree.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core.hpp"
#include "sema/model.hpp"

namespace isolates::decide {

// What is asked. "operations" is a mask of the class's operations, at least one.

struct FileFacts {
    std::uint32_t operations = 0;  // isolates_file_op mask
    std::string path;              // from the root; "/" or more
    bool owner = false;            // the subject owns the file
    bool directory = false;        // also said by a slash behind the path
};

struct SignalFacts {
    std::uint32_t operations = 0;  // isolates_signal_op mask
    std::uint8_t number = 0;       // 0: only probing
    std::string peer = ISOLATES_UNCONFINED;
};

struct NetworkFacts {
    std::uint32_t operations = 0;  // isolates_network_op mask
    std::uint32_t family = 0;      // as socket(2) takes them
    std::uint32_t type = 0;
    std::uint32_t protocol = 0;
    // CREATE has none of them, ISOLATES_NETWORK_PEER_OPS both, all others the local
    // one. Families without addresses that isolates knows have none at all.
    std::optional<isolates_endpoint> local;
    std::optional<isolates_endpoint> peer;
};

struct CapabilityFacts {
    std::uint32_t operations = ISOLATES_CAPABILITY_USE;
    std::uint8_t number = 0;
};

struct PtraceFacts {
    std::uint32_t operations = 0;  // isolates_ptrace_op mask
    std::string peer = ISOLATES_UNCONFINED;
};

struct NamespaceFacts {
    std::uint32_t operations = 0;  // isolates_namespace_op mask
    isolates_namespace kind = ISOLATES_NAMESPACE_NET;
};

struct IoUringFacts {
    std::uint32_t operations = 0;  // isolates_io_uring_op mask
    std::string peer;              // whose credentials; else the subject's own policy
};

struct UnixFacts {
    std::uint32_t operations = 0;  // isolates_network_op mask
    std::uint8_t type = ISOLATES_SOCK_STREAM;
    std::string local;  // addresses as facts.h spells them
    std::string peer;
    std::string label;  // the name of the peer's policy; of no peer empty
};

struct ChangeFacts {
    std::uint32_t operations = 0;  // isolates_change_profile_op mask
    std::string program;           // its path
    std::string target;            // the name of a policy
};

struct MountFacts {
    std::uint32_t operations = 0;  // isolates_mount_op mask; one if the facts are known
    bool is_known = false;         // else only that it happens
    std::uint32_t flags = 0;       // of mount(2)
    std::string fstype;            // what the operation does not have is empty
    std::string source;
    std::string target;
};

// A hard link: a new name for a file.
struct LinkFacts {
    std::uint32_t operations = 0;  // isolates_link_op mask
    std::string name;              // the new one
    std::string file;              // the one it has
    bool owner = false;            // the subject owns the file
};
// The class that decides about the facts.
constexpr isolates_class class_of(const FileFacts&) {
    return ISOLATES_CLASS_FILE;
}
constexpr isolates_class class_of(const SignalFacts&) {
    return ISOLATES_CLASS_SIGNAL;
}
constexpr isolates_class class_of(const NetworkFacts&) {
    return ISOLATES_CLASS_NETWORK;
}
constexpr isolates_class class_of(const CapabilityFacts&) {
    return ISOLATES_CLASS_CAPABILITY;
}
constexpr isolates_class class_of(const PtraceFacts&) {
    return ISOLATES_CLASS_PTRACE;
}
constexpr isolates_class class_of(const NamespaceFacts&) {
    return ISOLATES_CLASS_NAMESPACE;
}
constexpr isolates_class class_of(const IoUringFacts&) {
    return ISOLATES_CLASS_IO_URING;
}

constexpr isolates_class class_of(const MountFacts&) {
    return ISOLATES_CLASS_MOUNT;
}
constexpr isolates_class class_of(const UnixFacts&) {
    return ISOLATES_CLASS_UNIX;
}
constexpr isolates_class class_of(const ChangeFacts&) {
    return ISOLATES_CLASS_CHANGE_PROFILE;
}

// Facts as the bytes an automaton walks, in one piece: see lsm/core/facts.h.
[[nodiscard]] std::vector<std::uint8_t> spell(const FileFacts& facts);
[[nodiscard]] std::vector<std::uint8_t> spell(const SignalFacts& facts);
[[nodiscard]] std::vector<std::uint8_t> spell(const NetworkFacts& facts);
[[nodiscard]] std::vector<std::uint8_t> spell(const CapabilityFacts& facts);
[[nodiscard]] std::vector<std::uint8_t> spell(const PtraceFacts& facts);
[[nodiscard]] std::vector<std::uint8_t> spell(const NamespaceFacts& facts);
[[nodiscard]] std::vector<std::uint8_t> spell(const IoUringFacts& facts);
[[nodiscard]] std::vector<std::uint8_t> spell(const MountFacts& facts);
[[nodiscard]] std::vector<std::uint8_t> spell(const UnixFacts& facts);
[[nodiscard]] std::vector<std::uint8_t> spell(const ChangeFacts& facts);
[[nodiscard]] std::vector<std::uint8_t> spell(const LinkFacts& facts);

// A place in the sources a blob was compiled from.
struct Place {
    std::string_view source;  // its name; valid as long as the blob
    std::uint32_t line = 0;
    std::uint32_t column = 0;
};

struct Verdict {
    std::uint32_t allowed = 0;   // all that the object allows, asked or not
    std::uint32_t denied = 0;    // of what was asked
    std::uint32_t reported = 0;  // of what was asked, what is to be told
    std::uint32_t error = 0;     // an errno if anything is denied, else 0
    // The first rule that denies; none if no rule allows, or in a stripped blob.
    std::optional<Place> denied_by;
};

// Where an exec leads.
struct Transition {
    isolates_transition_kind kind = ISOLATES_TRANSITION_POLICY;
    isolates_fallback fallback = ISOLATES_FALLBACK_DENY;
    bool scrubs = false;
    std::string_view target;  // valid as long as the blob

    bool operator==(const Transition&) const = default;
};

// The values of a system call's arguments.
using SyscallArguments = std::array<std::uint64_t, ISOLATES_ARGUMENTS>;

// What becomes of a system call.
struct SyscallVerdict {
    bool denied = false;
    bool reported = false;
    std::uint32_t error = 0;         // an errno if it is denied, else 0
    std::optional<Place> denied_by;  // none if no rule allows it, or in a stripped blob
};

// One policy of a blob; valid as long as the blob.
class Policy {
  public:
    Policy(const isolates_view& view, const isolates_policy& policy)
        : view_(&view), policy_(&policy) {}

    [[nodiscard]] std::string_view name() const;
    [[nodiscard]] Verdict decide(const FileFacts& facts) const;
    // All other classes, which are asked about with their facts in one piece.
    template <typename Facts>
    [[nodiscard]] Verdict decide(const Facts& facts) const {
        return ask(class_of(facts), facts.operations, spell(facts));
    }
    // Of a policy without rules about pairs this says only what is open.
    [[nodiscard]] Verdict decide(const LinkFacts& facts) const;
    [[nodiscard]] bool has_pairs() const {
        return policy_->classes[ISOLATES_CLASS_LINK].automata.count != 0;
    }

    // Where an exec leads that is allowed; none if the program stays under the policy.
    [[nodiscard]] std::optional<Transition> transition(const FileFacts& facts) const;

    // Whether the policy attaches to a program.
    [[nodiscard]] bool attaches(const std::string& path) const;

    // What becomes of the call of that name.
    [[nodiscard]] SyscallVerdict decide_syscall(std::string_view name,
                                                const SyscallArguments& arguments = {}) const;

    [[nodiscard]] const isolates_policy& raw() const { return *policy_; }

  private:
    [[nodiscard]] Verdict ask(const isolates_request& request) const;
    [[nodiscard]] Verdict ask(isolates_class class_id, std::uint32_t operations,
                              const std::vector<std::uint8_t>& facts) const;
    [[nodiscard]] Place place(const isolates_rule& rule) const;

    const isolates_view* view_;
    const isolates_policy* policy_;
};

// Why the verifier refused: isolates_verify()'s errno and the refusal.
struct Refusal {
    int error = 0;
    isolates_refusal why{};
};

// A blob that was verified, and its memory.
class Blob {
  public:
    // Verifies @bytes, and keeps them.
    [[nodiscard]] static std::expected<Blob, Refusal> load(std::vector<std::byte> bytes);
    [[nodiscard]] static std::expected<Blob, Refusal> load(std::span<const std::byte> bytes);

    // The policy of that name.
    [[nodiscard]] std::optional<Policy> find(std::string_view name) const;
    [[nodiscard]] std::vector<Policy> policies() const;
    [[nodiscard]] const isolates_view& view() const { return *view_; }
    [[nodiscard]] std::span<const std::byte> bytes() const { return storage_; }

    Blob(Blob&&) noexcept = default;
    Blob& operator=(Blob&&) noexcept = default;
    Blob(const Blob&) = delete;
    Blob& operator=(const Blob&) = delete;
    ~Blob() = default;

  private:
    Blob() = default;

    // As whatever is allocated it is aligned as the verifier wants it.
    static_assert(__STDCPP_DEFAULT_NEW_ALIGNMENT__ >= alignof(std::uint64_t));
    std::vector<std::byte> storage_;
    std::unique_ptr<isolates_view> view_;  // stays where it is when a blob moves
};

// A rule of the model that speaks about an operation.
struct Ruling {
    model::Effect effect;
    std::uint32_t operations = 0;  // of those asked, the ones it is about
    model::Origin origin;
};

// The rules of @policy's class that match the facts, as spelt, and are about any of the asked
// operations, in source order. Each rule is tried by its own automaton, so this
// is exact, but takes time linear in the rules: it is for explaining, also what
// a blob cannot tell: which rule allowed.
[[nodiscard]] std::vector<Ruling> rulings(const model::Policy& policy, isolates_class class_id,
                                          std::uint32_t operations,
                                          const std::vector<std::uint8_t>& facts, bool owner);
[[nodiscard]] inline std::vector<Ruling> rulings(const model::Policy& policy,
                                                 const LinkFacts& facts) {
    return rulings(policy, ISOLATES_CLASS_LINK, facts.operations, spell(facts), facts.owner);
}
template <typename Facts>
[[nodiscard]] std::vector<Ruling> rulings(const model::Policy& policy, const Facts& facts) {
    return rulings(policy, class_of(facts), facts.operations, spell(facts), false);
}
[[nodiscard]] inline std::vector<Ruling> rulings(const model::Policy& policy,
                                                 const FileFacts& facts) {
    return rulings(policy, ISOLATES_CLASS_FILE, facts.operations, spell(facts), facts.owner);
}

}  // namespace isolates::decide
