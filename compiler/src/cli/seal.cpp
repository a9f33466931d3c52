// SPDX-License-Identifier: GPL-2.0-only
// The end of all changes.
#include "cli/commands.hpp"
#include "kernel/securityfs.hpp"

namespace isolates::cli {

ExitStatus seal(Output& output) {
    const auto files = kernel::Securityfs::open();
    if (!files) return output.fail(exit_refused, files.error().reason);
    if (const auto done = files->seal(); !done)
        return output.fail(exit_refused, done.error().reason);
    output.set("sealed", true);
    output.line("sealed until the next boot");
    return exit_done;
}

}  // namespace isolates::cli
