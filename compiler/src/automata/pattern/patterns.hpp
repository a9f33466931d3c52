// SPDX-License-Identifier: GPL-2.0-only
// The rules of one class of a policy, spelt as patterns over the bytes of the
// facts (lsm/core/facts.h), each with the label it gives to what it matches.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <vector>

#include "automata/label/label.hpp"
#include "automata/pattern/vocabulary.hpp"
#include "sema/model.hpp"

namespace isolates::automata {

struct Pattern {
    std::uint32_t first = 0;  // of its items
    std::uint32_t count = 0;
    LabelId label = kNoLabel;
    std::uint32_t rule = 0;  // index into model::Policy::rules
    // What it says depends on what others say: all such share one automaton, as the
    // kernel only unites what several of them say.
    bool is_bound = false;
};

struct Patterns {
    Vocabulary vocabulary;
    std::vector<Item> items;
    std::vector<Pattern> patterns;

    [[nodiscard]] std::span<const Item> items_of(const Pattern& pattern) const {
        return {items.data() + pattern.first, pattern.count};
    }
    void add(const Sequence& sequence, LabelId label, std::uint32_t rule);

    // Whether the policy's exec rules lead anywhere, and so can contradict each other.
    bool has_transitions = false;
};

// A rule's operations, by whose object it is; no object but a file has an owner, and so both.
template <typename Rule>
[[nodiscard]] MaskPair masks_of(const Rule& rule) {
    return {rule.operations, rule.operations};
}
[[nodiscard]] MaskPair masks_of(const model::FileRule& rule);
[[nodiscard]] MaskPair masks_of(const model::LinkRule& rule);

// How many bytes a glob's matches have in common before its first wildcard.
[[nodiscard]] std::uint32_t literal_prefix(const std::string& glob);

// A rule that cannot be spelt.
struct PatternError {
    std::string message;
    std::uint32_t rule = 0;  // index into model::Policy::rules
};

using PatternResult = std::expected<void, PatternError>;

// Spell one rule, or all rules of a policy's class, into @patterns.
[[nodiscard]] PatternResult spell(const model::FileRule& rule, Labels& labels, Patterns& patterns);
[[nodiscard]] PatternResult spell(const model::LinkRule& rule, Labels& labels, Patterns& patterns);
[[nodiscard]] PatternResult spell(const model::SignalRule& rule, Labels& labels,
                                  Patterns& patterns);
[[nodiscard]] PatternResult spell(const model::NetworkRule& rule, Labels& labels,
                                  Patterns& patterns);
[[nodiscard]] PatternResult spell(const model::CapabilityRule& rule, Labels& labels,
                                  Patterns& patterns);
[[nodiscard]] PatternResult spell(const model::PeerRule& rule, Labels& labels, Patterns& patterns);
[[nodiscard]] PatternResult spell(const model::NamespaceRule& rule, Labels& labels,
                                  Patterns& patterns);

[[nodiscard]] PatternResult spell(const model::MountRule& rule, Labels& labels, Patterns& patterns);
[[nodiscard]] PatternResult spell(const model::UnixRule& rule, Labels& labels, Patterns& patterns);
[[nodiscard]] PatternResult spell(const model::ChangeRule& rule, Labels& labels,
                                  Patterns& patterns);

// A glob that is part of a rule, as a sequence.
[[nodiscard]] std::expected<Sequence, PatternError> glob_sequence(const std::string& glob,
                                                                  std::uint32_t rule,
                                                                  Vocabulary& vocabulary);

[[nodiscard]] std::expected<Patterns, PatternError> spell_class(const model::Policy& policy,
                                                                isolates_class class_id,
                                                                Labels& labels);

}  // namespace isolates::automata
