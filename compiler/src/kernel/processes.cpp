// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/processes.hpp"

#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <system_error>

namespace isolates::kernel {

std::expected<Process, std::string> open_process(const std::string& text) {
    pid_t pid = 0;
    const auto* const end = text.data() + text.size();
    const auto [last, error] = std::from_chars(text.data(), end, pid);
    if (error != std::errc() || last != end || pid <= 0)
        return std::unexpected(fmt::format("'{}' is no number of a process", text));
    Descriptor file(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (file.is_open()) return Process{pid, std::move(file)};
    // Of a thread that is not its process's first one: EINVAL, or ENOENT since 6.9.
    if (errno == ESRCH || errno == EINVAL || errno == ENOENT)
        return std::unexpected(fmt::format("there is no process {}", pid));
    return std::unexpected(
        fmt::format("cannot open the process {}: {}", pid, std::strerror(errno)));
}

std::string command_of(pid_t thread) {
    std::ifstream file(fmt::format("/proc/{}/comm", thread));
    std::string name;
    std::getline(file, name);
    std::ranges::replace_if(
        name, [](unsigned char byte) { return byte < ' ' || byte == 0x7f; }, '?');
    return name;
}

}  // namespace isolates::kernel
