// SPDX-License-Identifier: GPL-2.0-only
// Groups of system calls by the names that systemd's SystemCallFilter= gives them.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace isolates::sema {

// The system calls of "@clock" and its like, those of the groups in it too, sorted and
// each once; "@known" is all there are. Empty if there is no group of that name.
std::vector<std::string_view> syscall_group(std::string_view name);

// The names of the groups, for suggestions.
std::span<const std::string_view> syscall_group_names();

}  // namespace isolates::sema
