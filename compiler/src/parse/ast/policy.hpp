// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <variant>
#include <vector>

#include "parse/ast/bind_rule.hpp"
#include "parse/ast/class_rule.hpp"
#include "parse/ast/condition.hpp"
#include "parse/ast/file_rule.hpp"
#include "parse/ast/text.hpp"

namespace isolates::ast {

// std::monostate stands for a rule that was reported as wrong.
using Rule = std::variant<std::monostate, FileRule, SignalRule, NetworkRule, SyscallRule, BindRule,
                          CapabilityRule, PtraceRule, NamespaceRule, IoUringRule, UnixRule,
                          MountRule, ChangeProfileRule, RlimitRule, DbusRule, MqueueRule>;

// "policy NAME flags=(...) { ... }"
struct Policy {
    Text name;
    std::vector<Item> flags;
    std::vector<Rule> rules;
};

}  // namespace isolates::ast
