// SPDX-License-Identifier: GPL-2.0-only
// The rules that all have one shape: a list in parentheses, words, conditions.
#pragma once

#include <optional>
#include <vector>

#include "parse/ast/condition.hpp"
#include "parse/ast/qualifiers.hpp"
#include "parse/ast/text.hpp"

namespace isolates::ast {

struct ClassRule {
    Qualifiers qualifiers;
    std::vector<Item> list;
    std::vector<Text> words;
    std::optional<diag::Span> arguments;  // a list behind the words: "socket(0 == AF_PACKET)"
    std::vector<Condition> conditions;
    diag::Span at;
};

// "signal (send) set=(kill, term) peer=unconfined,"
struct SignalRule : ClassRule {};

// "network (connect) inet stream peer=(ip=10.0.0.0/8 port=5432),"
struct NetworkRule : ClassRule {};

// "syscall (mkdirat, unlinkat) errno=EACCES,"
struct SyscallRule : ClassRule {};

}  // namespace isolates::ast
