// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/namespaces.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>
#include <vector>

#include "diag/suggest.hpp"
#include "sema/namespace_kinds.hpp"

namespace isolates::kernel {
namespace {

namespace fs = std::filesystem;
using sema::namespace_kind_names;

// In the order of enum isolates_namespace. CLONE_NEWTIME is too new for some libcs.
constexpr std::array<std::uint64_t, ISOLATES_NAMESPACE_COUNT> clone_flags = {
    CLONE_NEWCGROUP, CLONE_NEWIPC, CLONE_NEWNS,   CLONE_NEWNET,
    CLONE_NEWPID,    0x80,         CLONE_NEWUSER, CLONE_NEWUTS};

std::optional<std::uint32_t> parse_number(std::string_view text) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || !number) return std::nullopt;
    return number;
}

std::string_view name_of(isolates_namespace kind) {
    return namespace_kind_names[kind];
}

// The name of the kind that has this clone flag.
std::string_view name_of_flag(std::uint64_t flag) {
    for (std::size_t i = 0; i < clone_flags.size(); i++)
        if (clone_flags[i] == flag) return namespace_kind_names[i];
    return "unknown";
}

std::expected<Namespace, std::string> open_file(isolates_namespace kind, const std::string& path) {
    // Whatever it may be: do not wait for it, and do not let it become our terminal.
    Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!file.is_open())
        return std::unexpected(fmt::format("cannot open {}: {}", path, std::strerror(errno)));
    struct statfs system {};
    struct stat status {};
    if (::fstatfs(file.get(), &system) < 0 || ::fstat(file.get(), &status) < 0)
        return std::unexpected(fmt::format("cannot examine {}: {}", path, std::strerror(errno)));
    if (system.f_type != NSFS_MAGIC)
        return std::unexpected(fmt::format("{} is no namespace", path));
    const int type = ::ioctl(file.get(), NS_GET_NSTYPE);
    if (type < 0) return std::unexpected(fmt::format("{} is no namespace", path));
    if (static_cast<std::uint64_t>(type) != clone_flags[kind])
        return std::unexpected(fmt::format("{} is a {} namespace, not a {} namespace", path,
                                           name_of_flag(static_cast<std::uint64_t>(type)),
                                           name_of(kind)));
    return Namespace{kind, static_cast<std::uint32_t>(status.st_ino), std::move(file)};
}

std::expected<Namespace, std::string> open_process(isolates_namespace kind, std::uint32_t pid) {
    const auto folder = fmt::format("/proc/{}", pid);
    std::error_code error;
    if (!fs::exists(folder, error))
        return std::unexpected(fmt::format("there is no process {}", pid));
    return open_file(kind, fmt::format("{}/ns/{}", folder, name_of(kind)));
}

// What the kernel calls a namespace: "net:[4026531840]".
std::string nsfs_name(isolates_namespace kind, std::uint32_t number) {
    return fmt::format("{}:[{}]", name_of(kind), number);
}

bool is_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

// The names in a folder that are numbers. Processes come and go: no errors.
std::vector<std::string> numbers_in(const std::string& folder) {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error))
        if (auto name = entry->path().filename().string(); is_number(name))
            names.push_back(std::move(name));
    return names;
}

// Opens the file if it is the namespace; it may have become another one meanwhile.
std::optional<Namespace> open_if_it_is(isolates_namespace kind, std::uint32_t number,
                                       const std::string& path) {
    auto found = open_file(kind, path);
    if (!found || found->number != number) return std::nullopt;
    return std::move(*found);
}

std::optional<Namespace> find_in_processes(isolates_namespace kind, std::uint32_t number) {
    const auto wanted = nsfs_name(kind, number);
    for (const auto& pid : numbers_in("/proc")) {
        const auto tasks = fmt::format("/proc/{}/task", pid);
        for (const auto& tid : numbers_in(tasks)) {  // threads may live elsewhere
            const auto path = fmt::format("{}/{}/ns/{}", tasks, tid, name_of(kind));
            std::error_code error;
            if (fs::read_symlink(path, error) != wanted) continue;
            if (auto found = open_if_it_is(kind, number, path)) return found;
        }
    }
    return std::nullopt;
}

// Undoes what /proc/self/mountinfo does to blanks and backslashes: "\040".
std::string unescape(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); i++) {
        unsigned byte = 0;
        if (text[i] == '\\' && i + 3 < text.size() &&
            std::from_chars(text.data() + i + 1, text.data() + i + 4, byte, 8).ptr ==
                text.data() + i + 4) {
            result += static_cast<char>(byte);
            i += 3;
        } else {
            result += text[i];
        }
    }
    return result;
}

std::optional<Namespace> find_in_mounts(isolates_namespace kind, std::uint32_t number) {
    const auto wanted = nsfs_name(kind, number);
    std::ifstream mounts("/proc/self/mountinfo");
    for (std::string line; std::getline(mounts, line);) {
        std::istringstream fields(line);
        std::string id, parent, device, root, point;
        fields >> id >> parent >> device >> root >> point;
        if (root != wanted) continue;
        if (auto found = open_if_it_is(kind, number, unescape(point))) return found;
    }
    return std::nullopt;
}

}  // namespace

std::expected<Place, std::string> parse_place(std::string_view text) {
    const auto colon = text.find(':');
    if (colon == text.npos)
        return std::unexpected(
            fmt::format("'{}' is no namespace: write KIND:WHERE, with WHERE a path, a number, "
                        "or pid=N",
                        text));
    const auto kind = sema::namespace_kind(text.substr(0, colon));
    if (!kind) {
        const auto hint = diag::did_you_mean(text.substr(0, colon), namespace_kind_names);
        return std::unexpected(fmt::format("unknown kind of namespace '{}'{}{}",
                                           text.substr(0, colon), hint.empty() ? "" : "; ", hint));
    }

    const auto where = text.substr(colon + 1);
    if (where.starts_with('/')) return Place{*kind, ISOLATES_WHERE_PATH, std::string(where), 0};
    const bool is_process = where.starts_with("pid=");
    const auto number = parse_number(is_process ? where.substr(4) : where);
    if (!number)
        return std::unexpected(
            fmt::format("'{}' is neither a path, nor a number, nor pid=N", where));
    return Place{*kind, is_process ? ISOLATES_WHERE_PID : ISOLATES_WHERE_NUMBER, {}, *number};
}

std::string describe(const Place& place) {
    switch (place.where) {
        case ISOLATES_WHERE_PATH:
            return fmt::format("{}:{}", name_of(place.kind), place.path);
        case ISOLATES_WHERE_PID:
            return fmt::format("{}:pid={}", name_of(place.kind), place.number);
        default:
            return fmt::format("{}:{}", name_of(place.kind), place.number);
    }
}

std::uint64_t clone_flag(isolates_namespace kind) {
    return clone_flags[kind];
}

std::expected<Namespace, std::string> open_namespace(const Place& place) {
    switch (place.where) {
        case ISOLATES_WHERE_PATH:
            return open_file(place.kind, place.path);
        case ISOLATES_WHERE_PID:
            return open_process(place.kind, place.number);
        default:
            break;
    }
    auto found = find_in_processes(place.kind, place.number);
    if (!found) found = find_in_mounts(place.kind, place.number);
    if (!found)
        return std::unexpected(fmt::format("no live {} namespace has the number {}",
                                           name_of(place.kind), place.number));
    return std::move(*found);
}

}  // namespace isolates::kernel
