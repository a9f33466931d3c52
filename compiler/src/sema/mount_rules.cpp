// SPDX-License-Identifier: GPL-2.0-only
#include "sema/permissions.hpp"
#include "sema/rules.hpp"

namespace isolates::sema {
namespace {

std::uint32_t operation_of(std::string_view keyword) {
    if (keyword == "mount")
        return ISOLATES_MOUNT_OPS & ~(ISOLATES_MOUNT_UMOUNT | ISOLATES_MOUNT_PIVOT_ROOT);
    if (keyword == "remount") return ISOLATES_MOUNT_REMOUNT;
    return keyword == "pivot_root" ? ISOLATES_MOUNT_PIVOT_ROOT : ISOLATES_MOUNT_UMOUNT;
}

}  // namespace

// The class has no facts yet, and so no automaton: a policy leaves its operations
// open or does not. What one rule denies no other can open.
void analyze(const Context& context, const ast::MountRule& rule) {
    refuse_ownership(context, rule.qualifiers, "mounts");
    warn_priority(context, rule.qualifiers, "mount");
    if (!check_shape(context, rule, {})) return;
    if (!rule.conditions.empty() || rule.has_list) {
        context.report.error(rule.keyword.at, "mount rules with conditions are not enforced yet");
        return;
    }
    for (const auto& reported : {rule.qualifiers.audit, rule.qualifiers.quiet})
        if (reported)
            context.report.error(*reported, "this qualifier of mount rules is not enforced yet");
    const auto effect = effect_of(context, rule.qualifiers, nullptr);
    if (!effect) return;
    const auto operation = operation_of(rule.keyword.text);
    if (effect->action == model::Action::deny)
        context.denied_mounts |= operation;
    else
        context.policy.open[ISOLATES_CLASS_MOUNT] |= operation;
}

}  // namespace isolates::sema
