// SPDX-License-Identifier: GPL-2.0-only
#include "cli/command_line.hpp"
#include "heap.hpp"

int main(int argc, char** argv) {
    isolates::prepare_heap();
    return isolates::cli::run(argc, argv);
}
