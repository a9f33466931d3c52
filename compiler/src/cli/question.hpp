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

using Question = std::variant<decide::FileFacts, decide::LinkFacts, decide::SignalFacts,
                              decide::NetworkFacts, decide::CapabilityFacts, decide::PtraceFacts,
                              decide::NamespaceFacts, decide::IoUringFacts, decide::UnixFacts,
                              decide::ChangeFacts, decide::MountFacts, SyscallFacts>;

// What the words ask, in the words of the rules:
//
//   [file] OPERATION[,OPERATION...] PATH [owner]     read, w, rw; a folder ends in '/'
//   [file] link NAME FILE [owner]                    the new name grants no more
//   signal send|receive SIGNAL [peer=POLICY]         the peer is unconfined if not said
//   network create FAMILY TYPE
//   network bind FAMILY TYPE ADDRESS:PORT            and all that have no peer
//   network connect FAMILY TYPE ADDRESS:PORT [local=ADDRESS:PORT]   accept, send, receive
//   mount [fstype=TYPE] [options=OPTION,...] SOURCE TARGET
//   remount [options=OPTION,...] TARGET | umount TARGET | pivot_root NEW OLD
//   mount | umount | ... alone: if nothing is known but that it happens
//   capability NAME
//   ptrace trace|read|tracedby|readby [peer=POLICY]
//   namespace create|enter KIND
//   io_uring sqpoll|override_creds|cmd [label=POLICY]
//   unix OPERATION TYPE [ADDRESS] [peer=ADDRESS] [label=POLICY]
//   change_profile NAME [PROGRAM]                    with a program: at its exec
//   syscall NAME [ARGUMENT...]                       numbers or constants; 0 if not said
//
// On failure a reason.
std::expected<Question, std::string> parse_question(const std::vector<std::string>& words);

}  // namespace isolates::cli
