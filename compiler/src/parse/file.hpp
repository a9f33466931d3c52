// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <expected>
#include <string>

namespace isolates::parse {

// How large a text may be. Beside it a hundred thousand rules look small.
inline constexpr std::size_t text_size_max = std::size_t{16} << 20;

// What may be read: a device has no end, and a pipe may never have a beginning.
enum class FileKind { regular, any };

// A file that is open, so that what is found out of it and what is read are the same.
// Never waits for one that has to be regular. Failures to read are reasons that fit behind
// "cannot read FILE: ".
class OpenFile {
  public:
    // Fails with an errno.
    static std::expected<OpenFile, int> open(const std::string& path,
                                             FileKind kind = FileKind::regular);
    OpenFile(OpenFile&& other) noexcept;
    OpenFile& operator=(OpenFile&&) = delete;
    ~OpenFile();

    [[nodiscard]] const struct stat& status() const { return status_; }
    [[nodiscard]] bool is_folder() const { return S_ISDIR(status_.st_mode); }

    // The first @count bytes of a regular file, or all that it has. What is read after
    // that has them too.
    [[nodiscard]] std::expected<std::string, std::string> head(std::size_t count) const;

    // The whole content.
    [[nodiscard]] std::expected<std::string, std::string> read(
        std::size_t size_max = text_size_max) const;

    // The descriptor, for the caller to close.
    [[nodiscard]] int release();

  private:
    OpenFile(int fd, FileKind kind);
    [[nodiscard]] std::expected<void, std::string> check_kind() const;

    int fd_;
    FileKind kind_;
    struct stat status_ {};
};

// What an errno says, as such a reason.
std::string reason(int error);

// The whole content of a file.
std::expected<std::string, std::string> read_file(const std::string& path,
                                                  std::size_t size_max = text_size_max,
                                                  FileKind kind = FileKind::regular);

}  // namespace isolates::parse
