// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <algorithm>

#include "diag/suggest.hpp"
#include "sema/rules.hpp"
#include "sema/syscall_names.hpp"

namespace isolates::sema {
namespace {

// Reports what the kernel does not enforce of a rule; true if there is any.
bool refuse_unenforced(const Context& context, const ast::SyscallRule& rule) {
    auto& report = context.report;
    if (!rule.qualifiers.deny) {
        report.error(rule.at, "syscall rules that allow are not enforced yet")
            .with_hint("write deny syscall");
        return true;
    }
    if (rule.qualifiers.audit) {
        report.error(*rule.qualifiers.audit, "the audit of system calls is not enforced yet");
        return true;
    }
    if (rule.qualifiers.quiet) {
        report.error(*rule.qualifiers.quiet, "quiet syscall rules are not enforced yet");
        return true;
    }
    const bool has_operator = std::ranges::any_of(
        rule.list, [](const ast::Item& item) { return item.key || item.value.text == "="; });
    if (rule.arguments || has_operator) {
        report.error(rule.arguments ? *rule.arguments : rule.list.front().value.at,
                     "conditions on the arguments of system calls are not enforced yet");
        return true;
    }
    return false;
}

std::vector<ast::Text> names_of(const Context& context, const ast::SyscallRule& rule) {
    std::vector<ast::Text> names = rule.words;
    for (const auto& item : rule.list) names.push_back(item.value);
    if (names.empty()) context.report.error(rule.at, "no system call is named");
    if (names.size() > 1 && !rule.words.empty())
        context.report.error(names[1].at, fmt::format("unexpected '{}'", names[1].text))
            .with_hint("write several system calls in parentheses");
    return names;
}

bool check_name(const Context& context, const ast::Text& name) {
    if (is_syscall(name.text)) return true;
    if (name.text.starts_with('@'))
        context.report.error(name.at, "groups of system calls are not enforced yet");
    else
        context.report.error(name.at, fmt::format("unknown system call '{}'", name.text))
            .with_hint(diag::did_you_mean(name.text, syscall_names()));
    return false;
}

}  // namespace

void analyze(const Context& context, const ast::SyscallRule& rule) {
    const Conditions conditions(context, "syscall", rule.conditions, {"errno"});
    refuse_ownership(context, rule.qualifiers, "system calls");
    if (refuse_unenforced(context, rule)) return;
    auto effect = effect_of(context, rule.qualifiers, conditions.find("errno"));
    if (!effect) return;
    effect->rule = context.add_rule(rule.at);

    for (const auto& name : names_of(context, rule)) {
        if (!check_name(context, name)) continue;
        auto& calls = context.policy.syscalls;
        const auto before = std::ranges::find(calls, name.text, &model::SyscallRule::name);
        if (before == calls.end()) {
            calls.push_back({*effect, name.text});
        } else if (before->effect.error != effect->error) {
            const auto& first = context.policy.rules[before->effect.rule];
            context.report
                .error(name.at, fmt::format("'{}' is denied with another errno already", name.text))
                .with_note(context.sources.span_at(first.source, {first.line, first.column}),
                           "it is denied here first");
        }
    }
}

}  // namespace isolates::sema
