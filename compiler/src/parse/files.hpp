// SPDX-License-Identifier: GPL-2.0-only
// Where the text of policies comes from: a file system, or what stands in for one.
#pragma once

#include <compare>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace isolates::parse {

// The same for all names of one file.
struct FileIdentity {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;

    auto operator<=>(const FileIdentity&) const = default;
};

// A file that is there, to be read or to be left.
class File {
  public:
    File() = default;
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    virtual ~File() = default;

    // Nothing: no other name leads to it.
    [[nodiscard]] virtual std::optional<FileIdentity> identity() const = 0;

    // The whole content; on failure a reason that fits behind "cannot read FILE: ".
    [[nodiscard]] virtual std::expected<std::string, std::string> read() const = 0;
};

struct Included {
    bool found = false;
    // The file; or for a folder all files in it, by name, but those that editors
    // and package managers leave behind.
    std::vector<std::string> files;
    std::unique_ptr<File> file;  // what is no folder, as open() would return it
};

class Files {
  public:
    Files() = default;
    Files(const Files&) = delete;
    Files& operator=(const Files&) = delete;
    virtual ~Files() = default;

    // What an include of @path reads.
    [[nodiscard]] virtual Included look_up(const std::string& path) const = 0;

    // A file of that name. If it cannot be opened, it cannot be read.
    [[nodiscard]] virtual std::unique_ptr<File> open(const std::string& path) const = 0;
};

// The file system.
[[nodiscard]] const Files& disk();

}  // namespace isolates::parse
