// SPDX-License-Identifier: GPL-2.0-only
#pragma once

namespace isolates::cli {

// Runs one command line. Returns the process's exit status (cli/exit_status.hpp).
int run(int argc, char** argv);

}  // namespace isolates::cli
