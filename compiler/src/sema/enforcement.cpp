// SPDX-License-Identifier: GPL-2.0-only
#include "sema/enforcement.hpp"

#include <fmt/format.h>

#include <array>
#include <string>

namespace isolates::sema {
namespace {

// By class; see the hooks in lsm/.
constexpr std::array<std::uint32_t, ISOLATES_CLASS_COUNT> operations_by_class = [] {
    std::array<std::uint32_t, ISOLATES_CLASS_COUNT> table{};
    table[ISOLATES_CLASS_FILE] = ISOLATES_FILE_OPS;
    table[ISOLATES_CLASS_SIGNAL] = ISOLATES_SIGNAL_OPS;
    table[ISOLATES_CLASS_NETWORK] = ISOLATES_NETWORK_OPS;
    table[ISOLATES_CLASS_UNIX] = ISOLATES_NETWORK_OPS;
    table[ISOLATES_CLASS_MOUNT] = ISOLATES_MOUNT_OPS;
    table[ISOLATES_CLASS_PTRACE] = ISOLATES_PTRACE_OPS;
    table[ISOLATES_CLASS_CAPABILITY] = ISOLATES_CAPABILITY_OPS;
    table[ISOLATES_CLASS_NAMESPACE] = ISOLATES_NAMESPACE_OPS;
    table[ISOLATES_CLASS_IO_URING] = ISOLATES_IO_URING_OPS;
    table[ISOLATES_CLASS_CHANGE_PROFILE] = ISOLATES_CHANGE_PROFILE_OPS;
    return table;
}();

std::string names_of(std::uint32_t operations, std::span<const Permission> permissions) {
    std::string names;
    for (const auto& permission : permissions) {
        if (!(permission.operations & operations)) continue;
        operations &= ~permission.operations;
        names += fmt::format("{}'{}'", names.empty() ? "" : ", ", permission.name);
    }
    return names;
}

}  // namespace

std::uint32_t enforced_operations(isolates_class class_id) {
    return operations_by_class[class_id];
}

bool is_enforced(Feature feature) {
    return feature == Feature::rlimits || feature == Feature::pending_bindings;
}

bool warn_unenforced(const Context& context, const diag::Span& keyword, std::string_view rules,
                     isolates_class class_id, std::uint32_t operations,
                     std::span<const Permission> permissions) {
    const auto enforced = enforced_operations(class_id);
    if (!(operations & ~enforced)) return true;
    if (!enforced)
        context.report.warning(keyword,
                               fmt::format("{} rules are not enforced by the kernel yet", rules));
    else
        context.report.warning(keyword,
                               fmt::format("of {} rules the kernel does not enforce {} yet", rules,
                                           names_of(operations & ~enforced, permissions)));
    return false;
}

bool warn_unenforced(const Context& context, const diag::Span& at, Feature feature,
                     std::string_view what) {
    if (is_enforced(feature)) return true;
    context.report.warning(at, fmt::format("{} not enforced by the kernel yet", what));
    return false;
}

void warn_unmediated(const Context& context, const diag::Span& keyword, std::string_view rules) {
    context.report.warning(
        keyword, fmt::format("isolates does not mediate {}: this rule has no effect", rules));
}

}  // namespace isolates::sema
