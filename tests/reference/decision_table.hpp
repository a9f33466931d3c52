// SPDX-License-Identifier: GPL-2.0-only
// Decision tables as tests/decisions/README.md describes them.
#pragma once

#include <expected>
#include <string>
#include <variant>
#include <vector>

#include "decide/decide.hpp"

namespace isolates::reference {

struct SyscallFacts {
    std::string name;
    decide::SyscallArguments arguments{};
};

struct Decision {
    std::size_t line = 0;
    std::string text;
    std::variant<decide::FileFacts, decide::SignalFacts, decide::NetworkFacts, decide::MountFacts,
                 decide::LinkFacts, decide::CapabilityFacts, decide::PtraceFacts,
                 decide::NamespaceFacts, decide::IoUringFacts, decide::UnixFacts,
                 decide::ChangeFacts, SyscallFacts>
        facts;
    std::uint32_t error = 0;  // 0: allowed
    bool host_only = false;
};

struct DecisionTable {
    std::string policy;  // source text
    std::vector<Decision> decisions;
};

// Read a table; on failure what is wrong, with its line.
[[nodiscard]] std::expected<DecisionTable, std::string> read_decision_table(
    const std::string& path);

}  // namespace isolates::reference
