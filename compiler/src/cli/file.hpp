// SPDX-License-Identifier: GPL-2.0-only
// Files that commands write.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace isolates::cli {

// Writes all of it. Returns an errno or 0.
int write_all(int fd, std::span<const std::byte> bytes);

// Puts the bytes in the file's place at once, so that nobody reads half of them. What
// is no regular file (a pipe, a device) cannot be replaced, and is written to. Returns
// an errno or 0.
int write_file(const std::string& file, std::span<const std::byte> bytes);

// The same for a file that is there and stays what it is: its mode and owner are kept,
// and of a symbolic link the file it leads to is replaced. Returns an errno or 0;
// EINVAL: it is no regular file.
int rewrite_file(const std::string& file, std::span<const std::byte> bytes);

}  // namespace isolates::cli
