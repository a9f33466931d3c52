// SPDX-License-Identifier: GPL-2.0-only
#include <malloc.h>

#include "cli/command_line.hpp"

namespace {

// Has the heap grow in few steps and never shrink: a process that ends soon would only ask
// the kernel again for what it gave back, page by page.
void keep_memory() {
    mallopt(M_TOP_PAD, 1 << 20);
    mallopt(M_TRIM_THRESHOLD, 64 << 20);
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
}

}  // namespace

int main(int argc, char** argv) {
    keep_memory();
    return isolates::cli::run(argc, argv);
}
