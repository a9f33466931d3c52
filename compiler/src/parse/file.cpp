// SPDX-License-Identifier: GPL-2.0-only
#include "parse/file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace isolates::parse {
namespace {

// How much is asked for at once of what does not say its size.
constexpr std::size_t block_size = 65536;

std::unexpected<std::string> system_error(int error) {
    return std::unexpected(reason(error));
}

}  // namespace

OpenFile::OpenFile(int fd, FileKind kind) : fd_(fd), kind_(kind) {}

OpenFile::OpenFile(OpenFile&& other) noexcept
    : fd_(other.release()), kind_(other.kind_), status_(other.status_) {}

OpenFile::~OpenFile() {
    if (fd_ >= 0) ::close(fd_);
}

int OpenFile::release() {
    return std::exchange(fd_, -1);
}

std::expected<OpenFile, int> OpenFile::open(const std::string& path, FileKind kind) {
    // To open a pipe would wait for who writes into it.
    const int nonblock = kind == FileKind::regular ? O_NONBLOCK : 0;
    OpenFile file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | nonblock), kind);
    if (file.fd_ < 0 || ::fstat(file.fd_, &file.status_) < 0) return std::unexpected(errno);
    return file;
}

std::expected<void, std::string> OpenFile::check_kind() const {
    if (is_folder()) return system_error(EISDIR);
    if (kind_ == FileKind::regular && !S_ISREG(status_.st_mode))
        return std::unexpected("it is not a regular file");
    return {};
}

std::expected<std::string, std::string> OpenFile::head(std::size_t count) const {
    if (const auto checked = check_kind(); !checked) return std::unexpected(checked.error());
    std::string content(count, '\0');
    ssize_t got = 0;
    do got = ::pread(fd_, content.data(), count, 0);
    while (got < 0 && errno == EINTR);
    if (got < 0) return system_error(errno);
    content.resize(static_cast<std::size_t>(got));
    return content;
}

std::expected<std::string, std::string> OpenFile::read(std::size_t size_max) const {
    if (const auto checked = check_kind(); !checked) return std::unexpected(checked.error());
    // All that a regular file says it has, and one byte more: where no more comes, that is
    // its end. Those of proc and sysfs say that they have none.
    const std::size_t size =
        S_ISREG(status_.st_mode) ? static_cast<std::size_t>(status_.st_size) : 0;
    std::string content;
    while (content.size() <= size_max) {
        const std::size_t begin = content.size();
        const std::size_t wanted =
            std::min(size && !begin ? size + 1 : block_size, size_max + 1 - begin);
        ssize_t got = 0;
        content.resize_and_overwrite(begin + wanted, [&](char* data, std::size_t) {
            got = ::read(fd_, data + begin, wanted);
            return begin + static_cast<std::size_t>(std::max<ssize_t>(got, 0));
        });
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return system_error(errno);
        const bool is_whole = got == 0 || (size && content.size() == size);
        if (is_whole && content.size() <= size_max) return content;
    }
    return std::unexpected(fmt::format("it is larger than {} bytes", size_max));
}

std::string reason(int error) {
    return std::strerror(error);
}

std::expected<std::string, std::string> read_file(const std::string& path, std::size_t size_max,
                                                  FileKind kind) {
    const auto file = OpenFile::open(path, kind);
    if (!file) return system_error(file.error());
    return file->read(size_max);
}

}  // namespace isolates::parse
