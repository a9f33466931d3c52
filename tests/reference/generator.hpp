// SPDX-License-Identifier: GPL-2.0-only
// Rules and facts by chance, from few letters, so that rules meet and match.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "decide/decide.hpp"
#include "sema/model.hpp"

namespace isolates::reference {

// The seed of this run: $ISOLATES_TEST_SEED, or by chance. Printed once, as a
// TAP diagnostic, so that a failing run can be had again.
[[nodiscard]] std::uint64_t test_seed();

class Generator {
  public:
    explicit Generator(std::uint64_t seed) : random_(seed) {}

    std::size_t below(std::size_t bound) { return random_() % bound; }
    bool chance(std::size_t in) { return below(in) == 0; }

    // A well-formed glob; of a path it begins with a slash.
    std::string glob(std::size_t length);
    std::string path_glob();

    // A path or name; often one that @glob matches, or nearly so.
    std::string path();
    std::string text_like(const std::string& glob);

    model::FileRule file_rule(std::uint32_t rule);
    model::SignalRule signal_rule(std::uint32_t rule);
    model::NetworkRule network_rule(std::uint32_t rule);

    model::CapabilityRule capability_rule(std::uint32_t rule);
    model::PeerRule peer_rule(std::uint32_t rule, std::uint32_t operations);
    model::NamespaceRule namespace_rule(std::uint32_t rule);

    model::SyscallRule syscall_rule(std::uint32_t rule);
    model::MountRule mount_rule(std::uint32_t rule);
    model::UnixRule unix_rule(std::uint32_t rule);
    model::ChangeRule change_rule(std::uint32_t rule);

    // A policy of up to @rules rules in each class.
    model::Policy policy(const std::string& name, std::size_t rules);

    // Makes some rules of a policy beat others.
    void add_priorities(model::Policy& policy);
    // Makes exec rules of a policy lead elsewhere; adds some about single programs.
    void add_transitions(model::Policy& policy);
    // Rules about pairs of names.
    void add_links(model::Policy& policy);

    decide::LinkFacts link_facts(const model::Policy& policy);
    decide::FileFacts file_facts(const model::Policy& policy);
    decide::SignalFacts signal_facts(const model::Policy& policy);
    decide::NetworkFacts network_facts(const model::Policy& policy);
    std::string syscall_name();
    decide::SyscallArguments syscall_arguments(const model::Policy& policy);
    decide::CapabilityFacts capability_facts();
    decide::PtraceFacts ptrace_facts(const model::Policy& policy);
    decide::NamespaceFacts namespace_facts();
    decide::IoUringFacts io_uring_facts(const model::Policy& policy);
    decide::MountFacts mount_facts(const model::Policy& policy);
    decide::UnixFacts unix_facts(const model::Policy& policy);
    decide::ChangeFacts change_facts(const model::Policy& policy);

  private:
    char letter();
    std::string byte_class();
    std::string glob_part(std::size_t depth);
    model::Effect effect(std::uint32_t rule);
    std::uint32_t mount_flags();
    std::string unix_address();
    std::string text_of(const std::optional<std::string>& glob);
    std::string peer_like(const std::vector<model::PeerRule>& rules);
    model::EndpointCondition condition();
    isolates_endpoint endpoint();

    std::mt19937_64 random_;
};

// A policy's rules in words, for the report of a mismatch.
[[nodiscard]] std::string describe(const model::Policy& policy);
[[nodiscard]] std::string describe(const decide::FileFacts& facts);
[[nodiscard]] std::string describe(const decide::LinkFacts& facts);
[[nodiscard]] std::string describe(const decide::SignalFacts& facts);
[[nodiscard]] std::string describe(const decide::NetworkFacts& facts);
[[nodiscard]] std::string describe(const decide::CapabilityFacts& facts);
[[nodiscard]] std::string describe(const decide::PtraceFacts& facts);
[[nodiscard]] std::string describe(const decide::NamespaceFacts& facts);
[[nodiscard]] std::string describe(const decide::IoUringFacts& facts);
[[nodiscard]] std::string describe(const decide::MountFacts& facts);
[[nodiscard]] std::string describe(const decide::UnixFacts& facts);
[[nodiscard]] std::string describe(const decide::ChangeFacts& facts);

}  // namespace isolates::reference
