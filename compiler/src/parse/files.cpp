// SPDX-License-Identifier: GPL-2.0-only
#include "parse/files.hpp"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include "parse/file.hpp"
#include "parse/include.hpp"

namespace isolates::parse {
namespace {

// The names that AppArmor's parser passes over in a folder.
bool is_left_behind(std::string_view name) {
    static constexpr std::array<std::string_view, 13> endings = {
        "~",         ".rpmnew",   ".rpmsave",  ".orig",        ".rej",     ".swp",   ".dpkg-dist",
        ".dpkg-new", ".dpkg-old", ".dpkg-bak", ".dpkg-remove", ".pacsave", ".pacnew"};
    if (name.starts_with('.') || name == "README") return true;
    return std::ranges::any_of(endings, [&](auto ending) { return name.ends_with(ending); });
}

FileIdentity identity_of(const struct stat& status) {
    return {status.st_dev, status.st_ino};
}

bool is_regular(DIR* folder, const dirent& entry) {
    if (entry.d_type != DT_LNK && entry.d_type != DT_UNKNOWN) return entry.d_type == DT_REG;
    struct stat status {};
    return ::fstatat(::dirfd(folder), entry.d_name, &status, 0) == 0 && S_ISREG(status.st_mode);
}

// The files of a folder that is open; none, if it cannot be read.
std::vector<std::string> files_in(OpenFile opened, const std::string& path) {
    std::vector<std::string> files;
    const int fd = opened.release();
    DIR* const folder = ::fdopendir(fd);
    if (!folder) {
        ::close(fd);
        return files;
    }
    while (const dirent* const entry = ::readdir(folder))
        if (!is_left_behind(entry->d_name) && is_regular(folder, *entry))
            files.push_back(in_folder(path, entry->d_name));
    ::closedir(folder);
    std::ranges::sort(files);
    return files;
}

class DiskFile final : public File {
  public:
    explicit DiskFile(OpenFile file)
        : file_(std::move(file)), identity_(identity_of(file_->status())) {}

    // What could not be opened.
    DiskFile(int error, std::optional<FileIdentity> identity)
        : file_(std::unexpected(error)), identity_(identity) {}

    [[nodiscard]] std::optional<FileIdentity> identity() const override { return identity_; }
    [[nodiscard]] std::expected<std::string, std::string> read() const override {
        return file_ ? file_->read() : std::unexpected(reason(file_.error()));
    }

  private:
    std::expected<OpenFile, int> file_;
    std::optional<FileIdentity> identity_;
};

// Of a file that could not be opened: there may be one all the same.
std::optional<FileIdentity> identity_at(const std::string& path, int error) {
    struct stat status {};
    if (error == ENOENT || error == ENOTDIR || ::stat(path.c_str(), &status) < 0)
        return std::nullopt;
    return identity_of(status);
}

class Disk final : public Files {
  public:
    [[nodiscard]] Included look_up(const std::string& path) const override {
        auto opened = OpenFile::open(path);
        if (opened && opened->is_folder()) return {true, files_in(std::move(*opened), path), {}};
        if (opened) return {true, {path}, std::make_unique<DiskFile>(std::move(*opened))};
        const auto identity = identity_at(path, opened.error());
        if (!identity) return {};
        return {true, {path}, std::make_unique<DiskFile>(opened.error(), identity)};
    }
    [[nodiscard]] std::unique_ptr<File> open(const std::string& path) const override {
        auto opened = OpenFile::open(path);
        if (opened) return std::make_unique<DiskFile>(std::move(*opened));
        return std::make_unique<DiskFile>(opened.error(), identity_at(path, opened.error()));
    }
};

}  // namespace

const Files& disk() {
    static const Disk disk;
    return disk;
}

}  // namespace isolates::parse
