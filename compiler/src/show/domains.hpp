// SPDX-License-Identifier: GPL-2.0-only
// The facts that operations of each class can have: lsm/core/facts.h as automata.
#pragma once

#include <cstdint>
#include <optional>

#include "show/expand.hpp"

namespace isolates::show {

// What is said of the byte 0 within paths and names, where there is none. The compiler
// treats it as one more byte that no rule names, and automata are simpler with it. Where it
// parts two texts it is always told.
enum class Nul { like_others, impossible };

// The facts of one operation of a class; nothing if the class is not known here. Operations
// of networks, unix sockets and mounts have facts of their own.
[[nodiscard]] std::optional<Domain> domain_of(isolates_class class_id, std::uint32_t operation,
                                              Nul nul);

}  // namespace isolates::show
