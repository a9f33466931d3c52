// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <span>
#include <string_view>

namespace isolates::sema {

// The names of the system calls of x86, 64-bit, x32 and 32-bit, sorted, as in
// Linux 6.12's tables. The kernel has the last word: it refuses a policy that names
// a call which it does not have.
std::span<const std::string_view> syscall_names();

bool is_syscall(std::string_view name);

}  // namespace isolates::sema
