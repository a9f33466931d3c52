// SPDX-License-Identifier: GPL-2.0-only
// What an accepting state says: the permissions of all rules that meet in it,
// folded into one value.
//
// Labels are a join semilattice: uniting is associative, commutative and
// idempotent. So the order in which rules meet does not matter, and a rule that
// adds nothing to a label can be dropped. Three things keep the lattice small,
// and with it the automata, whose size grows with the number of labels:
// - allow rules leave nothing but their permissions behind;
// - what is denied is not also allowed;
// - of the rules that deny (or audit) one operation only the first is kept, as
//   no other is ever told.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "automata/hash.hpp"
#include "sema/model.hpp"

namespace isolates::automata {

// A permission mask for each of ISOLATES_OTHER and ISOLATES_OWNER.
using MaskPair = std::array<std::uint32_t, 2>;

// The operations for which a rule is the first that denies or audits them.
struct RuleMark {
    std::uint32_t rule = 0;  // index into model::Policy::rules
    MaskPair deny{};
    MaskPair audit{};

    void join(const RuleMark& other);
    auto operator<=>(const RuleMark&) const = default;
};

// The operations for which a rule is the first that gives an errno.
struct ErrorMark {
    std::uint32_t rule = 0;
    std::uint32_t error = 0;
    MaskPair operations{};

    void join(const ErrorMark& other);
    auto operator<=>(const ErrorMark&) const = default;
};

struct Label {
    MaskPair allow{};
    MaskPair deny{};
    MaskPair audit{};
    MaskPair quiet{};
    std::vector<RuleMark> rules;    // ascending
    std::vector<ErrorMark> errors;  // ascending

    auto operator<=>(const Label&) const = default;
};

using LabelId = std::uint32_t;

// No permission at all: the label of a state that accepts nothing.
inline constexpr LabelId kNoLabel = 0;

// All labels of one policy, each once.
class Labels {
  public:
    // @keep_rules: remember which rules deny and audit.
    explicit Labels(bool keep_rules);

    // The label of one rule about @operations.
    [[nodiscard]] LabelId of_rule(const model::Effect& effect, MaskPair operations);

    // The join of two labels.
    [[nodiscard]] LabelId unite(LabelId a, LabelId b);

    // Whether @label says nothing that @other does not say.
    [[nodiscard]] bool is_part_of(LabelId label, LabelId other) {
        return unite(label, other) == other;
    }

    [[nodiscard]] const Label& operator[](LabelId id) const { return labels_[id]; }

  private:
    LabelId intern(Label label);

    bool keep_rules_;
    std::vector<Label> labels_;
    HashIndex index_;
    std::unordered_map<std::uint64_t, LabelId> united_;
};

}  // namespace isolates::automata
