// SPDX-License-Identifier: GPL-2.0-only
#include "parse/file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace isolates::parse {
namespace {

std::unexpected<std::string> system_error() {
    return std::unexpected(std::string(std::strerror(errno)));
}

class Descriptor {
  public:
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    [[nodiscard]] int get() const { return fd_; }

  private:
    int fd_;
};

// Appends to @content until there is nothing more to read or it has @size bytes.
// Returns an errno or 0.
int read_up_to(const Descriptor& fd, std::size_t size, const struct stat& status,
               std::string& content) {
    std::array<char, 65536> block;  // clearing it would take longer than reading a small file
    while (content.size() < size) {
        const auto wanted = std::min(block.size(), size - content.size());
        const ssize_t count = ::read(fd.get(), block.data(), wanted);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return errno;
        if (count == 0) break;
        content.append(block.data(), static_cast<std::size_t>(count));
        // All that a file says it has, and no more where more was asked for. Those of
        // proc and sysfs say nothing of use.
        if (static_cast<std::size_t>(count) < wanted && S_ISREG(status.st_mode) &&
            content.size() == static_cast<std::size_t>(status.st_size))
            break;
    }
    return 0;
}

std::expected<std::string, std::string> read(const std::string& path, std::size_t size,
                                             FileKind kind) {
    // To open a pipe would wait for who writes into it.
    const int nonblock = kind == FileKind::regular ? O_NONBLOCK : 0;
    const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | nonblock));
    if (fd.get() < 0) return system_error();
    struct stat status {};
    if (::fstat(fd.get(), &status) < 0) return system_error();
    if (S_ISDIR(status.st_mode)) {
        errno = EISDIR;
        return system_error();
    }
    if (kind == FileKind::regular && !S_ISREG(status.st_mode))
        return std::unexpected("it is not a regular file");
    std::string content;
    if ((errno = read_up_to(fd, size, status, content))) return system_error();
    return content;
}

}  // namespace

std::expected<std::string, std::string> read_file(const std::string& path, std::size_t size_max,
                                                  FileKind kind) {
    auto content = read(path, size_max + 1, kind);
    if (content && content->size() > size_max)
        return std::unexpected(fmt::format("it is larger than {} bytes", size_max));
    return content;
}

std::expected<std::string, std::string> read_head(const std::string& path, std::size_t count) {
    return read(path, count, FileKind::regular);
}

}  // namespace isolates::parse
