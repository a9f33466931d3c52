// SPDX-License-Identifier: GPL-2.0-only
// The operations on files, by name and by AppArmor's letters.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core.hpp"

namespace isolates::sema {

// The operation of that name: one bit of isolates_file_op.
std::optional<std::uint32_t> file_operation(std::string_view name);

// What a bare "file," is about: all but what needs no leave anyway, which only a rule
// that names it denies or audits.
constexpr std::uint32_t bare_file_operations =
    std::uint32_t{ISOLATES_FILE_OPS} & ~std::uint32_t{ISOLATES_FILE_ALWAYS_OPEN};

// The operations that a letter stands for, as it does for AppArmor; 'x' is exec,
// whatever its mode. Zero for what is no such letter.
std::uint32_t file_letter(char letter);

// All names, for suggestions.
std::span<const std::string_view> file_operation_names();

// The names of a mask's operations, with commas between.
std::string describe_file_operations(std::uint32_t operations);

}  // namespace isolates::sema
