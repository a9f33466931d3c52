// SPDX-License-Identifier: GPL-2.0-only
// What ipolc's exit status says.
#pragma once

namespace isolates::cli {

enum ExitStatus : int {
    exit_done = 0,     // done, allowed, passed
    exit_policy = 1,   // the policy is wrong, the operation denied, the test failed
    exit_usage = 2,    // the command line or the configuration is wrong
    exit_refused = 3,  // the kernel or the system refused
};

}  // namespace isolates::cli
