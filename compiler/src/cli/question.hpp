// SPDX-License-Identifier: GPL-2.0-only
// The operations that explain is asked about.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <variant>
#include <vector>

#include "decide/decide.hpp"

namespace isolates::cli {

struct SyscallFacts {
    std::string name;
    decide::SyscallArguments arguments{};
};

struct MountFacts {
    std::uint32_t operations = 0;  // isolates_mount_op mask
};

using Question = std::variant<decide::FileFacts, decide::SignalFacts, decide::NetworkFacts,
                              decide::CapabilityFacts, decide::PtraceFacts, decide::NamespaceFacts,
                              decide::IoUringFacts, SyscallFacts, MountFacts>;

// What the words ask, in the words of the rules:
//
//   [file] OPERATION[,OPERATION...] PATH [owner]     read, w, rw; a folder ends in '/'
//   signal send|receive SIGNAL [peer=POLICY]         the peer is unconfined if not said
//   network create FAMILY TYPE
//   network bind FAMILY TYPE ADDRESS:PORT
//   network connect FAMILY TYPE ADDRESS:PORT [local=ADDRESS:PORT]
//   mount | umount | pivot_root
//   capability NAME
//   ptrace trace|read|tracedby|readby [peer=POLICY]
//   namespace create|enter KIND
//   io_uring sqpoll|override_creds|cmd [label=POLICY]
//   syscall NAME [ARGUMENT...]                       numbers or constants; 0 if not said
//
// On failure a reason.
std::expected<Question, std::string> parse_question(const std::vector<std::string>& words);

}  // namespace isolates::cli
