// SPDX-License-Identifier: GPL-2.0-only
// Facts of several texts: some bytes that are numbers, and then texts with a byte 0 between
// two. A glob over such facts is one for each text, with a byte 0 between two of them, which
// no wildcard matches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "show/atoms.hpp"
#include "show/language.hpp"
#include "show/synthesis.hpp"

namespace isolates::show {

// Where the glob of a text may have "*" and "**".
enum class Wildcards : std::uint8_t {
    anywhere,
    behind_first,           // it begins with a byte that is itself
    whole_or_behind_first,  // or it is "**" alone, as of a condition that is not there
    whole,                  // it is "**" alone
};

struct FieldForm {
    std::size_t numbers = 0;  // bytes in front of the first text
    std::vector<Wildcards> texts;
};

// A glob that matches @text, of which @path tells how it leads through @language, and
// nothing that @language may not have. @numbers: the bytes that it has for the numbers.
// Nothing if there is none.
[[nodiscard]] std::optional<Glob> find_fields(const Language& language, const FieldForm& form,
                                              Path path, const std::vector<std::uint8_t>& text,
                                              std::span<const ByteSet> numbers, Budget& budget);

// The glob of each text.
[[nodiscard]] std::vector<Glob> texts_of(const Glob& glob, const FieldForm& form);

// Whether it is "**" alone.
[[nodiscard]] bool is_anything(const Glob& glob);

// What the labels of one automaton say of one operation.
struct OperationView {
    Dfa dfa;
    std::vector<Group> groups;
};

// Of the automaton at @index of the class. @has_owner: see AtomOptions.
[[nodiscard]] OperationView view_operation(const isolates_view& view, const isolates_policy& policy,
                                           isolates_class class_id, std::uint32_t index,
                                           std::uint32_t operation, bool has_owner);

// " (send, receive)"; nothing if they are @all.
[[nodiscard]] std::string operation_list(isolates_class class_id, std::uint32_t operations,
                                         std::uint32_t all);

}  // namespace isolates::show
