// SPDX-License-Identifier: GPL-2.0-only
// Where the text of policies comes from: a file system, or what stands in for one.
#pragma once

#include <expected>
#include <string>
#include <vector>

namespace isolates::parse {

struct Included {
    bool found = false;
    // The file; or for a folder all files in it, by name, but those that editors
    // and package managers leave behind.
    std::vector<std::string> files;
};

class Files {
  public:
    Files() = default;
    Files(const Files&) = delete;
    Files& operator=(const Files&) = delete;
    virtual ~Files() = default;

    // What an include of @path reads.
    [[nodiscard]] virtual Included look_up(const std::string& path) const = 0;

    // The whole content of a file; on failure a reason that fits behind "cannot read
    // FILE: ".
    [[nodiscard]] virtual std::expected<std::string, std::string> read(
        const std::string& path) const = 0;

    // The same for all names of one file.
    [[nodiscard]] virtual std::string identity(const std::string& path) const = 0;
};

// The file system.
[[nodiscard]] const Files& disk();

}  // namespace isolates::parse
