// SPDX-License-Identifier: GPL-2.0-only
// The options of mounts by AppArmor's names.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace isolates::sema {

// The flags of mount(2) that an option sets, or that it says are not set.
struct MountOption {
    std::string_view name;
    std::uint32_t set;
    std::uint32_t clear;
};

std::optional<MountOption> mount_option(std::string_view name);
std::span<const std::string_view> mount_option_names();

// The flag of mount(2) that makes an operation what it is, and so is set whenever that is
// asked about; 0: there is none, or one of several.
std::uint32_t mount_command(std::uint32_t operation);

}  // namespace isolates::sema
