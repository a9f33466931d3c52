// SPDX-License-Identifier: GPL-2.0-only
// One policy of a blob.
#pragma once

#include <expected>

#include "emit/emit.hpp"
#include "emit/sections.hpp"

namespace isolates::emit {

// Append everything of @policy to @sections but what owns strings: its name is
// there already, as @name; its transitions, system calls and bindings come after
// all policies. (So the strings lie in the order the format wants.)
[[nodiscard]] std::expected<void, Error> write_policy(const model::Policy& policy,
                                                      isolates_string name, const Options& options,
                                                      Sections& sections);

// Append the transitions, system calls, or bindings, of @policy, and note them in
// @written.
void write_transitions(const model::Policy& policy, isolates_policy& written, Sections& sections);
void write_syscalls(const model::Policy& policy, const Options& options, isolates_policy& written,
                    Sections& sections);
void write_bindings(const model::Policy& policy, const Options& options, isolates_policy& written,
                    Sections& sections);

// An error about some of @policy's rules.
[[nodiscard]] Error rule_error(const model::Policy& policy, std::string message,
                               const std::vector<std::uint32_t>& rules);

}  // namespace isolates::emit
