// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <list>
#include <optional>
#include <variant>
#include <vector>

#include "parse/ast/bind_rule.hpp"
#include "parse/ast/class_rule.hpp"
#include "parse/ast/condition.hpp"
#include "parse/ast/expression.hpp"
#include "parse/ast/file_rule.hpp"
#include "parse/ast/rarely.hpp"
#include "parse/ast/text.hpp"

namespace isolates::ast {

struct Rule;

// A list: rules are large, and to grow never takes the room of two copies.
using Rules = std::list<Rule>;

// "policy NAME ATTACHMENT xattrs=(...) flags=(...) { ... }"; in another one a child of
// it, or a hat.
struct Policy {
    Text name;
    std::optional<Text> attachment;
    std::optional<diag::Span> xattrs;
    std::vector<Item> flags;
    Rules rules;
    bool is_hat = false;  // by its keyword
};

// "audit deny { ... }"
struct Block {
    Rarely<Qualifiers> qualifiers;
    Rules rules;
    diag::Span at;
};

// "if ... { ... } else if ... { ... } else { ... }"
struct IfRule {
    struct Branch {
        std::optional<Expression> condition;  // none: else
        Rules rules;
    };
    std::vector<Branch> branches;
};

// "all,"
struct AllRule {
    Rarely<Qualifiers> qualifiers;
    diag::Span at;
};

// std::monostate stands for a rule that was reported as wrong.
struct Rule : std::variant<std::monostate, FileRule, LinkRule, AllRule, SignalRule, NetworkRule,
                           SyscallRule, BindRule, CapabilityRule, PtraceRule, NamespaceRule,
                           IoUringRule, UnixRule, MountRule, ChangeProfileRule, RlimitRule,
                           DbusRule, MqueueRule, Block, IfRule, Policy> {
    using variant::variant;
};

}  // namespace isolates::ast
