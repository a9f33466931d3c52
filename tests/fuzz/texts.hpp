// SPDX-License-Identifier: GPL-2.0-only
// Inputs that are policies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "driver.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t size_max);

namespace isolates::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

// The same for the same text.
std::uint64_t seed_of(std::string_view text);

// Compiles @file of @files, which sees nothing else.
Compilation compile(const std::string& file, const parse::Files& files, bool lint);

// What a custom mutator does to a text. Most of the time what anybody may write, which gets
// further than what chance does; half of the time without the lines that are in error, since
// what has no blob has gone but half of the way.
std::size_t change_text(std::uint8_t* data, std::size_t size, std::size_t size_max, unsigned seed);

}  // namespace isolates::fuzz
