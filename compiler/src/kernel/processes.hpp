// SPDX-License-Identifier: GPL-2.0-only
// Finding and holding single processes.
#pragma once

#include <sys/types.h>

#include <expected>
#include <string>

#include "kernel/descriptor.hpp"

namespace isolates::kernel {

// A process: a number that comes again, and a pidfd, which means this one alone.
struct Process {
    pid_t pid = 0;
    Descriptor file;
};

// By its number. On failure a one-line reason: no number, nobody there, or what the
// system says.
std::expected<Process, std::string> open_process(const std::string& pid);

// What its program is called: at most 15 bytes, none of them a control character. Empty
// if it has gone.
std::string command_of(pid_t thread);

}  // namespace isolates::kernel
