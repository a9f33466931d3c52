// SPDX-License-Identifier: GPL-2.0-only
#include "sema/capability_names.hpp"

#include <algorithm>
#include <array>

#include "sema/model.hpp"

namespace isolates::sema {
namespace {

// In the order of include/uapi/linux/capability.h of Linux 6.12.
constexpr auto names = std::to_array<std::string_view>({
    "chown",
    "dac_override",
    "dac_read_search",
    "fowner",
    "fsetid",
    "kill",
    "setgid",
    "setuid",
    "setpcap",
    "linux_immutable",
    "net_bind_service",
    "net_broadcast",
    "net_admin",
    "net_raw",
    "ipc_lock",
    "ipc_owner",
    "sys_module",
    "sys_rawio",
    "sys_chroot",
    "sys_ptrace",
    "sys_pacct",
    "sys_admin",
    "sys_boot",
    "sys_nice",
    "sys_resource",
    "sys_time",
    "sys_tty_config",
    "mknod",
    "lease",
    "audit_write",
    "audit_control",
    "setfcap",
    "mac_override",
    "mac_admin",
    "syslog",
    "wake_alarm",
    "block_suspend",
    "audit_read",
    "perfmon",
    "bpf",
    "checkpoint_restore",
});

static_assert(names.size() == ISOLATES_CAPABILITIES);

}  // namespace

std::optional<std::uint8_t> capability_number(std::string_view name) {
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) return std::nullopt;
    return static_cast<std::uint8_t>(found - names.begin());
}

std::span<const std::string_view> capability_names() {
    return names;
}

}  // namespace isolates::sema
