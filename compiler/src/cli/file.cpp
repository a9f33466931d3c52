// SPDX-License-Identifier: GPL-2.0-only
#include "cli/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "kernel/descriptor.hpp"

namespace isolates::cli {
namespace {

struct Attributes {
    mode_t mode;
    std::optional<std::pair<uid_t, gid_t>> owner;  // nothing: whoever is the new file's
};

// Returns an errno or 0.
int apply(int fd, const Attributes& attributes) {
    // The mode comes last: a new owner takes the set-id bits away.
    if (attributes.owner) {
        struct stat status {};
        if (::fstat(fd, &status) < 0) return errno;
        const auto& [owner, group] = *attributes.owner;
        if ((status.st_uid != owner || status.st_gid != group) && ::fchown(fd, owner, group) < 0)
            return errno;
    }
    return ::fchmod(fd, attributes.mode) < 0 ? errno : 0;
}

int replace(const std::string& file, std::span<const std::byte> bytes,
            const Attributes& attributes) {
    std::string beside = file + ".XXXXXX";
    const kernel::Descriptor target(::mkostemp(beside.data(), O_CLOEXEC));
    if (!target.is_open()) return errno;
    int error = write_all(target.get(), bytes);
    if (!error) error = apply(target.get(), attributes);
    if (!error && ::rename(beside.c_str(), file.c_str()) < 0) error = errno;
    if (error) ::unlink(beside.c_str());
    return error;
}

}  // namespace

int write_all(int fd, std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(fd, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return errno;
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return 0;
}

int write_file(const std::string& file, std::span<const std::byte> bytes) {
    struct stat status {};
    if (::stat(file.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
        const kernel::Descriptor target(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
        return target.is_open() ? write_all(target.get(), bytes) : errno;
    }
    const mode_t mask = ::umask(0);
    ::umask(mask);
    return replace(file, bytes, {0666 & ~mask, std::nullopt});
}

int rewrite_file(const std::string& file, std::span<const std::byte> bytes) {
    std::error_code error;
    const auto target = std::filesystem::canonical(file, error);
    if (error) return error.value();
    struct stat status {};
    if (::stat(target.c_str(), &status) < 0) return errno;
    if (!S_ISREG(status.st_mode)) return EINVAL;
    return replace(target, bytes,
                   {status.st_mode & 07777, std::pair(status.st_uid, status.st_gid)});
}

}  // namespace isolates::cli
