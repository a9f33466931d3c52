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
//
// Priorities: for each operation a label keeps what the rules of the highest
// priority say that speak of it, and nothing of all others, their audits and
// errnos included. For one operation that is the lexicographic product of a chain
// and a semilattice, which is a semilattice again.
//
// Transitions: where an exec is allowed, a label keeps where it leads. A rule
// without a wildcard beats one that has any; two rules that are equal in this and
// lead to different policies contradict each other. A label keeps the two lowest
// of the transitions met, which tell that they do, and is still a semilattice.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
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

// The operations that rules of one priority decide, if it is not 0.
struct PriorityMark {
    std::int32_t priority = 0;
    MaskPair operations{};

    auto operator<=>(const PriorityMark&) const = default;
};

// Where an exec leads: the lowest of the transitions that rules give, two at most.
// More than one is a contradiction.
struct Exec {
    bool is_exact = false;  // by rules without a wildcard
    std::uint32_t count = 0;
    std::array<std::uint32_t, 2> transitions{};  // ascending; see model::FileRule

    auto operator<=>(const Exec&) const = default;
};

struct Label {
    MaskPair allow{};
    MaskPair deny{};
    MaskPair audit{};
    MaskPair quiet{};
    std::vector<RuleMark> rules;           // ascending
    std::vector<ErrorMark> errors;         // ascending
    std::vector<PriorityMark> priorities;  // ascending, none empty
    std::array<Exec, 2> exec{};            // where ISOLATES_FILE_EXEC is allowed

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

    // The label of one rule about @operations; @exec is where it leads, if it is a
    // file rule of a policy that has transitions.
    [[nodiscard]] LabelId of_rule(const model::Effect& effect, MaskPair operations,
                                  const std::optional<Exec>& exec = std::nullopt);

    // The join of two labels.
    [[nodiscard]] LabelId unite(LabelId a, LabelId b) {
        if (a == b || b == kNoLabel) return a;
        if (a == kNoLabel) return b;
        return a < b ? find_union(a, b) : find_union(b, a);
    }

    // Whether @label says nothing that @other does not say.
    [[nodiscard]] bool is_part_of(LabelId label, LabelId other) {
        return unite(label, other) == other;
    }

    // @label without what is of use only to unite it: which rules have won it.
    [[nodiscard]] LabelId settled(LabelId label);

    [[nodiscard]] const Label& operator[](LabelId id) const { return labels_[id]; }

  private:
    struct Union {
        LabelId a, b, both;
    };

    LabelId intern(Label label);
    LabelId find_union(LabelId a, LabelId b);
    LabelId make_union(LabelId a, LabelId b);

    bool keep_rules_;
    std::vector<Label> labels_;
    HashIndex index_;
    std::vector<Union> unions_;  // all that were asked for
    HashIndex union_index_;
};

}  // namespace isolates::automata
