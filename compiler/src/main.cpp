// SPDX-License-Identifier: GPL-2.0-only
#include "cli/command_line.hpp"

int main(int argc, char** argv) {
    return isolates::cli::run(argc, argv);
}
