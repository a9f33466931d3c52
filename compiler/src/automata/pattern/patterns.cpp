// SPDX-License-Identifier: GPL-2.0-only
#include "automata/pattern/patterns.hpp"

#include <fmt/format.h>

#include "automata/pattern/glob.hpp"

namespace isolates::automata {

namespace {

PatternError glob_error(const GlobError& error, std::string_view glob, std::uint32_t rule) {
    return {fmt::format("bad glob \"{}\", at byte {}: {}", glob, error.position + 1, error.message),
            rule};
}

template <typename Rules>
PatternResult spell_all(const Rules& rules, Labels& labels, Patterns& patterns) {
    for (const auto& rule : rules)
        if (auto result = spell(rule, labels, patterns); !result) return result;
    return {};
}

}  // namespace

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
    const std::string glob = filter_slashes(rule.glob);
    const auto sequence = parse_glob(glob, patterns.vocabulary);
    if (!sequence) return std::unexpected(glob_error(sequence.error(), glob, rule.effect.rule));
    patterns.add(*sequence, label, rule.effect.rule);
    return {};
}

PatternResult spell(const model::SignalRule& rule, Labels& labels, Patterns& patterns) {
    // The facts have no owner: a decision asks as "other", yet both are said.
    const LabelId label = labels.of_rule(rule.effect, {rule.operations, rule.operations});
    ByteSet signals;
    for (unsigned number = 0; number < rule.signals.size(); number++)
        if (rule.signals[number]) signals.add(static_cast<std::uint8_t>(number));
    if (signals.empty()) return {};

    const auto peer = parse_glob(rule.peer, patterns.vocabulary);
    if (!peer) return std::unexpected(glob_error(peer.error(), rule.peer, rule.effect.rule));
    Sequence sequence = {patterns.vocabulary.set(signals)};
    patterns.vocabulary.append(sequence, *peer);
    patterns.add(sequence, label, rule.effect.rule);
    return {};
}

std::expected<Patterns, PatternError> spell_class(const model::Policy& policy,
                                                  isolates_class class_id, Labels& labels) {
    Patterns patterns;
    PatternResult result;
    switch (class_id) {
        case ISOLATES_CLASS_FILE:
            result = spell_all(policy.files, labels, patterns);
            break;
        case ISOLATES_CLASS_SIGNAL:
            result = spell_all(policy.signals, labels, patterns);
            break;
        case ISOLATES_CLASS_NETWORK:
            result = spell_all(policy.networks, labels, patterns);
            break;
        default:
            break;  // decided by isolates_class_rules::open alone
    }
    if (!result) return std::unexpected(std::move(result.error()));
    return patterns;
}

}  // namespace isolates::automata
