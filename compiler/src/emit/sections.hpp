// SPDX-License-Identifier: GPL-2.0-only
// The sections of a blob while it grows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core.hpp"

namespace isolates::emit {

// In the order of enum isolates_section. What belongs together is appended
// together, so that the ranges tile each section as lsm/core/blob.h demands.
struct Sections {
    std::vector<isolates_policy> policies;
    std::vector<isolates_automaton> automata;
    std::vector<isolates_state> states;
    std::vector<std::uint32_t> edges;
    std::vector<isolates_byte_classes> byte_classes;
    std::vector<isolates_perms> perms;
    std::vector<isolates_error> errors;
    std::vector<isolates_transition> transitions;
    std::vector<isolates_syscall> syscalls;
    std::vector<isolates_argument> arguments;
    std::vector<isolates_rlimit> rlimits;
    std::vector<isolates_binding> bindings;
    std::vector<std::uint32_t> rule_refs;
    std::vector<isolates_rule> rules;
    std::vector<isolates_source> sources;
    std::vector<char> strings;

    // Append a string and its NUL.
    isolates_string add_string(std::string_view text);

    // The bytes of the blob, header and checksum included; none if there were
    // more than a blob may have.
    [[nodiscard]] std::optional<std::vector<std::byte>> serialise() const;
};

// The number of elements in @section, as a blob counts.
template <typename Element>
[[nodiscard]] std::uint32_t count_of(const std::vector<Element>& section) {
    return static_cast<std::uint32_t>(section.size());
}

}  // namespace isolates::emit
