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

MaskPair without(const MaskPair& a, const MaskPair& b) {
    return {a[0] & ~b[0], a[1] & ~b[1]};
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
    return hash;
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

LabelId Labels::of_rule(const model::Effect& effect, MaskPair operations) {
    Label label;
    const bool denies = effect.action == model::Action::deny;
    if (is_empty(operations)) return kNoLabel;
    (denies ? label.deny : label.allow) = operations;
    if (effect.audit) label.audit = operations;
    if (effect.quiet) label.quiet = operations;
    if (keep_rules_ && (denies || effect.audit))
        label.rules.push_back({effect.rule, label.deny, label.audit});
    if (denies && effect.error) label.errors.push_back({effect.rule, effect.error, operations});
    return intern(std::move(label));
}

LabelId Labels::unite(LabelId a, LabelId b) {
    if (a == b || b == kNoLabel) return a;
    if (a == kNoLabel) return b;
    if (a > b) std::swap(a, b);
    const std::uint64_t key = std::uint64_t{a} << 32 | b;
    if (const auto known = united_.find(key); known != united_.end()) return known->second;

    const Label& x = labels_[a];
    const Label& y = labels_[b];
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
    const LabelId id = intern(std::move(label));
    united_.emplace(key, id);
    return id;
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
