// SPDX-License-Identifier: GPL-2.0-only
// Which byte strings can be the facts of an operation at all, by class.
//
// An automaton answers for every string; the kernel asks about few of them. A
// difference that shows in others ("/etc//passwd", a socket with half an
// address) is none. All that the comparison knows of a class is here.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "automata/dfa/dfa.hpp"
#include "core.hpp"

namespace isolates::exact {

// The automaton accepts the strings that can be facts; the
// label of an accepting state is the mask of operations that are ever asked with
// them. (No automata::Label belongs to it.)
struct Facts {
    automata::Dfa automaton;
    // By state: the bytes to be preferred in examples, the best first.
    std::vector<std::vector<std::uint8_t>> preferred;
};

// What there is to know of one class.
struct Shape {
    std::string_view name;         // as rules of the class begin
    std::uint32_t operations = 0;  // all of the class
    bool has_owner = false;        // its objects have one
    bool is_record = false;        // of fields: a shorter example is no better one
    Facts facts;
};

// The shape of @class_id's facts, as lsm/core/facts.h spells them and the hooks of
// lsm/ ask. Made once.
[[nodiscard]] const Shape& shape_of(isolates_class class_id);

}  // namespace isolates::exact
