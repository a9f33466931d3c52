// SPDX-License-Identifier: GPL-2.0-only
#include "automata/pattern/patterns.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "automata/pattern/glob.hpp"

namespace isolates::automata {

namespace {

// An attachment is no rule.
constexpr std::uint32_t kNoRule = ISOLATES_RULE_NONE;

MaskPair masks_of(std::uint32_t operations, model::Whose whose) {
    MaskPair masks{};
    if (whose != model::Whose::owner) masks[ISOLATES_OTHER] = operations;
    if (whose != model::Whose::other) masks[ISOLATES_OWNER] = operations;
    return masks;
}

template <typename Rules>
PatternResult spell_all(const Rules& rules, Labels& labels, Patterns& patterns) {
    for (const auto& rule : rules)
        if (auto result = spell(rule, labels, patterns); !result) return result;
    // Once one rule can beat another, each may.
    const bool has_priorities =
        std::ranges::any_of(rules, [](const auto& rule) { return rule.effect.priority != 0; });
    if (has_priorities)
        for (Pattern& pattern : patterns.patterns) pattern.is_bound = true;
    return {};
}

// Has no wildcard: alternatives without any are none, as in AppArmor. Recurses as deep
// as groups nest, which is at most kGlobDepthMax.
bool is_exact(const Sequence& sequence, const Vocabulary& vocabulary) {
    return std::ranges::all_of(sequence, [&](const Item& item) {
        if (item.kind() == ItemKind::group)
            return std::ranges::all_of(vocabulary.alternatives(item), [&](const Sequence& one) {
                return is_exact(one, vocabulary);
            });
        return item.kind() == ItemKind::byte;
    });
}

// What a file rule makes of an exec.
Exec exec_of(const model::FileRule& rule, const Sequence& sequence, const Vocabulary& vocabulary) {
    return {is_exact(sequence, vocabulary), 1, {rule.transition, 0}};
}

}  // namespace

std::expected<Sequence, PatternError> glob_sequence(const std::string& glob, std::uint32_t rule,
                                                    Vocabulary& vocabulary) {
    auto sequence = parse_glob(glob, vocabulary);
    if (sequence) return std::move(*sequence);
    const GlobError& error = sequence.error();
    return std::unexpected(PatternError{
        fmt::format("bad glob \"{}\", at byte {}: {}", glob, error.position + 1, error.message),
        rule});
}

MaskPair masks_of(const model::FileRule& rule) {
    return masks_of(rule.operations, rule.whose);
}

MaskPair masks_of(const model::LinkRule& rule) {
    return masks_of(rule.operations, rule.whose);
}

std::uint32_t literal_prefix(const std::string& glob) {
    Vocabulary vocabulary;
    const auto sequence = parse_glob(filter_slashes(glob), vocabulary);
    if (!sequence) return 0;
    const auto wildcard = std::ranges::find_if(
        *sequence, [](const Item& item) { return item.kind() != ItemKind::byte; });
    return static_cast<std::uint32_t>(wildcard - sequence->begin());
}

void Patterns::add(const Sequence& sequence, LabelId label, std::uint32_t rule) {
    patterns.push_back({static_cast<std::uint32_t>(items.size()),
                        static_cast<std::uint32_t>(sequence.size()), label, rule, false});
    items.insert(items.end(), sequence.begin(), sequence.end());
}

namespace {

std::expected<Sequence, PatternError> path_sequence(const std::string& glob, std::uint32_t rule,
                                                    Vocabulary& vocabulary) {
    if (!has_repeated_slash(glob)) return glob_sequence(glob, rule, vocabulary);
    return glob_sequence(filter_slashes(glob), rule, vocabulary);
}

}  // namespace

PatternResult spell(const model::FileRule& rule, Labels& labels, Patterns& patterns) {
    const auto sequence = path_sequence(rule.glob, rule.effect.rule, patterns.vocabulary);
    if (!sequence) return std::unexpected(sequence.error());
    const bool is_bound = patterns.has_transitions && rule.operations & ISOLATES_FILE_EXEC;
    const LabelId label = labels.of_rule(
        rule.effect, masks_of(rule),
        is_bound ? std::optional(exec_of(rule, *sequence, patterns.vocabulary)) : std::nullopt);
    patterns.add(*sequence, label, rule.effect.rule);
    patterns.patterns.back().is_bound = is_bound;
    return {};
}

PatternResult spell(const model::LinkRule& rule, Labels& labels, Patterns& patterns) {
    // No path has a byte 0: the one between the two is met nowhere else, whatever a
    // wildcard says of it.
    Sequence sequence;
    for (const auto* const glob : {&rule.name, &rule.file}) {
        const auto path = path_sequence(*glob, rule.effect.rule, patterns.vocabulary);
        if (!path) return std::unexpected(path.error());
        if (!sequence.empty()) patterns.vocabulary.append(sequence, Vocabulary::byte(0));
        patterns.vocabulary.append(sequence, *path);
    }
    patterns.add(sequence, labels.of_rule(rule.effect, masks_of(rule)), rule.effect.rule);
    return {};
}

namespace {

PatternResult spell_attachments(const model::Policy& policy, Labels& labels, Patterns& patterns) {
    const LabelId label = labels.of_rule({}, {ISOLATES_ATTACH_ATTACH, ISOLATES_ATTACH_ATTACH});
    for (const std::string& attachment : policy.attachments) {
        const auto sequence = path_sequence(attachment, kNoRule, patterns.vocabulary);
        if (!sequence) return std::unexpected(sequence.error());
        patterns.add(*sequence, label, kNoRule);
    }
    return {};
}

}  // namespace

std::expected<Patterns, PatternError> spell_class(const model::Policy& policy,
                                                  isolates_class class_id, Labels& labels) {
    Patterns patterns;
    PatternResult result;
    patterns.has_transitions = class_id == ISOLATES_CLASS_FILE && !policy.transitions.empty();
    model::for_each_class(policy, [&](isolates_class id, const auto& rules) {
        if (id == class_id) result = spell_all(rules, labels, patterns);
    });
    if (class_id == ISOLATES_CLASS_ATTACH) result = spell_attachments(policy, labels, patterns);
    if (!result) return std::unexpected(std::move(result.error()));
    return patterns;
}

}  // namespace isolates::automata
