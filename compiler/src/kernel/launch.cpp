// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/launch.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "kernel/descriptor.hpp"
#include "sema/namespace_kinds.hpp"

namespace isolates::kernel {
namespace {

constexpr int status_not_run = 127;

std::string system_error(std::string_view what) {
    return fmt::format("{}: {}", what, std::strerror(errno));
}

struct Pipe {
    Descriptor read;
    Descriptor write;

    static std::expected<Pipe, std::string> make() {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) < 0)
            return std::unexpected(system_error("cannot make a pipe"));
        return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
    }
};

// One byte that says "go on"; false if the other end was closed instead.
bool await(const Descriptor& end) {
    char go = 0;
    ssize_t count;
    do {
        count = ::read(end.get(), &go, 1);
    } while (count < 0 && errno == EINTR);
    return count == 1;
}

void give(const Descriptor& end) {
    static_cast<void>(!::write(end.get(), "", 1));
}

// All that is said on a pipe until it is closed.
std::string listen(const Descriptor& end) {
    std::string text;
    std::array<char, 512> block{};
    for (;;) {
        const ssize_t count = ::read(end.get(), block.data(), block.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return text;
        text.append(block.data(), static_cast<std::size_t>(count));
    }
}

// The file that a command's first word means, looked up before the policy can have
// a say: otherwise every folder of PATH would be asked of it.
std::optional<std::string> find_program(const std::string& word) {
    const auto is_program = [](const std::string& file) {
        struct stat status {};
        return ::stat(file.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
               ::access(file.c_str(), X_OK) == 0;
    };
    if (word.contains('/')) return is_program(word) ? std::optional(word) : std::nullopt;
    const char* const path = ::getenv("PATH");
    std::string_view folders = path ? path : "/usr/local/bin:/usr/bin:/bin";
    while (true) {
        const auto end = std::min(folders.find(':'), folders.size());
        const auto folder = folders.substr(0, end);
        auto file = fmt::format("{}/{}", folder.empty() ? "." : folder, word);
        if (is_program(file)) return file;
        if (end == folders.size()) return std::nullopt;
        folders.remove_prefix(end + 1);
    }
}

// The child, from the clone to the command. It says why it fails and ends.
class Child {
  public:
    Child(const Launch& what, const sigset_t& mask, const Pipe& start, const Pipe& ready,
          const Pipe& failure)
        : what_(what), mask_(mask), start_(start), ready_(ready), failure_(failure) {}

    [[noreturn]] void run() {
        // Behind our back the parent may be gone already: then nobody says "start".
        if (::prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) fail(system_error("cannot follow the parent"));
        if (!await(start_.read)) ::_exit(status_not_run);
        if (has(ISOLATES_NAMESPACE_MNT)) set_up_mounts();
        const auto program = find_program(what_.command.front());
        if (!program) fail(fmt::format("there is no program '{}'", what_.command.front()));

        std::vector<char*> arguments;
        for (const auto& word : what_.command) arguments.push_back(const_cast<char*>(word.c_str()));
        arguments.push_back(nullptr);
        ::sigprocmask(SIG_SETMASK, &mask_, nullptr);
        give(ready_.write);
        if (!await(start_.read)) ::_exit(status_not_run);
        ::execv(program->c_str(), arguments.data());
        fail(fmt::format("cannot run {}: {}", *program, std::strerror(errno)));
    }

  private:
    [[nodiscard]] bool has(isolates_namespace kind) const {
        return std::ranges::find(what_.kinds, kind) != what_.kinds.end();
    }

    [[noreturn]] void fail(const std::string& reason) {
        static_cast<void>(!::write(failure_.write.get(), reason.data(), reason.size()));
        ::_exit(status_not_run);
    }

    void set_up_mounts() {
        if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) < 0)
            fail(system_error("cannot make the mounts private"));
        if (!has(ISOLATES_NAMESPACE_PID)) return;
        if (::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) < 0)
            fail(system_error("cannot mount /proc"));
    }

    const Launch& what_;
    const sigset_t& mask_;
    const Pipe& start_;
    const Pipe& ready_;
    const Pipe& failure_;
};

// fork(), but into new namespaces. glibc's fork() hooks are not run: the child calls
// nothing that locks.
pid_t clone_into(const std::vector<isolates_namespace>& kinds) {
    clone_args arguments{};
    for (const auto kind : kinds) arguments.flags |= clone_flag(kind);
    arguments.exit_signal = SIGCHLD;
    return static_cast<pid_t>(::syscall(SYS_clone3, &arguments, sizeof(arguments)));
}

std::expected<void, std::string> write_file(const std::string& path, const std::string& text) {
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file.is_open() || ::write(file.get(), text.data(), text.size()) < 0)
        return std::unexpected(system_error(fmt::format("cannot write {}", path)));
    return {};
}

// In a user namespace of its own the child is root, which is who we are outside.
std::expected<void, std::string> map_users(pid_t child) {
    const auto folder = fmt::format("/proc/{}/", child);
    if (auto denied = write_file(folder + "setgroups", "deny"); !denied) return denied;
    if (auto mapped = write_file(folder + "gid_map", fmt::format("0 {} 1", ::getegid())); !mapped)
        return mapped;
    return write_file(folder + "uid_map", fmt::format("0 {} 1", ::geteuid()));
}

// All that a process can be told, but what it cannot pass on and what is its own.
sigset_t passed_signals() {
    sigset_t signals;
    ::sigfillset(&signals);
    for (const int own : {SIGKILL, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGSEGV, SIGBUS, SIGFPE,
                          SIGILL, SIGABRT, SIGTRAP})
        ::sigdelset(&signals, own);
    return signals;
}

// Waits for the child's end, and passes on what we are told meanwhile.
int wait_for(pid_t child, const sigset_t& signals) {
    for (;;) {
        int status = 0;
        if (::waitpid(child, &status, WNOHANG) == child)
            return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
        siginfo_t info{};
        const int signal = ::sigwaitinfo(&signals, &info);
        // What the terminal sends the child gets itself: it is of our group.
        if (signal > 0 && signal != SIGCHLD && info.si_code <= 0) ::kill(child, signal);
    }
}

void end(pid_t child) {
    ::kill(child, SIGKILL);
    while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
}

isolates_namespace bound_kind(const Launch& what) {
    const bool has_pid = std::ranges::find(what.kinds, ISOLATES_NAMESPACE_PID) != what.kinds.end();
    return has_pid ? ISOLATES_NAMESPACE_PID : what.kinds.front();
}

}  // namespace

std::expected<int, std::string> launch(const Securityfs& files, const Launch& what) {
    auto start = Pipe::make();
    auto ready = Pipe::make();
    auto failure = Pipe::make();
    if (!start || !ready || !failure) return std::unexpected(system_error("cannot make a pipe"));

    // A child that is not ours to wait for would be waited for in vain.
    ::signal(SIGCHLD, SIG_DFL);
    const sigset_t signals = passed_signals();
    sigset_t before;
    ::sigprocmask(SIG_BLOCK, &signals, &before);
    const pid_t child = clone_into(what.kinds);
    if (child == 0) {
        start->write.close();
        ready->read.close();
        failure->read.close();
        Child(what, before, *start, *ready, *failure).run();
    }
    const auto give_up = [&](std::string reason) {
        if (child > 0) end(child);
        ::sigprocmask(SIG_SETMASK, &before, nullptr);
        return std::unexpected(std::move(reason));
    };
    if (child < 0) return give_up(system_error("cannot make the namespaces"));
    start->read.close();
    ready->write.close();
    failure->write.close();
    // That the child has died we learn from what it says.
    ::signal(SIGPIPE, SIG_IGN);

    if (std::ranges::find(what.kinds, ISOLATES_NAMESPACE_USER) != what.kinds.end())
        if (const auto mapped = map_users(child); !mapped) return give_up(mapped.error());
    give(start->write);
    if (!await(ready->read)) return give_up(listen(failure->read));
    // The child is none of the policy's business, but its exec begins what is.
    auto place = open_namespace(
        {bound_kind(what), ISOLATES_WHERE_PID, {}, static_cast<std::uint32_t>(child)});
    if (!place) return give_up(place.error());
    if (const auto bound = files.bind(*place, what.policy, false, true); !bound)
        return give_up(bound.error().reason);
    give(start->write);
    // Closed by the command's start; else the child says why there is none.
    if (auto reason = listen(failure->read); !reason.empty()) return give_up(std::move(reason));
    // From now on whoever comes in is confined at once.
    if (const auto bound = files.bind(*place, what.policy, false, false); !bound)
        return give_up(bound.error().reason);
    place->file.close();

    const int status = wait_for(child, signals);
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    return status;
}

}  // namespace isolates::kernel
