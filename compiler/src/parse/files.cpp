// SPDX-License-Identifier: GPL-2.0-only
#include "parse/files.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "parse/file.hpp"

namespace isolates::parse {
namespace {

namespace fs = std::filesystem;

// The names that AppArmor's parser passes over in a folder.
bool is_left_behind(std::string_view name) {
    static constexpr std::array<std::string_view, 13> endings = {
        "~",         ".rpmnew",   ".rpmsave",  ".orig",        ".rej",     ".swp",   ".dpkg-dist",
        ".dpkg-new", ".dpkg-old", ".dpkg-bak", ".dpkg-remove", ".pacsave", ".pacnew"};
    if (name.starts_with('.') || name == "README") return true;
    return std::ranges::any_of(endings, [&](auto ending) { return name.ends_with(ending); });
}

Included files_at(const fs::path& path) {
    std::error_code error;
    const auto status = fs::status(path, error);
    if (!fs::exists(status)) return {};
    if (!fs::is_directory(status)) return {true, {path.string()}};
    Included included{true, {}};
    for (fs::directory_iterator entry(path, error), end; !error && entry != end;
         entry.increment(error)) {
        std::error_code no_status;
        if (entry->is_regular_file(no_status) && !is_left_behind(entry->path().filename().string()))
            included.files.push_back(entry->path().string());
    }
    std::ranges::sort(included.files);
    return included;
}

class Disk final : public Files {
  public:
    [[nodiscard]] Included look_up(const std::string& path) const override {
        return files_at(path);
    }
    [[nodiscard]] std::expected<std::string, std::string> read(
        const std::string& path) const override {
        return read_file(path);
    }
    [[nodiscard]] std::string identity(const std::string& path) const override {
        struct stat status {};
        if (::stat(path.c_str(), &status) < 0) return path;
        return fmt::format("{}:{}", status.st_dev, status.st_ino);
    }
};

}  // namespace

const Files& disk() {
    static const Disk disk;
    return disk;
}

}  // namespace isolates::parse
