// SPDX-License-Identifier: GPL-2.0-only
// The facts that operations of each class can have: lsm/core/facts.h as automata.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "show/expand.hpp"

namespace isolates::show {

// All operations, by class.
inline constexpr std::array<std::uint32_t, ISOLATES_CLASS_COUNT> all_operations = {
    ISOLATES_FILE_OPS,       ISOLATES_SIGNAL_OPS,     ISOLATES_NETWORK_OPS,   ISOLATES_MOUNT_OPS,
    ISOLATES_CAPABILITY_OPS, ISOLATES_PTRACE_OPS,     ISOLATES_NAMESPACE_OPS, ISOLATES_IO_URING_OPS,
    ISOLATES_NETWORK_OPS,    ISOLATES_TRANSITION_OPS, ISOLATES_LINK_OPS,      ISOLATES_ATTACH_OPS};
static_assert(std::ranges::find(all_operations, 0u) == all_operations.end(), "a class is missing");

// What is said of the byte 0 within paths and names, where there is none. The compiler
// treats it as one more byte that no rule names, and automata are simpler with it.
enum class Nul { like_others, impossible };

// The facts of one operation of a class; nothing if the class is not known here.
[[nodiscard]] std::optional<Domain> domain_of(isolates_class class_id, std::uint32_t operation,
                                              Nul nul);

}  // namespace isolates::show
