// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "core.hpp"

namespace isolates::sema {

inline constexpr std::array<std::string_view, ISOLATES_NAMESPACE_COUNT> namespace_kind_names = {
    "cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"};

// The kind of that name, as /proc/PID/ns has them.
inline std::optional<isolates_namespace> namespace_kind(std::string_view name) {
    for (std::size_t i = 0; i < namespace_kind_names.size(); i++)
        if (namespace_kind_names[i] == name) return static_cast<isolates_namespace>(i);
    return std::nullopt;
}

inline std::span<const std::string_view> namespace_kinds() {
    return namespace_kind_names;
}

}  // namespace isolates::sema
