// SPDX-License-Identifier: GPL-2.0-only
// What the arguments of system calls are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace isolates::sema {

// How many arguments a call has; nothing if there is no call of that name.
std::optional<std::size_t> syscall_argument_count(std::string_view name);

// The bits of an argument that the kernel looks at: of an int the lower 32, whatever a
// caller leaves in the others. 0 of a pointer: what it points to is the caller's to
// change while the call is under way, and so can be no fact.
std::uint64_t syscall_argument_mask(std::string_view name, std::size_t index);

// The value of a constant by its name in the kernel's headers: AF_PACKET, CLONE_NEWNET.
std::optional<std::uint64_t> syscall_constant(std::string_view name);

// The names of all constants, for suggestions.
std::span<const std::string_view> syscall_constant_names();

}  // namespace isolates::sema
