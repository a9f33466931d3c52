// SPDX-License-Identifier: GPL-2.0-only
// Running a command in new namespaces that a policy is bound to.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "core.hpp"
#include "kernel/securityfs.hpp"

namespace isolates::kernel {

struct Launch {
    std::string policy;
    std::vector<isolates_namespace> kinds;  // at least one, each once
    std::vector<std::string> command;       // at least one word
};

// Makes the namespaces, binds one of them (pid if it is among them, else the first)
// to the policy, and runs the command in them. With a new mnt namespace nothing that
// is mounted in it spreads, and with a pid namespace too /proc is its own. With a new
// user namespace the caller is root in it, and nobody else is anything.
//
// The command is confined from its first instruction on; that it is started is not
// asked of the policy, nor what this does in the namespaces before. This process and its namespaces
// are not touched. Signals that reach it are passed on; if it is killed, so is the command.
//
// Returns the command's exit status, 128 and the signal's number if one ended it; or
// why it was never run.
std::expected<int, std::string> launch(const Securityfs& files, const Launch& what);

}  // namespace isolates::kernel
