// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdlib>
#include <iostream>
#include <string_view>

namespace isolates::fuzz {

// Ends the fuzzer, which then keeps its input.
inline void require(bool is_true, std::string_view what) {
    if (is_true) return;
    std::cerr << "not true: " << what << '\n';
    std::abort();
}

}  // namespace isolates::fuzz
