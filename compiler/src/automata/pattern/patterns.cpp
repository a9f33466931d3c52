// SPDX-License-Identifier: GPL-2.0-only
#include "automata/pattern/patterns.hpp"

#include <fmt/format.h>

#include "automata/pattern/glob.hpp"

namespace isolates::automata {

namespace {

template <typename Rules>
PatternResult spell_all(const Rules& rules, Labels& labels, Patterns& patterns) {
    for (const auto& rule : rules)
        if (auto result = spell(rule, labels, patterns); !result) return result;
    return {};
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
    MaskPair masks{};
    if (rule.whose != model::Whose::owner) masks[ISOLATES_OTHER] = rule.operations;
    if (rule.whose != model::Whose::other) masks[ISOLATES_OWNER] = rule.operations;
    return masks;
}

void Patterns::add(const Sequence& sequence, LabelId label, std::uint32_t rule) {
    patterns.push_back({static_cast<std::uint32_t>(items.size()),
                        static_cast<std::uint32_t>(sequence.size()), label, rule});
    items.insert(items.end(), sequence.begin(), sequence.end());
}

PatternResult spell(const model::FileRule& rule, Labels& labels, Patterns& patterns) {
    const LabelId label = labels.of_rule(rule.effect, masks_of(rule));
    const auto sequence =
        glob_sequence(filter_slashes(rule.glob), rule.effect.rule, patterns.vocabulary);
    if (!sequence) return std::unexpected(sequence.error());
    patterns.add(*sequence, label, rule.effect.rule);
    return {};
}

std::expected<Patterns, PatternError> spell_class(const model::Policy& policy,
                                                  isolates_class class_id, Labels& labels) {
    Patterns patterns;
    PatternResult result;
    model::for_each_class(policy, [&](isolates_class id, const auto& rules) {
        if (id == class_id) result = spell_all(rules, labels, patterns);
    });
    if (!result) return std::unexpected(std::move(result.error()));
    return patterns;
}

}  // namespace isolates::automata
