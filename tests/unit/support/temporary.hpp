// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace isolates::test {

// A folder that is gone behind the test.
class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "isolates.XXXXXX").string();
        if (!::mkdtemp(name.data())) std::abort();
        root_ = name;
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() {
        std::error_code error;
        std::filesystem::remove_all(root_, error);
    }

    [[nodiscard]] std::string path(const std::string& name) const {
        return (root_ / name).string();
    }

    // Writes a file, and the folders on the way to it; returns its path.
    std::string write(const std::string& name, const std::string& text) const {
        std::filesystem::create_directories((root_ / name).parent_path());
        std::ofstream(root_ / name, std::ios::binary) << text;
        return path(name);
    }

  private:
    std::filesystem::path root_;
};

}  // namespace isolates::test
