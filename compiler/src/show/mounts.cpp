// SPDX-License-Identifier: GPL-2.0-only
// Mount rules as text: a policy leaves each operation open, or not.
#include <array>
#include <string_view>
#include <utility>

#include "show/rules.hpp"

namespace isolates::show {
namespace {

constexpr std::array<std::pair<std::string_view, std::uint32_t>, 4> keywords = {{
    {"mount", ISOLATES_MOUNT_OPS & ~(ISOLATES_MOUNT_UMOUNT | ISOLATES_MOUNT_PIVOT_ROOT)},
    {"remount", ISOLATES_MOUNT_REMOUNT},
    {"umount", ISOLATES_MOUNT_UMOUNT},
    {"pivot_root", ISOLATES_MOUNT_PIVOT_ROOT},
}};

}  // namespace

Lines show_mounts(const isolates_policy& policy, bool is_open_by_flag) {
    const auto& rules = policy.classes[ISOLATES_CLASS_MOUNT];
    if (rules.automata.count) return std::unexpected("rules of this class cannot be shown yet");
    std::vector<std::string> lines;
    std::uint32_t left = is_open_by_flag ? ISOLATES_MOUNT_OPS & ~rules.open : rules.open;
    for (const auto& [keyword, operations] : keywords) {
        if ((left & operations) != operations) continue;
        left &= ~operations;
        lines.push_back((is_open_by_flag ? "deny " : "") + std::string(keyword));
    }
    if (!left) return lines;
    // What no keyword is about is denied of all that one is about.
    const std::uint32_t all = keywords[0].second;
    if (is_open_by_flag || (left & all) != (all & ~std::uint32_t{ISOLATES_MOUNT_REMOUNT}))
        return std::unexpected("the language has no words for some of its mounts");
    lines.insert(lines.begin(), {"mount", "deny remount"});
    return lines;
}

}  // namespace isolates::show
