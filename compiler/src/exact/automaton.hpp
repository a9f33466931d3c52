// SPDX-License-Identifier: GPL-2.0-only
// One automaton of a verified blob, as something to be explored. Steps are taken by
// the kernel's own walk; what is added here is which bytes need no telling apart,
// and what can still be decided behind a state.
#pragma once

#include <cstdint>
#include <vector>

#include "automata/dfa/dfa.hpp"
#include "core.hpp"

namespace isolates::exact {

// A set of decisions: operations of a class, of objects of others and of one's own.
// Bit 32 * whose + operation's bit, "whose" being ISOLATES_OTHER or ISOLATES_OWNER.
using Decisions = std::uint64_t;

[[nodiscard]] inline Decisions decisions_of(const std::uint32_t (&masks)[2]) {
    return masks[ISOLATES_OTHER] | Decisions{masks[ISOLATES_OWNER]} << 32;
}

// Where a walk is: the state, and how much of a run of bytes is behind it.
using Place = std::uint64_t;

// How an automaton's words are to be taken.
struct Reading {
    enum Kind {
        plain,
        // It is one of files, and an exec counts as allowed only if it leads to "transition",
        // counted from 1 as in isolates_perms; 0: it stays under the policy.
        exec_to,
        // It is one of files, and asked about hard links as pairs: of a policy that has no
        // rules about pairs the new name, which is before the byte 0, says all.
        file_as_link,
    };
    Kind kind = plain;
    std::uint32_t transition = 0;
};

class Automaton {
  public:
    // Its labels: what the automaton says if the input ends in a state.
    struct Label {
        Decisions allow = 0;
        Decisions deny = 0;
    };

    // What the inputs that pass a state can end in. All are united over its own
    // label and those of all states it leads to.
    struct Reach {
        Decisions allow = 0;
        Decisions deny = 0;
        Decisions no_allow = 0;  // some input is not allowed by this automaton
        Decisions no_deny = 0;
    };

    // @index: into the view's automata. @perms: what its policy's states refer to.
    Automaton(const isolates_view& view, std::uint32_t index, const isolates_perms* perms,
              Reading reading);

    [[nodiscard]] Place start() const { return Place{begin_.state} << 8; }
    [[nodiscard]] Place next(Place place, std::uint8_t byte) const;

    // The bytes that do not lead where most do, ascending, each with a number that
    // tells apart where they lead to.
    void list_told(Place place, std::vector<automata::Dfa::Edge>& told) const;

    [[nodiscard]] Label label(Place place) const { return label_of(state(place).perms); }
    [[nodiscard]] const Reach& reach(Place place) const { return reach_[(place & ~kStopped) >> 8]; }

    // Adds all labels there are.
    void list_labels(std::vector<Label>& labels) const;

  private:
    // No further byte is looked at.
    static constexpr Place kStopped = Place{1} << 62;

    [[nodiscard]] const isolates_state& state(Place place) const {
        return begin_.states[(place & ~kStopped) >> 8];
    }
    [[nodiscard]] Label label_of(std::uint32_t perms) const;
    void find_reach();

    // Calls @visit for all states that @id leads to; some more than once.
    template <typename Visitor>
    void for_targets(std::uint32_t id, Visitor visit) const;

    isolates_walk begin_;
    std::uint32_t state_count_;
    std::uint32_t byte_classes_;
    const isolates_perms* perms_;
    Reading reading_;
    std::vector<Reach> reach_;  // by state
};

}  // namespace isolates::exact
