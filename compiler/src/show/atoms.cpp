// SPDX-License-Identifier: GPL-2.0-only
#include "show/atoms.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "show/language.hpp"

namespace isolates::show {
namespace {

// What one label says of one operation.
struct Saying {
    bool allow = false;
    bool deny = false;
    bool audit = false;
    bool quiet = false;
    const isolates_error* error = nullptr;  // the first of the operation
    std::uint32_t exec = 0;                 // where it leads, if it is allowed
};

class Grouper {
  public:
    Grouper(const isolates_view& view, std::span<const isolates_perms> perms,
            const std::vector<bool>& used, const AtomOptions& options)
        : view_(view), perms_(perms), labels_{perms.size()}, used_(used), options_(options) {}

    std::vector<Group> run() {
        for (unsigned whose = 0; whose < (options_.has_owner ? 2u : 1u); whose++)
            for (std::uint32_t rest = options_.operations; rest; rest &= rest - 1)
                add_operation(rest & -rest, whose);
        std::vector<Group> groups;
        for (auto& [key, operations] : groups_)
            groups.push_back({key.first, operations,
                              std::ranges::find(key.second, kMust) != key.second.end(),
                              key.second});
        std::set<RuleKind> needed;
        for (const Group& group : groups)
            if (group.is_needed) needed.insert(group.kind);
        if (!options_.keeps_all)
            std::erase_if(groups, [&](const Group& group) { return !needed.contains(group.kind); });
        return groups;
    }

  private:
    using Values = std::vector<LabelId>;

    [[nodiscard]] Saying saying(const isolates_perms& perms, std::uint32_t operation,
                                unsigned whose) const {
        const auto has = [&](const __u32(&masks)[2]) { return (masks[whose] & operation) != 0; };
        Saying said{has(perms.allow), has(perms.deny), has(perms.audit),
                    has(perms.quiet), nullptr,         0};
        if (said.allow && leads(operation)) said.exec = perms.exec[whose];
        for (std::uint32_t i = 0; i < perms.errors.count && !said.error; i++) {
            const isolates_error& error = view_.errors[perms.errors.first + i];
            if (error.operations[whose] & operation) said.error = &error;
        }
        return said;
    }

    [[nodiscard]] bool is_used(std::size_t label) const {
        const auto id = static_cast<LabelId>(label);
        return used_[id] || used_[labels_.of_exact(id)] || used_[labels_.of_apart(id)];
    }

    // Whether an allowed operation may lead to another policy.
    [[nodiscard]] bool leads(std::uint32_t operation) const {
        return options_.has_transitions && operation == ISOLATES_FILE_EXEC;
    }

    void add_operation(std::uint32_t operation, unsigned whose) {
        std::vector<Saying> sayings;
        for (std::size_t i = 0; i < perms_.size(); i++)
            sayings.push_back(is_used(i) ? saying(perms_[i], operation, whose) : Saying{});
        const auto add = [&](const RuleKind& kind, auto must, auto may) {
            Values values(labels_.size(), kMustNot);
            values[labels_.outside()] = kMay;
            bool is_possible = false;
            for (LabelId i = 0; i < sayings.size(); i++) {
                if (!is_used(i)) continue;
                values[i] = must(i) ? kMust : may(sayings[i]) ? kMay : kMustNot;
                is_possible = is_possible || values[i] != kMustNot;
                const Saying& said = sayings[i];
                const bool may_lead_elsewhere =
                    leads(operation) && !kind.denies && said.allow && (!kind.audit || said.audit);
                const LabelId elsewhere =
                    may_lead_elsewhere ? std::max(values[i], kMay) : values[i];
                values[labels_.of_exact(i)] = elsewhere;
                values[labels_.of_apart(i)] = elsewhere;
            }
            if (!is_possible) return;
            auto& masks = groups_[{kind, std::move(values)}];
            masks[whose] |= operation;
            if (!options_.has_owner) masks[1] |= operation;
        };

        std::set<std::uint32_t> targets = {0};
        for (const Saying& s : sayings) targets.insert(s.exec);
        for (const std::uint32_t exec : targets) {
            const auto is_of = [=](const Saying& s) { return s.allow && s.exec == exec; };
            add(
                {.audit = true, .exec = exec},
                [&](std::size_t i) { return is_of(sayings[i]) && sayings[i].audit; },
                [&](const Saying& s) { return s.audit && (is_of(s) || s.deny); });
            // What is open stays under the policy.
            if (exec || !(options_.open & operation))
                add(
                    {.exec = exec},
                    [&](std::size_t i) { return is_of(sayings[i]) && !sayings[i].audit; },
                    [&](const Saying& s) { return is_of(s) || s.deny; });
        }

        // A deny rule that gives an errno may say the rest as well.
        std::vector<bool> is_audited(sayings.size()), is_quiet(sayings.size());
        std::map<std::uint32_t, std::uint32_t> errors;  // by order
        for (const Saying& s : sayings)
            if (s.error && s.deny) errors.emplace(s.error->order, s.error->error);
        for (const auto& [order, error] : errors) {
            const auto is_of = [&](const Saying& s) {
                return s.deny && s.error && s.error->order == order;
            };
            bool audits = !options_.has_bare_errors, quiets = audits;
            for (const Saying& s : sayings) {
                audits = audits && (!is_of(s) || s.audit);
                quiets = quiets && (!is_of(s) || s.quiet);
            }
            quiets = quiets && !audits;
            for (std::size_t i = 0; i < sayings.size(); i++) {
                if (!is_of(sayings[i])) continue;
                is_audited[i] = is_audited[i] || audits;
                is_quiet[i] = is_quiet[i] || quiets;
            }
            add(
                {true, audits, quiets, error, order},
                [&](std::size_t i) { return is_of(sayings[i]); },
                [&](const Saying& s) {
                    return s.deny && s.error && s.error->order < order && (!audits || s.audit) &&
                           (!quiets || s.quiet);
                });
        }
        add(
            {.denies = true, .audit = true},
            [&](std::size_t i) { return sayings[i].deny && sayings[i].audit && !is_audited[i]; },
            [](const Saying& s) { return s.deny && s.audit; });
        add(
            {.denies = true, .quiet = true},
            [&](std::size_t i) { return sayings[i].deny && sayings[i].quiet && !is_quiet[i]; },
            [](const Saying& s) { return s.deny && s.quiet; });
        add(
            {.denies = true},
            [&](std::size_t i) {
                const Saying& s = sayings[i];
                return s.deny && !s.error && !s.audit && !s.quiet;
            },
            [](const Saying& s) { return s.deny; });
    }

    const isolates_view& view_;
    std::span<const isolates_perms> perms_;
    const LabelSpace labels_;
    const std::vector<bool>& used_;
    const AtomOptions& options_;
    std::map<std::pair<RuleKind, Values>, automata::MaskPair> groups_;
};

}  // namespace

std::vector<Group> groups_of(const isolates_view& view, std::span<const isolates_perms> perms,
                             const std::vector<bool>& used, const AtomOptions& options) {
    return Grouper(view, perms, used, options).run();
}

}  // namespace isolates::show
