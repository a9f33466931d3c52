// SPDX-License-Identifier: GPL-2.0-only
// Rules about other tasks, by the name of their policy.
#include "automata/pattern/patterns.hpp"

namespace isolates::automata {

PatternResult spell(const model::SignalRule& rule, Labels& labels, Patterns& patterns) {
    // The facts have no owner: a decision asks as "other", yet both are said.
    const LabelId label = labels.of_rule(rule.effect, masks_of(rule));
    ByteSet signals;
    for (unsigned number = 0; number < rule.signals.size(); number++)
        if (rule.signals[number]) signals.add(static_cast<std::uint8_t>(number));
    if (signals.empty()) return {};

    const auto peer = glob_sequence(rule.peer, rule.effect.rule, patterns.vocabulary);
    if (!peer) return std::unexpected(peer.error());
    Sequence sequence = {patterns.vocabulary.set(signals)};
    patterns.vocabulary.append(sequence, *peer);
    patterns.add(sequence, label, rule.effect.rule);
    return {};
}

PatternResult spell(const model::PeerRule& rule, Labels& labels, Patterns& patterns) {
    const auto peer = glob_sequence(rule.peer, rule.effect.rule, patterns.vocabulary);
    if (!peer) return std::unexpected(peer.error());
    patterns.add(*peer, labels.of_rule(rule.effect, masks_of(rule)), rule.effect.rule);
    return {};
}

}  // namespace isolates::automata
