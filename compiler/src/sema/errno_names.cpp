// SPDX-License-Identifier: GPL-2.0-only
#include "sema/errno_names.hpp"

#include <cstring>
#include <vector>

#include "core.hpp"

namespace isolates::sema {
namespace {

struct Alias {
    std::string_view name;
    std::string_view means;
};

constexpr Alias aliases[] = {
    {"EDEADLOCK", "EDEADLK"}, {"ENOTSUP", "EOPNOTSUPP"}, {"EWOULDBLOCK", "EAGAIN"}};

}  // namespace

std::string_view errno_name(std::uint32_t number) {
    const char* const name = ::strerrorname_np(static_cast<int>(number));
    return name ? std::string_view(name) : std::string_view();
}

std::span<const std::string_view> errno_names() {
    static const auto names = [] {
        std::vector<std::string_view> all;
        for (std::uint32_t number = 1; number <= ISOLATES_ERRNO_MAX; number++)
            if (const auto name = errno_name(number); !name.empty()) all.push_back(name);
        return all;
    }();
    return names;
}

std::optional<std::uint32_t> errno_number(std::string_view name) {
    for (const auto& alias : aliases)
        if (name == alias.name) name = alias.means;
    for (std::uint32_t number = 1; number <= ISOLATES_ERRNO_MAX; number++)
        if (errno_name(number) == name && !name.empty()) return number;
    return std::nullopt;
}

}  // namespace isolates::sema
