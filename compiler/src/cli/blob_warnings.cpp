// SPDX-License-Identifier: GPL-2.0-only
#include "cli/blob_warnings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "sema/class_names.hpp"
#include "sema/enforcement.hpp"

namespace isolates::cli {
namespace {

// The operations of a class of which rules say anything.
std::uint32_t spoken_of(const isolates_view& view, const isolates_policy& policy,
                        const isolates_class_rules& rules) {
    std::uint32_t operations = 0;
    for (std::uint32_t i = 0; i < rules.automata.count; i++) {
        const auto& automaton = view.automata[rules.automata.first + i];
        for (std::uint32_t j = 0; j < automaton.states.count; j++) {
            const auto& state = view.states[automaton.states.first + j];
            const auto& perms = view.perms[policy.perms.first + state.perms];
            for (unsigned whose = 0; whose < 2; whose++)
                operations |= perms.allow[whose] | perms.deny[whose] | perms.audit[whose] |
                              perms.quiet[whose];
        }
    }
    return operations;
}

// What of the policy the kernel leaves out, in the language's words.
std::vector<std::string> unenforced(const isolates_view& view, const isolates_policy& policy) {
    std::vector<std::string> parts;
    for (std::uint32_t id = 0; id < ISOLATES_CLASS_ATTACH; id++) {
        const auto enforced = sema::enforced_operations(static_cast<isolates_class>(id));
        if (spoken_of(view, policy, policy.classes[id]) & ~enforced)
            parts.push_back(
                fmt::format("{}{} rules", enforced ? "some " : "", sema::class_names[id]));
    }
    if (policy.rlimits.count && !sema::is_enforced(sema::Feature::rlimits))
        parts.emplace_back("resource limits");
    return parts;
}

}  // namespace

void warn_unenforced(const std::string& file, const decide::Blob& blob, diag::Report& report) {
    for (const auto& policy : blob.policies()) {
        const auto parts = unenforced(blob.view(), policy.raw());
        if (!parts.empty())
            report.warning({}, fmt::format("{}: of policy '{}' the kernel does not enforce {} yet",
                                           file, policy.name(), fmt::join(parts, ", ")));
    }
}

}  // namespace isolates::cli
