// SPDX-License-Identifier: GPL-2.0-only
#include "bench/measure.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <system_error>

namespace isolates::bench {
namespace {

double seconds_of(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

// In the child; does not return.
[[noreturn]] void execute(const std::vector<std::string>& command, const std::string& output,
                          const std::string& errors, const Limits& limits) {
    const rlimit cpu{limits.seconds, limits.seconds + 1};
    const rlimit memory{limits.memory, limits.memory};
    const rlimit core{0, 0};
    const int input = ::open("/dev/null", O_RDONLY);
    const int out = ::open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    const int err = ::open(errors.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (::setrlimit(RLIMIT_CPU, &cpu) == 0 && ::setrlimit(RLIMIT_AS, &memory) == 0 &&
        ::setrlimit(RLIMIT_CORE, &core) == 0 && ::dup2(input, STDIN_FILENO) >= 0 &&
        ::dup2(out, STDOUT_FILENO) >= 0 && ::dup2(err, STDERR_FILENO) >= 0) {
        std::vector<char*> arguments;
        for (const auto& argument : command)
            arguments.push_back(const_cast<char*>(argument.c_str()));
        arguments.push_back(nullptr);
        ::execv(arguments[0], arguments.data());
    }
    ::_exit(127);
}

// The last line that says something.
std::string last_line(const std::string& file) {
    std::ifstream stream(file);
    std::string last;
    for (std::string line; std::getline(stream, line);)
        // apparmor_parser says so wherever AppArmor is not switched on.
        if (!line.empty() && !line.starts_with("Cache read/write disabled")) last = line;
    return last;
}

std::string reason_of(int status, const std::string& errors, const Limits& limits) {
    if (WIFSIGNALED(status)) {
        const int number = WTERMSIG(status);
        if (number == SIGXCPU) return fmt::format("stopped after {} s", limits.seconds);
        return fmt::format("killed by SIG{}", ::sigabbrev_np(number));
    }
    const auto said = last_line(errors);
    return said.empty() ? fmt::format("exit status {}", WEXITSTATUS(status)) : said;
}

}  // namespace

Cost run(const std::vector<std::string>& command, const std::string& output, const Limits& limits) {
    const auto errors = output + ".errors";
    // No vfork and no posix_spawn: what a process had as its own peak before execve counts
    // for its peak, and for a child of vfork that is its parent's.
    const pid_t child = ::fork();
    if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (child == 0) execute(command, output, errors, limits);

    int status = 0;
    rusage usage{};
    while (::wait4(child, &status, 0, &usage) < 0)
        if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "wait4");

    Cost cost;
    cost.seconds = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
    cost.memory = static_cast<std::size_t>(usage.ru_maxrss) * 1024;
    struct stat written {};
    if (::stat(output.c_str(), &written) == 0)
        cost.output = static_cast<std::size_t>(written.st_size);
    cost.done = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!cost.done) cost.reason = reason_of(status, errors, limits);
    return cost;
}

}  // namespace isolates::bench
