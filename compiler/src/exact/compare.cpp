// SPDX-License-Identifier: GPL-2.0-only
#include "exact/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>
#include <string_view>

#include "exact/cover.hpp"
#include "exact/describe.hpp"
#include "exact/difference.hpp"
#include "exact/syscalls.hpp"
#include "sema/mode_names.hpp"
#include "sema/namespace_kinds.hpp"
#include "sema/rlimits.hpp"

namespace isolates::exact {
namespace {

// The same difference, found for several decisions.
struct Finding {
    Decisions decisions = 0;
    std::vector<Pattern> patterns;
    bool is_complete = true;
    std::string target;
    std::string example;
};

// The models of a policy, of either side, as far as they are known.
struct Models {
    const model::Policy* allowing = nullptr;
    const model::Policy* denying = nullptr;
};

Finding finding_of(const Difference& difference, const Models& models) {
    Finding finding;
    finding.decisions = difference.decisions;
    finding.target = difference.target;
    finding.example = describe_facts(difference.class_id, difference.example);
    if (const auto exact = describe_exactly(difference)) {
        for (const std::string& text : *exact) finding.patterns.push_back({text, true});
        return finding;
    }
    if (difference.class_id == ISOLATES_CLASS_FILE && models.allowing && models.denying) {
        if (const auto cover = cover_by_rules(difference, *models.allowing, *models.denying)) {
            for (const RuleGlob& glob : cover->globs)
                finding.patterns.push_back({glob.glob, glob.is_inside});
            finding.is_complete = cover->is_complete;
            return finding;
        }
    }
    finding.patterns.push_back({describe_beginning(difference), false});
    return finding;
}

const model::Policy* model_of(const PolicySet& set, std::string_view name) {
    if (!set.program) return nullptr;
    const auto found = std::ranges::find(set.program->policies, name, &model::Policy::name);
    return found == set.program->policies.end() ? nullptr : &*found;
}

// One change for each kind of owner that has operations of its own.
void add_changes(const Finding& finding, isolates_class class_id, bool is_allowed,
                 std::vector<Change>& changes) {
    const auto other = static_cast<std::uint32_t>(finding.decisions);
    const auto owner = static_cast<std::uint32_t>(finding.decisions >> 32);
    const auto add = [&](std::uint32_t operations, std::optional<model::Whose> whose) {
        if (!operations) return;
        changes.push_back({is_allowed, class_id, operations, whose, finding.patterns,
                           finding.is_complete, finding.target, finding.example});
    };
    if (!shape_of(class_id).has_owner) return add(other, std::nullopt);
    add(other & owner, model::Whose::anyone);
    add(owner & ~other, model::Whose::owner);
    add(other & ~owner, model::Whose::other);
}

bool is_same(const Finding& a, const Finding& b) {
    // What is only partly told is the same only by chance.
    const bool is_told = a.is_complete && std::ranges::all_of(a.patterns, &Pattern::is_exact);
    return a.is_complete == b.is_complete && a.target == b.target &&
           (is_told || a.example == b.example) &&
           std::ranges::equal(a.patterns, b.patterns, [](const Pattern& x, const Pattern& y) {
               return x.text == y.text && x.is_exact == y.is_exact;
           });
}

std::expected<void, TooLarge> compare_class(const Side& before, const Side& after,
                                            const Models& models, isolates_class class_id,
                                            bool is_allowed, std::vector<Change>& changes) {
    auto differences = lost_but_execs(before, after, class_id);
    if (!differences) return std::unexpected(TooLarge{});
    if (class_id == ISOLATES_CLASS_FILE) {
        auto execs = lost_execs(before, after);
        if (!execs) return std::unexpected(TooLarge{});
        std::ranges::move(*execs, std::back_inserter(*differences));
    }
    std::vector<Finding> findings;
    for (const Difference& difference : *differences) {
        Finding finding = finding_of(difference, models);
        const auto same = std::ranges::find_if(
            findings, [&](const Finding& known) { return is_same(known, finding); });
        if (same == findings.end())
            findings.push_back(std::move(finding));
        else
            same->decisions |= finding.decisions;
    }
    for (const Finding& finding : findings) add_changes(finding, class_id, is_allowed, changes);
    return {};
}

std::string_view text_of(const isolates_view& view, isolates_string string) {
    return {isolates_view_text(&view, string), string.length};
}

// By place; those of which one takes hold at once do.
std::map<std::string, bool> bindings_of(const Side& side) {
    std::map<std::string, bool> is_pending;
    for (std::uint32_t i = 0; i < side.policy->bindings.count; i++) {
        const isolates_binding& binding = side.view->bindings[side.policy->bindings.first + i];
        const std::string_view kind = sema::namespace_kinds()[binding.kind];
        const auto place =
            binding.where == ISOLATES_WHERE_PATH
                ? fmt::format("{} {}", kind, text_of(*side.view, binding.path))
                : fmt::format("{} {}{}", kind, binding.where == ISOLATES_WHERE_PID ? "of " : "",
                              binding.number);
        const bool on_exec = (binding.flags & ISOLATES_BINDING_ON_EXEC) != 0;
        if (const auto [known, is_new] = is_pending.emplace(place, on_exec); !is_new)
            known->second &= on_exec;
    }
    return is_pending;
}

std::map<std::uint32_t, std::uint64_t> rlimits_of(const Side& side) {
    std::map<std::uint32_t, std::uint64_t> limits;
    for (std::uint32_t i = 0; i < side.policy->rlimits.count; i++) {
        const isolates_rlimit& rlimit = side.view->rlimits[side.policy->rlimits.first + i];
        limits[rlimit.resource] = rlimit.limit;
    }
    return limits;
}

// The limits that a task may have under one side alone, "nofile > 1024, <= 4096".
std::vector<Item> compare_rlimits(const Side& before, const Side& after) {
    auto old_limits = rlimits_of(before), new_limits = rlimits_of(after);
    for (const auto& [resource, limit] : old_limits)
        new_limits.emplace(resource, ISOLATES_RLIMIT_INFINITY);
    std::vector<Item> items;
    for (const auto& [resource, now] : new_limits) {
        const auto was = old_limits.emplace(resource, ISOLATES_RLIMIT_INFINITY).first->second;
        if (was == now) continue;
        // "nofile <= 1024", from which on one side alone allows.
        const auto lower = sema::describe_rlimit(resource, std::min(was, now));
        const auto upper = sema::describe_rlimit(resource, std::max(was, now));
        const auto at = lower.find("<=");
        auto text = fmt::format("{}>{}", lower.substr(0, at), lower.substr(at + 2));
        if (std::max(was, now) != ISOLATES_RLIMIT_INFINITY)
            text += fmt::format(", {}", upper.substr(upper.find("<=")));
        items.push_back({now > was, std::move(text)});
    }
    return items;
}

std::vector<Item> compare_bindings(const Side& before, const Side& after) {
    const auto was = bindings_of(before), now = bindings_of(after);
    const auto text = [](const auto& binding) {
        return binding.first + (binding.second ? " on exec" : "");
    };
    std::vector<Item> items;
    for (const auto& binding : was)
        if (!now.contains(binding.first)) items.push_back({true, text(binding)});
    for (const auto& binding : now) {
        const auto old = was.find(binding.first);
        if (old == was.end())
            items.push_back({false, text(binding)});
        else if (old->second != binding.second)
            items.push_back({binding.second, binding.first + " at once"});
    }
    return items;
}

std::string_view mode_name(const Side& side) {
    return sema::mode_names[side.policy->mode];
}

// Whether the policy's mode lets its rules deny anything.
bool denies(const Side& side) {
    return side.policy->mode == ISOLATES_MODE_ENFORCE || side.policy->mode == ISOLATES_MODE_KILL;
}

std::expected<PolicyChanges, TooLarge> compare_policies(const Side& before, const Side& after,
                                                        const model::Policy* old_model,
                                                        const model::Policy* new_model) {
    PolicyChanges result;
    for (const bool is_allowed : {true, false}) {
        for (std::uint32_t id = 0; id < ISOLATES_CLASS_COUNT; id++) {
            const auto class_id = static_cast<isolates_class>(id);
            const auto done = is_allowed ? compare_class(after, before, {new_model, old_model},
                                                         class_id, true, result.changes)
                                         : compare_class(before, after, {old_model, new_model},
                                                         class_id, false, result.changes);
            if (!done) return std::unexpected(TooLarge{});
        }
    }
    for (const bool is_allowed : {true, false}) {
        const auto calls = is_allowed ? lost_syscalls(after, before) : lost_syscalls(before, after);
        if (!calls) return std::unexpected(TooLarge{});
        for (const SyscallDifference& call : *calls)
            result.syscalls.push_back({is_allowed, describe(call)});
    }
    if (denies(before) != denies(after))
        result.modes.push_back({denies(before), std::string(mode_name(after))});
    result.rlimits = compare_rlimits(before, after);
    result.bindings = compare_bindings(before, after);
    return result;
}

std::map<std::string_view, Side> sides_of(const decide::Blob& blob) {
    std::map<std::string_view, Side> sides;
    const isolates_view& view = blob.view();
    for (std::uint32_t i = 0; i < isolates_view_count(&view, ISOLATES_SECTION_POLICIES); i++)
        sides[text_of(view, view.policies[i].name)] = {&view, view.policies + i};
    return sides;
}

}  // namespace

bool Comparison::allows_more() const {
    return !removed.empty() || std::ranges::any_of(changed, [](const PolicyChanges& policy) {
        const auto is_gone = [](const Item& item) { return item.is_allowed; };
        return std::ranges::any_of(policy.changes, &Change::is_allowed) ||
               std::ranges::any_of(policy.modes, is_gone) ||
               std::ranges::any_of(policy.syscalls, is_gone) ||
               std::ranges::any_of(policy.rlimits, is_gone) ||
               std::ranges::any_of(policy.bindings, is_gone);
    });
}

std::expected<Comparison, std::string> compare(const PolicySet& before, const PolicySet& after) {
    Comparison result;
    const auto old_sides = sides_of(*before.blob), new_sides = sides_of(*after.blob);
    for (const auto& [name, side] : new_sides)
        if (!old_sides.contains(name)) result.added.emplace_back(name);
    for (const auto& [name, side] : old_sides) {
        const auto other = new_sides.find(name);
        if (other == new_sides.end()) {
            result.removed.emplace_back(name);
            continue;
        }
        auto changes =
            compare_policies(side, other->second, model_of(before, name), model_of(after, name));
        if (!changes)
            return std::unexpected(fmt::format(
                "policy {} is too much to compare: its globs have too many combinations", name));
        changes->name = name;
        if (!changes->is_empty()) result.changed.push_back(std::move(*changes));
    }
    return result;
}

}  // namespace isolates::exact
