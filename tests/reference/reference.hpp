// SPDX-License-Identifier: GPL-2.0-only
// The oracle of the tests: decides by trying every rule of the model on the facts
// themselves, one after another. Slow, and simple enough to be right by reading.
// It shares no code with the automata nor with lsm/core; what it has in common
// with them is the shape of the facts and the words of the model.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "decide/decide.hpp"
#include "sema/model.hpp"

namespace isolates::reference {

struct Verdict {
    std::uint32_t allowed = 0;
    std::uint32_t denied = 0;
    std::uint32_t reported = 0;
    std::uint32_t error = 0;
    std::optional<std::uint32_t> denied_by;  // index into Policy::rules

    bool operator==(const Verdict&) const = default;
};

[[nodiscard]] Verdict judge(const model::Policy& policy, const decide::FileFacts& facts);
[[nodiscard]] Verdict judge(const model::Policy& policy, const decide::SignalFacts& facts);
[[nodiscard]] Verdict judge(const model::Policy& policy, const decide::NetworkFacts& facts);
[[nodiscard]] Verdict judge(const model::Policy& policy, const decide::MountFacts& facts);
[[nodiscard]] Verdict judge(const model::Policy& policy, const decide::CapabilityFacts& facts);
[[nodiscard]] Verdict judge(const model::Policy& policy, const decide::PtraceFacts& facts);
[[nodiscard]] Verdict judge(const model::Policy& policy, const decide::NamespaceFacts& facts);
[[nodiscard]] Verdict judge(const model::Policy& policy, const decide::IoUringFacts& facts);
[[nodiscard]] Verdict judge(const model::Policy& policy, const decide::UnixFacts& facts);
[[nodiscard]] Verdict judge(const model::Policy& policy, const decide::ChangeFacts& facts);
[[nodiscard]] Verdict judge(const model::Policy& policy, const decide::LinkFacts& facts);

// Where an exec leads, as model::FileRule::transition: each transition that the rules
// which count give, so several if they contradict each other; none if it is denied.
[[nodiscard]] std::set<std::uint32_t> judge_exec(const model::Policy& policy,
                                                 const decide::FileFacts& facts);

[[nodiscard]] bool judge_attach(const model::Policy& policy, const std::string& path);

// What becomes of a system call; "denied" and "reported" are 1 or 0.
[[nodiscard]] Verdict judge_syscall(const model::Policy& policy, std::string_view name,
                                    const decide::SyscallArguments& arguments);

// Whether one rule is about the facts, whatever it does.
[[nodiscard]] bool is_about(const model::FileRule& rule, const decide::FileFacts& facts);
[[nodiscard]] bool is_about(const model::LinkRule& rule, const decide::LinkFacts& facts);
[[nodiscard]] bool is_about(const model::SignalRule& rule, const decide::SignalFacts& facts);

}  // namespace isolates::reference
