// SPDX-License-Identifier: GPL-2.0-only
#include "sema/mount_options.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "core.hpp"

namespace isolates::sema {
namespace {

// Bits as in include/uapi/linux/mount.h. "user" is mount(8)'s and never reaches the
// kernel.
constexpr auto options = std::to_array<MountOption>({
    {"ro", 0x1, 0},
    {"r", 0x1, 0},
    {"read-only", 0x1, 0},
    {"rw", 0, 0x1},
    {"w", 0, 0x1},
    {"suid", 0, 0x2},
    {"nosuid", 0x2, 0},
    {"dev", 0, 0x4},
    {"nodev", 0x4, 0},
    {"exec", 0, 0x8},
    {"noexec", 0x8, 0},
    {"sync", 0x10, 0},
    {"async", 0, 0x10},
    {"remount", 0x20, 0},
    {"mand", 0x40, 0},
    {"nomand", 0, 0x40},
    {"dirsync", 0x80, 0},
    {"symfollow", 0, 0x100},
    {"nosymfollow", 0x100, 0},
    {"atime", 0, 0x400},
    {"noatime", 0x400, 0},
    {"diratime", 0, 0x800},
    {"nodiratime", 0x800, 0},
    {"bind", 0x1000, 0},
    {"B", 0x1000, 0},
    {"move", 0x2000, 0},
    {"M", 0x2000, 0},
    {"rbind", 0x5000, 0},
    {"R", 0x5000, 0},
    {"verbose", 0x8000, 0},
    {"silent", 0x8000, 0},
    {"loud", 0, 0x8000},
    {"acl", 0x10000, 0},
    {"noacl", 0, 0x10000},
    {"unbindable", 0x20000, 0},
    {"make-unbindable", 0x20000, 0},
    {"runbindable", 0x24000, 0},
    {"make-runbindable", 0x24000, 0},
    {"private", 0x40000, 0},
    {"make-private", 0x40000, 0},
    {"rprivate", 0x44000, 0},
    {"make-rprivate", 0x44000, 0},
    {"slave", 0x80000, 0},
    {"make-slave", 0x80000, 0},
    {"rslave", 0x84000, 0},
    {"make-rslave", 0x84000, 0},
    {"shared", 0x100000, 0},
    {"make-shared", 0x100000, 0},
    {"rshared", 0x104000, 0},
    {"make-rshared", 0x104000, 0},
    {"relatime", 0x200000, 0},
    {"norelatime", 0, 0x200000},
    {"iversion", 0x800000, 0},
    {"noiversion", 0, 0x800000},
    {"strictatime", 0x1000000, 0},
    {"nostrictatime", 0, 0x1000000},
    {"lazytime", 0x2000000, 0},
    {"nolazytime", 0, 0x2000000},
    {"user", 0, 0},
    {"nouser", 0, 0},
});

}  // namespace

std::optional<MountOption> mount_option(std::string_view name) {
    const auto found = std::ranges::find(options, name, &MountOption::name);
    if (found == options.end()) return std::nullopt;
    return *found;
}

std::span<const std::string_view> mount_option_names() {
    static const auto names = [] {
        std::vector<std::string_view> all;
        for (const auto& option : options) all.push_back(option.name);
        return all;
    }();
    return names;
}

std::uint32_t mount_command(std::uint32_t operation) {
    switch (operation) {
        case ISOLATES_MOUNT_BIND:
            return ISOLATES_MS_BIND;
        case ISOLATES_MOUNT_MOVE:
            return ISOLATES_MS_MOVE;
        case ISOLATES_MOUNT_REMOUNT:
            return ISOLATES_MS_REMOUNT;
        default:
            return 0;
    }
}

}  // namespace isolates::sema
