// SPDX-License-Identifier: GPL-2.0-only
// Lines of "syscall, inode": the system calls to deny in a namespace, which its inode's
// number names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "diag/report.hpp"
#include "diag/sources.hpp"
#include "import/draft.hpp"

namespace isolates::import {

// A policy for each number, in the order in which the text has them: NAME, or NAME-NUMBER
// if there are several. Each binds the namespace of its number; a number says nothing of
// its namespace's kind, so that is given.
//
// Comments (behind "#") and empty lines are passed over. A line that is none of these is
// an error; a system call that nobody knows becomes a comment, with a warning. Nothing if
// there was an error, or no line at all, which is one too. "file" is of "sources".
std::optional<Draft> read_list(const diag::Sources& sources, std::uint32_t file,
                               std::uint32_t inclusion, std::string_view kind,
                               const std::string& name, diag::Report& report);

}  // namespace isolates::import
