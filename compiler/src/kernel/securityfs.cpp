// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/securityfs.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <sstream>
#include <system_error>

#include "sema/namespace_kinds.hpp"

namespace isolates::kernel {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view may_not =
    "not permitted: this needs CAP_MAC_ADMIN, in no user namespace and under no policy";

std::unexpected<Refusal> refuse(int error, std::string reason) {
    return std::unexpected(Refusal{error, std::move(reason)});
}

// For errnos that mean the same with every file.
std::unexpected<Refusal> refuse_generally(int error, std::string_view what) {
    switch (error) {
        case EPERM:
        case EACCES:
            return refuse(error, std::string(may_not));
        case ENOMEM:
            return refuse(error, "the kernel is out of memory");
        case EROFS:
            return refuse(error, "sealed: nothing is changed until the next boot");
        case ENOENT:
            return refuse(error, fmt::format("this kernel's isolates has no file '{}'", what));
        default:
            return refuse(error, fmt::format("{}: {}", what, std::strerror(error)));
    }
}

// Why a control file cannot be opened is no answer of the command's.
Result<Descriptor> open_file(const std::string& root, const char* file, int flags) {
    Descriptor fd(::open(fmt::format("{}/{}", root, file).c_str(), flags | O_CLOEXEC));
    if (!fd.is_open()) return refuse_generally(errno, file);
    return fd;
}

// One write, whole. Returns an errno or 0.
int write_whole(int fd, const void* data, std::size_t size) {
    ssize_t count;
    do {
        count = ::write(fd, data, size);
    } while (count < 0 && errno == EINTR);
    if (count < 0) return errno;
    return static_cast<std::size_t>(count) == size ? 0 : EIO;
}

Result<std::string> read_whole(const std::string& path) {
    const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd.is_open()) return refuse_generally(errno, path);
    std::string text;
    std::array<char, 65536> block{};
    for (;;) {
        const ssize_t count = ::read(fd.get(), block.data(), block.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return refuse_generally(errno, path);
        if (count == 0) return text;
        text.append(block.data(), static_cast<std::size_t>(count));
    }
}

std::string without_newline(std::string text) {
    if (text.ends_with('\n')) text.pop_back();
    return text;
}

std::vector<BoundNamespace> parse_bindings(const std::string& text) {
    std::vector<BoundNamespace> bindings;
    std::istringstream lines(text);
    std::string rest;
    for (BoundNamespace binding;
         lines >> binding.kind >> binding.number && std::getline(lines, rest);) {
        binding.on_exec = rest == " on exec";
        bindings.push_back(binding);
    }
    return bindings;
}

// What the kernel said of a blob it refused, or a text for its errno.
std::string load_reason(int fd, int error) {
    std::array<char, 256> reason{};
    const ssize_t count = ::read(fd, reason.data(), reason.size());
    std::string said(reason.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
    if (!said.empty()) said = ": " + without_newline(std::move(said));
    switch (error) {
        case EINVAL:
            return "the kernel refused the policies as malformed" + said;
        case EPROTONOSUPPORT:
            return "the kernel knows another version of the format" + said;
        case E2BIG:
            return "the policies are larger than the kernel takes" + said;
        case EOPNOTSUPP:
            return "this kernel cannot deny a system call that the policies deny" + said;
        case ENOENT:
            return "this kernel does not have a system call that the policies deny" + said;
        default:
            return {};
    }
}

}  // namespace

Result<Securityfs> Securityfs::open(std::string root) {
    struct stat status {};
    if (::stat(root.c_str(), &status) < 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return refuse(
                ENOENT,
                fmt::format("there is no isolates in this kernel (no {}): it must be built in, be "
                            "among lsm=, and securityfs be mounted",
                            root));
        return refuse_generally(errno, root);
    }
    Securityfs files(std::move(root));
    const auto abi = files.read("abi");
    if (!abi) return std::unexpected(abi.error());
    std::istringstream lines(*abi);
    unsigned format = 0;
    for (std::string key, rest; lines >> key && std::getline(lines, rest);)
        if (key == "format") std::istringstream(rest) >> format;
    if (format != ISOLATES_BLOB_VERSION)
        return refuse(EPROTONOSUPPORT,
                      fmt::format("the kernel knows format {} of policies, this ipolc format {}",
                                  format, ISOLATES_BLOB_VERSION));
    return files;
}

Result<void> Securityfs::load(std::span<const std::byte> blob) const {
    const auto fd = open_file(root_, "load", O_RDWR);
    if (!fd) return std::unexpected(fd.error());
    const int error = write_whole(fd->get(), blob.data(), blob.size());
    if (!error) return {};
    auto reason = load_reason(fd->get(), error);
    if (reason.empty()) return refuse_generally(error, "load");
    return refuse(error, std::move(reason));
}

Result<void> Securityfs::command(const std::string& file, const std::string& text) const {
    const auto fd = open_file(root_, file.c_str(), O_WRONLY);
    if (!fd) return std::unexpected(fd.error());
    const int error = write_whole(fd->get(), text.data(), text.size());
    // The errno's meaning depends on the command: the caller has the words.
    if (error) return refuse(error, {});
    return {};
}

Result<void> Securityfs::unload(const std::string& policy, bool force) const {
    auto result = command("unload", fmt::format("{}{}\n", force ? "force " : "", policy));
    if (result || !result.error().reason.empty()) return result;
    switch (const int error = result.error().error) {
        case ENOENT:
            return refuse(error, fmt::format("no policy '{}' is loaded", policy));
        case EBUSY:
            return refuse(
                error,
                fmt::format(
                    "the policy '{}' is in use: a namespace is bound to it, or a task under it",
                    policy));
        default:
            return refuse_generally(error, "unload");
    }
}

Result<void> Securityfs::unload(std::span<const std::string> policies, bool force) const {
    // The kernel takes four times as much.
    constexpr std::size_t most = 1U << 20U;
    std::string lines;
    for (std::size_t i = 0; i < policies.size(); i++) {
        lines += fmt::format("{}{}\n", force ? "force " : "", policies[i]);
        if (lines.size() < most && i + 1 < policies.size()) continue;
        auto result = command("unload", lines);
        if (!result && result.error().reason.empty())
            return refuse_generally(result.error().error, "unload");
        if (!result) return result;
        lines.clear();
    }
    return {};
}

Result<bool> Securityfs::bind(const Namespace& where, const std::string& policy, bool host,
                              bool on_exec) const {
    const auto kind = sema::namespace_kind_names[where.kind];
    const auto result =
        command("bind", fmt::format("{}{}{} {} {}\n", host ? "host " : "",
                                    on_exec ? "on-exec " : "", kind, where.file.get(), policy));
    if (result) return true;
    if (!result.error().reason.empty()) return std::unexpected(result.error());
    switch (const int error = result.error().error) {
        case EEXIST:
            return false;
        case ENOENT:
            return refuse(error, fmt::format("no policy '{}' is loaded", policy));
        case EPERM:
            return refuse(
                error,
                fmt::format(
                    "not permitted: the {} namespace {} is the system's own, which only --host "
                    "binds; or this is not root, or under a policy",
                    kind, where.number));
        case EBADF:
        case EINVAL:
            return refuse(error, fmt::format("the kernel takes this for no {} namespace", kind));
        default:
            return refuse_generally(error, "bind");
    }
}

Result<void> Securityfs::unbind(isolates_namespace kind, std::uint32_t number,
                                const std::string& policy) const {
    const auto name = sema::namespace_kind_names[kind];
    auto result = command("unbind", fmt::format("{} {} {}\n", name, number, policy));
    if (result || !result.error().reason.empty()) return result;
    if (result.error().error == ENOENT)
        return refuse(ENOENT, fmt::format("the {} namespace {} is not bound to a policy '{}'", name,
                                          number, policy));
    return refuse_generally(result.error().error, "unbind");
}

Result<bool> Securityfs::attach(const Process& process, const std::string& policy,
                                bool on_exec) const {
    const auto result = command(
        "attach", fmt::format("{}{} {}\n", on_exec ? "on-exec " : "", process.file.get(), policy));
    if (result) return true;
    if (!result.error().reason.empty()) return std::unexpected(result.error());
    switch (const int error = result.error().error) {
        case EEXIST:
            return false;
        case ENOENT:
            return refuse(error, fmt::format("no policy '{}' is loaded", policy));
        case ESRCH:
            return refuse(error, fmt::format("the process {} has ended", process.pid));
        case EINVAL:
            return refuse(error, fmt::format("the process {} is the kernel's own", process.pid));
        case EPERM:
            return refuse(error,
                          fmt::format("not permitted: {} is the system's init; or this is not "
                                      "root, or under a policy",
                                      process.pid));
        default:
            return refuse_generally(error, "attach");
    }
}

Result<void> Securityfs::detach(const Process& process, const std::string& policy) const {
    auto result = command("detach", fmt::format("{} {}\n", process.file.get(), policy));
    if (result || !result.error().reason.empty()) return result;
    switch (const int error = result.error().error) {
        case ENOENT:
            return refuse(error, fmt::format("the process {} is not attached to a policy '{}'",
                                             process.pid, policy));
        case ESRCH:
            return refuse(error, fmt::format("the process {} has ended", process.pid));
        default:
            return refuse_generally(error, "detach");
    }
}

Result<EventReader> Securityfs::events(bool only_new) const {
    auto fd = open_file(root_, "events", O_RDONLY | O_NONBLOCK);
    if (!fd) return std::unexpected(fd.error());
    if (only_new && ::lseek(fd->get(), 0, SEEK_END) < 0) return refuse_generally(errno, "events");
    return EventReader(std::move(*fd));
}

Result<std::vector<std::string>> EventReader::read() {
    // Larger than any line: see ISOLATES_EVENT_MAX in the kernel.
    std::array<char, 65536> block;
    ssize_t count;
    do {
        count = ::read(file_.get(), block.data(), block.size());
    } while (count < 0 && errno == EINTR);
    std::vector<std::string> lines;
    if (count < 0) {
        if (errno == EAGAIN) return lines;
        return refuse_generally(errno, "events");
    }
    std::string_view text(block.data(), static_cast<std::size_t>(count));
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

Result<void> EventReader::wait() const {
    pollfd file{file_.get(), POLLIN, 0};
    if (::poll(&file, 1, -1) < 0 && errno != EINTR) return refuse_generally(errno, "events");
    return {};
}

Result<std::vector<ConfinedTask>> Securityfs::tasks() const {
    const auto text = read("tasks");
    if (!text) return std::unexpected(text.error());
    std::vector<ConfinedTask> tasks;
    std::istringstream lines(*text);
    for (ConfinedTask task; lines >> task.process >> task.thread >> task.how &&
                            std::getline(lines >> std::ws, task.policy);)
        tasks.push_back(task);
    return tasks;
}

Result<void> Securityfs::seal() const {
    auto result = command("seal", "1\n");
    if (result || !result.error().reason.empty()) return result;
    return refuse_generally(result.error().error, "seal");
}

Result<std::string> Securityfs::read(const std::string& file) const {
    return read_whole(fmt::format("{}/{}", root_, file));
}

Result<void> Securityfs::set_mode(const LoadedPolicy& policy, std::string_view mode) const {
    const auto file = fmt::format("policies/{}/mode", policy.folder);
    auto result = command(file, fmt::format("{}\n", mode));
    if (result || !result.error().reason.empty()) return result;
    if (result.error().error == ENOENT)
        return refuse(ENOENT, fmt::format("the policy '{}' is gone", policy.name));
    return refuse_generally(result.error().error, file);
}

Result<std::vector<LoadedPolicy>> Securityfs::list() const {
    std::vector<LoadedPolicy> policies;
    std::error_code error;
    const auto folder = fmt::format("{}/policies", root_);
    fs::directory_iterator entry(folder, error);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
        LoadedPolicy policy;
        policy.folder = entry->path().filename().string();
        const auto prefix = fmt::format("policies/{}/", policy.folder);
        const auto name = read(prefix + "name");
        const auto mode = read(prefix + "mode");
        const auto sha256 = read(prefix + "sha256");
        const auto bindings = read(prefix + "bindings");
        if (!name || !mode || !sha256 || !bindings) {
            const auto& reason = !name     ? name.error()
                                 : !mode   ? mode.error()
                                 : !sha256 ? sha256.error()
                                           : bindings.error();
            if (reason.error == ENOENT) continue;
            return std::unexpected(reason);
        }
        policy.name = without_newline(*name);
        policy.mode = without_newline(*mode);
        policy.sha256 = without_newline(*sha256);
        policy.bindings = parse_bindings(*bindings);
        policies.push_back(std::move(policy));
    }
    if (error) return refuse_generally(error.value(), folder);
    std::ranges::sort(policies, {}, &LoadedPolicy::name);
    return policies;
}

Result<std::vector<std::byte>> Securityfs::blob(const LoadedPolicy& policy) const {
    const auto text = read(fmt::format("policies/{}/blob", policy.folder));
    if (!text) return std::unexpected(text.error());
    const auto bytes = std::as_bytes(std::span(*text));
    return std::vector<std::byte>(bytes.begin(), bytes.end());
}

}  // namespace isolates::kernel
