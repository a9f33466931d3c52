// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <expected>
#include <string>

namespace isolates::parse {

// How large a text may be. Beside it a hundred thousand rules look small.
inline constexpr std::size_t text_size_max = std::size_t{16} << 20;

// What may be read: a device has no end, and a pipe may never have a beginning.
enum class FileKind { regular, any };

// The whole content of a file; on failure a reason that fits behind "cannot read
// FILE: ". Never waits for a file that has to be regular.
std::expected<std::string, std::string> read_file(const std::string& path,
                                                  std::size_t size_max = text_size_max,
                                                  FileKind kind = FileKind::regular);

// The same of the first @count bytes of a regular file, or of all that it has.
std::expected<std::string, std::string> read_head(const std::string& path, std::size_t count);

}  // namespace isolates::parse
