// SPDX-License-Identifier: GPL-2.0-only
// What the globs of some rules have to match, and what they may match.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "show/expand.hpp"
#include "show/glob.hpp"

namespace isolates::show {

// The labels of a Language's automaton.
inline constexpr LabelId kMustNot = automata::kNoLabel;
inline constexpr LabelId kMay = 1;
inline constexpr LabelId kMust = 2;

// Sets of states, each once.
using StateSet = std::vector<StateId>;

// How much work may still be done: states and bytes looked at. There is no input for
// which finding globs must not end.
class Budget {
  public:
    explicit Budget(std::uint64_t steps) : left_(steps) {}

    void spend(std::uint64_t steps) { left_ -= steps < left_ ? steps : left_; }
    [[nodiscard]] bool is_spent() const { return left_ == 0; }

  private:
    std::uint64_t left_;
};

class Language {
  public:
    // @dfa: deterministic and minimal, with labels as above.
    explicit Language(Dfa dfa);

    [[nodiscard]] const Dfa& dfa() const { return dfa_; }
    // Where texts begin: of a language as a whole, or of what is behind a part of it.
    [[nodiscard]] StateId start() const { return dfa_.start; }
    void set_start(StateId start) { dfa_.start = start; }
    [[nodiscard]] bool is_must(StateId state) const { return dfa_.states[state].label == kMust; }
    [[nodiscard]] bool is_may(StateId state) const { return dfa_.states[state].label != kMustNot; }

    // Whether anything behind @state must be matched.
    [[nodiscard]] bool leads_to_must(StateId state) const { return leads_to_must_[state]; }

    // Whether something that may be matched is still to come, whatever bytes of
    // @loop (kNameByte or kAnyByte) follow: a loop from @state on needs that.
    [[nodiscard]] bool survives(StateId state, const ByteSet& loop) const {
        return (loop == kAnyByte ? survives_any_ : survives_name_)[state];
    }

    // The states behind @from and one byte of @bytes, ascending.
    [[nodiscard]] StateSet step(const StateSet& from, const ByteSet& bytes, Budget& budget) const;
    // The states behind @from and any number of bytes of @bytes, ascending; only the dead
    // state if that is one of them.
    [[nodiscard]] StateSet close(StateSet from, const ByteSet& bytes, Budget& budget) const;

  private:
    struct Way {
        StateId from;
        bool by_name;  // with a byte of kNameByte
        bool by_any;   // with a byte of kAnyByte
    };

    void reverse();
    [[nodiscard]] std::vector<bool> leading_to(LabelId least) const;
    [[nodiscard]] std::vector<bool> surviving(bool any_byte) const;
    template <typename Visitor>
    void for_targets(StateId from, const ByteSet& bytes, std::size_t size, Visitor visit) const;

    Dfa dfa_;
    std::vector<std::uint32_t> first_way_;  // by state: into ways_
    std::vector<Way> ways_;                 // backwards
    std::vector<bool> leads_to_must_;
    std::vector<bool> survives_any_;
    std::vector<bool> survives_name_;
};

// What @language says of the texts that @glob matches, each behind what has led to one
// of @from.
struct Match {
    bool may = false;   // of all: they may be matched
    bool must = false;  // of some: they must be; told only if all may be
};
[[nodiscard]] Match match(const Language& language, StateSet from, const Glob& glob,
                          Budget& budget);

}  // namespace isolates::show
