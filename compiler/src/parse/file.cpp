// SPDX-License-Identifier: GPL-2.0-only
#include "parse/file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

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

}  // namespace

std::expected<std::string, std::string> read_file(const std::string& path, std::size_t size_max) {
    const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (fd.get() < 0) return system_error();
    struct stat status {};
    if (::fstat(fd.get(), &status) < 0) return system_error();
    if (S_ISDIR(status.st_mode)) {
        errno = EISDIR;
        return system_error();
    }

    std::string content;
    std::array<char, 65536> block{};
    for (;;) {
        const ssize_t count = ::read(fd.get(), block.data(), block.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return system_error();
        if (count == 0) return content;
        if (content.size() + static_cast<std::size_t>(count) > size_max)
            return std::unexpected(fmt::format("it is larger than {} bytes", size_max));
        content.append(block.data(), static_cast<std::size_t>(count));
    }
}

}  // namespace isolates::parse
