// SPDX-License-Identifier: GPL-2.0-only
// What the rules behind an automaton's labels can have been.
//
// An atom is one operation in one kind of rule. Of an atom each label tells whether a
// rule must be there, may be there, or must not: an allow rule may also match what is
// denied, as nobody would notice, and so may a deny rule what an earlier one denies.
// Atoms of which all labels tell the same are one group: they stand in one rule.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <span>
#include <vector>

#include "automata/label/label.hpp"
#include "core.hpp"

namespace isolates::show {

// A rule's qualifiers. Deny rules that give an errno are told apart by their order,
// since of several the first one counts.
struct RuleKind {
    bool denies = false;
    bool audit = false;
    bool quiet = false;
    std::uint32_t error = 0;  // 0: none is given
    std::uint32_t order = 0;  // 0 without an errno
    // Of an allow rule on exec: where it leads, as isolates_perms::exec.
    std::uint32_t exec = 0;

    auto operator<=>(const RuleKind&) const = default;
};

struct Group {
    RuleKind kind;
    automata::MaskPair operations{};
    bool is_needed = false;  // some label says that a rule must be there
    // By the label's number (labels_of()): kMustNot, kMay or kMust (language.hpp).
    std::vector<automata::LabelId> values;
};

struct AtomOptions {
    std::uint32_t operations = 0;  // of the class
    bool has_owner = false;        // else all is said of ISOLATES_OTHER, and holds for both
    std::uint32_t open = 0;        // what need not be allowed
    bool has_transitions = false;  // of execs
    // A rule that gives an errno audits nothing, and quiets nothing: what it does otherwise
    // may be told of more than the facts of this class.
    bool has_bare_errors = false;
    bool keeps_all = false;  // kinds too that no atom needs
};

// Labels are the numbers of the policy's permissions, then one for what is no fact. For
// execs that lead elsewhere those of the permissions follow twice more. First of paths that
// a rule without a wildcard can name: it beats all others, which so may match there,
// wherever they lead. Then of what is told apart: of directories, which are no programs, so
// that it does not matter where their exec leads.
struct LabelSpace {
    std::size_t perms = 0;

    [[nodiscard]] automata::LabelId outside() const {
        return static_cast<automata::LabelId>(perms);
    }
    [[nodiscard]] automata::LabelId of_exact(automata::LabelId label) const {
        return static_cast<automata::LabelId>(perms + 1 + label);
    }
    [[nodiscard]] automata::LabelId of_apart(automata::LabelId label) const {
        return static_cast<automata::LabelId>(2 * perms + 1 + label);
    }
    [[nodiscard]] std::size_t size() const { return 3 * perms + 1; }
};

// The groups of @perms, in the order of their kinds, which are those of one policy, as far as one
// of @used (by label) says that they occur in the class. Of a kind that is needed for some atom
// there are the atoms too that do not need it.
[[nodiscard]] std::vector<Group> groups_of(const isolates_view& view,
                                           std::span<const isolates_perms> perms,
                                           const std::vector<bool>& used,
                                           const AtomOptions& options);

}  // namespace isolates::show
