// SPDX-License-Identifier: GPL-2.0-only
#include "automata/label/label.hpp"

#include <algorithm>

namespace isolates::automata {

namespace {

bool is_empty(const MaskPair& masks) {
    return !(masks[0] | masks[1]);
}

MaskPair either(const MaskPair& a, const MaskPair& b) {
    return {a[0] | b[0], a[1] | b[1]};
}

MaskPair both(const MaskPair& a, const MaskPair& b) {
    return {a[0] & b[0], a[1] & b[1]};
}

MaskPair without(const MaskPair& a, const MaskPair& b) {
    return {a[0] & ~b[0], a[1] & ~b[1]};
}

// Call @visit(priority, operations) for each priority that has a say in @label.
template <typename Visitor>
void for_priorities(const Label& label, Visitor visit) {
    MaskPair rest = either(label.allow, label.deny);
    for (const PriorityMark& mark : label.priorities) {
        rest = without(rest, mark.operations);
        visit(mark.priority, mark.operations);
    }
    if (!is_empty(rest)) visit(0, rest);
}

// The operations of @label that @other speaks of with a higher priority.
MaskPair lost_to(const Label& label, const Label& other) {
    MaskPair lost{};
    for_priorities(label, [&](std::int32_t low, const MaskPair& operations) {
        for_priorities(other, [&](std::int32_t high, const MaskPair& beating) {
            if (high > low) lost = either(lost, both(operations, beating));
        });
    });
    return lost;
}

// @label as if it had never spoken of @lost.
Label without(const Label& label, const MaskPair& lost) {
    Label rest = label;
    for (MaskPair* masks : {&rest.allow, &rest.deny, &rest.audit, &rest.quiet})
        *masks = without(*masks, lost);
    for (RuleMark& mark : rest.rules) {
        mark.deny = without(mark.deny, lost);
        mark.audit = without(mark.audit, lost);
    }
    for (ErrorMark& mark : rest.errors) mark.operations = without(mark.operations, lost);
    for (PriorityMark& mark : rest.priorities) mark.operations = without(mark.operations, lost);
    std::erase_if(rest.rules,
                  [](const RuleMark& mark) { return is_empty(mark.deny) && is_empty(mark.audit); });
    std::erase_if(rest.errors, [](const ErrorMark& mark) { return is_empty(mark.operations); });
    std::erase_if(rest.priorities,
                  [](const PriorityMark& mark) { return is_empty(mark.operations); });
    for (std::size_t whose = 0; whose < lost.size(); whose++)
        if (lost[whose] & ISOLATES_FILE_EXEC) rest.exec[whose] = {};
    return rest;
}

std::vector<PriorityMark> merge(const std::vector<PriorityMark>& a,
                                const std::vector<PriorityMark>& b) {
    std::vector<PriorityMark> merged;
    for (std::size_t i = 0, k = 0; i < a.size() || k < b.size();) {
        const bool from_a = k == b.size() || (i < a.size() && a[i].priority <= b[k].priority);
        const PriorityMark& mark = from_a ? a[i++] : b[k++];
        if (!merged.empty() && merged.back().priority == mark.priority)
            merged.back().operations = either(merged.back().operations, mark.operations);
        else
            merged.push_back(mark);
    }
    return merged;
}

Exec merge(const Exec& a, const Exec& b) {
    if (!a.count) return b;
    if (!b.count) return a;
    if (a.is_exact != b.is_exact) return a.is_exact ? a : b;
    Exec merged{a.is_exact, 0, {}};
    for (std::size_t i = 0, k = 0; merged.count < 2 && (i < a.count || k < b.count);) {
        const bool from_a = k == b.count || (i < a.count && a.transitions[i] <= b.transitions[k]);
        const std::uint32_t next = from_a ? a.transitions[i++] : b.transitions[k++];
        if (!merged.count || merged.transitions[merged.count - 1] != next)
            merged.transitions[merged.count++] = next;
    }
    return merged;
}

// Merge two ascending lists of marks. For each operation the first rule counts:
// @claim(mark, claimed) takes from a mark what rules before it have claimed, and
// tells whether anything is left.
template <typename Mark, typename Claim>
std::vector<Mark> merge(const std::vector<Mark>& a, const std::vector<Mark>& b, Claim claim) {
    std::vector<Mark> both(a.size() + b.size());
    std::ranges::merge(a, b, both.begin(), {}, &Mark::rule, &Mark::rule);
    std::vector<Mark> kept;
    for (const Mark& mark : both) {
        Mark rest = mark;
        if (!claim(rest)) continue;
        // One rule may be on both sides, about other operations on each.
        if (!kept.empty() && kept.back().rule == rest.rule)
            kept.back().join(rest);
        else
            kept.push_back(rest);
    }
    return kept;
}

std::uint64_t hash_masks(std::uint64_t hash, const MaskPair& masks) {
    return hash_mix(hash, masks[0] | std::uint64_t{masks[1]} << 32);
}

std::uint64_t hash_of(const Label& label) {
    std::uint64_t hash = 0;
    for (const MaskPair& masks : {label.allow, label.deny, label.audit, label.quiet})
        hash = hash_masks(hash, masks);
    for (const RuleMark& mark : label.rules)
        hash = hash_masks(hash_masks(hash_mix(hash, mark.rule), mark.deny), mark.audit);
    for (const ErrorMark& mark : label.errors)
        hash = hash_masks(hash_mix(hash, mark.rule), mark.operations);
    for (const PriorityMark& mark : label.priorities)
        hash =
            hash_masks(hash_mix(hash, static_cast<std::uint32_t>(mark.priority)), mark.operations);
    for (const Exec& exec : label.exec)
        if (exec.count)
            hash = hash_masks(hash_mix(hash, exec.count * 2 + exec.is_exact), exec.transitions);
    return hash;
}

// What two labels say together that are of one priority, whatever both speak of.
Label join(const Label& x, const Label& y) {
    Label label;
    label.deny = either(x.deny, y.deny);
    label.allow = without(either(x.allow, y.allow), label.deny);
    label.audit = either(x.audit, y.audit);
    label.quiet = either(x.quiet, y.quiet);
    label.rules = merge(x.rules, y.rules,
                        [denied = MaskPair{}, audited = MaskPair{}](RuleMark& mark) mutable {
                            mark.deny = without(mark.deny, denied);
                            mark.audit = without(mark.audit, audited);
                            denied = either(denied, mark.deny);
                            audited = either(audited, mark.audit);
                            return !is_empty(mark.deny) || !is_empty(mark.audit);
                        });
    label.errors = merge(x.errors, y.errors, [claimed = MaskPair{}](ErrorMark& mark) mutable {
        mark.operations = without(mark.operations, claimed);
        claimed = either(claimed, mark.operations);
        return !is_empty(mark.operations);
    });
    label.priorities = merge(x.priorities, y.priorities);
    for (std::size_t whose = 0; whose < label.exec.size(); whose++)
        if (label.allow[whose] & ISOLATES_FILE_EXEC)
            label.exec[whose] = merge(x.exec[whose], y.exec[whose]);
    return label;
}

}  // namespace

void RuleMark::join(const RuleMark& other) {
    deny = either(deny, other.deny);
    audit = either(audit, other.audit);
}

void ErrorMark::join(const ErrorMark& other) {
    operations = either(operations, other.operations);
}

Labels::Labels(bool keep_rules) : keep_rules_(keep_rules) {
    intern({});
}

LabelId Labels::of_rule(const model::Effect& effect, MaskPair operations,
                        const std::optional<Exec>& exec) {
    Label label;
    const bool denies = effect.action == model::Action::deny;
    if (is_empty(operations)) return kNoLabel;
    (denies ? label.deny : label.allow) = operations;
    if (effect.audit) label.audit = operations;
    if (effect.quiet) label.quiet = operations;
    if (keep_rules_ && (denies || effect.audit))
        label.rules.push_back({effect.rule, label.deny, label.audit});
    if (denies && effect.error) label.errors.push_back({effect.rule, effect.error, operations});
    if (effect.priority) label.priorities.push_back({effect.priority, operations});
    for (std::size_t whose = 0; exec && whose < operations.size(); whose++)
        if (label.allow[whose] & ISOLATES_FILE_EXEC) label.exec[whose] = *exec;
    return intern(std::move(label));
}

LabelId Labels::find_union(LabelId a, LabelId b) {
    const std::uint32_t known = union_index_.find_or_make(
        hash_mix(a, std::uint64_t{b} << 32),
        [&](std::uint32_t number) { return unions_[number].a == a && unions_[number].b == b; },
        [&] {
            unions_.push_back({a, b, make_union(a, b)});
            return static_cast<std::uint32_t>(unions_.size() - 1);
        });
    return unions_[known].both;
}

LabelId Labels::make_union(LabelId a, LabelId b) {
    const bool is_flat = labels_[a].priorities.empty() && labels_[b].priorities.empty();
    return intern(is_flat ? join(labels_[a], labels_[b])
                          : join(without(labels_[a], lost_to(labels_[a], labels_[b])),
                                 without(labels_[b], lost_to(labels_[b], labels_[a]))));
}

LabelId Labels::settled(LabelId label) {
    if (labels_[label].priorities.empty() && !labels_[label].exec[0].is_exact &&
        !labels_[label].exec[1].is_exact)
        return label;
    Label rest = labels_[label];
    rest.priorities.clear();
    for (Exec& exec : rest.exec) exec.is_exact = false;
    return intern(std::move(rest));
}

LabelId Labels::intern(Label label) {
    return index_.find_or_make(
        hash_of(label), [&](std::uint32_t id) { return labels_[id] == label; },
        [&] {
            labels_.push_back(std::move(label));
            return static_cast<std::uint32_t>(labels_.size() - 1);
        });
}

}  // namespace isolates::automata
