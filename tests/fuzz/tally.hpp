// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <iostream>

namespace isolates::fuzz {

// A fuzzer whose inputs are refused learns little: at its end it says how many were not.
struct Tally {
    std::size_t asked = 0;
    std::size_t taken = 0;

    Tally() = default;
    Tally(const Tally&) = delete;
    Tally& operator=(const Tally&) = delete;
    ~Tally() { std::cerr << "taken: " << taken << " of " << asked << '\n'; }
};

}  // namespace isolates::fuzz
