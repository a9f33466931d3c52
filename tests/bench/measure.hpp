// SPDX-License-Identifier: GPL-2.0-only
// What a program costs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace isolates::bench {

struct Limits {
    unsigned seconds = 120;                         // of CPU time
    std::uint64_t memory = std::uint64_t{8} << 30;  // of address space, in bytes
};

struct Cost {
    double seconds = 0;      // of CPU time, the system's included
    std::size_t memory = 0;  // resident at most, in bytes
    std::size_t output = 0;  // bytes written to the output file

    bool done = false;        // it exited with status 0
    std::string reason = {};  // if not: why, in a few words
};

// Run @command, its standard output into the file @output, which is made anew, and wait
// for it. Whatever it reads from its standard input is empty. Throws std::system_error if
// no process can be had.
[[nodiscard]] Cost run(const std::vector<std::string>& command, const std::string& output,
                       const Limits& limits);

}  // namespace isolates::bench
