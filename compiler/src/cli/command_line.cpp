// SPDX-License-Identifier: GPL-2.0-only
#include "cli/command_line.hpp"

#include <CLI/CLI.hpp>

#include "cli/exit_status.hpp"

namespace isolates::cli {

int run(int argc, char** argv) {
    CLI::App app{"Compile policies for namespaces and load them into the kernel", "ipolc"};
    app.set_version_flag("--version", "ipolc 0.1.0");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? exit_done : exit_usage;
    }
    return exit_done;
}

}  // namespace isolates::cli
