// SPDX-License-Identifier: GPL-2.0-only
// The analysis of each kind of rule: what is right is added to the context's
// policy, what is wrong to its report.
#pragma once

#include "parse/ast/bind_rule.hpp"
#include "parse/ast/class_rule.hpp"
#include "parse/ast/file_rule.hpp"
#include "parse/ast/policy.hpp"
#include "sema/context.hpp"

namespace isolates::sema {

void analyze(const Context& context, const ast::FileRule& rule);
void analyze(const Context& context, const ast::LinkRule& rule);
void analyze(const Context& context, const ast::AllRule& rule);
void analyze(const Context& context, const ast::SignalRule& rule);
void analyze(const Context& context, const ast::NetworkRule& rule);
void analyze(const Context& context, const ast::SyscallRule& rule);
void analyze(const Context& context, const ast::BindRule& rule);
void analyze(const Context& context, const ast::CapabilityRule& rule);
void analyze(const Context& context, const ast::PtraceRule& rule);
void analyze(const Context& context, const ast::NamespaceRule& rule);
void analyze(const Context& context, const ast::IoUringRule& rule);
void analyze(const Context& context, const ast::UnixRule& rule);
void analyze(const Context& context, const ast::MountRule& rule);
void analyze(const Context& context, const ast::ChangeProfileRule& rule);
void analyze(const Context& context, const ast::RlimitRule& rule);
void analyze(const Context& context, const ast::DbusRule& rule);
void analyze(const Context& context, const ast::MqueueRule& rule);

}  // namespace isolates::sema
