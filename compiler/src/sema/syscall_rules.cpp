// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <algorithm>

#include "diag/suggest.hpp"
#include "sema/rules.hpp"
#include "sema/syscall_conditions.hpp"
#include "sema/syscall_groups.hpp"
#include "sema/syscall_names.hpp"

namespace isolates::sema {
namespace {

// A system call that a rule is about.
struct Call {
    std::string name;
    const ast::Text* word = nullptr;  // that names it, or its group
    bool is_grouped = false;
};

std::vector<ast::Text> words_of(const Context& context, const ast::SyscallRule& rule) {
    std::vector<ast::Text> words = rule.words;
    for (const auto& item : rule.list) {
        if (item.is_operator) {
            context.report.error(item.value.at, "a condition stands behind the name of a call")
                .with_hint("write it as in socket(0 == AF_PACKET)");
            return {};
        }
        if (const auto* const word = plain(context, item)) words.push_back(*word);
    }
    if (words.empty()) context.report.error(rule.at, "no system call is named");
    if (words.size() > 1 && !rule.words.empty())
        context.report.error(words[1].at, fmt::format("unexpected '{}'", words[1].text))
            .with_hint("write several system calls in parentheses");
    return words;
}

// The calls that the words name, each once, groups taken apart. Unknown ones are
// reported; what is right is of use all the same, to find what else is wrong.
std::vector<Call> calls_of(const Context& context, const std::vector<ast::Text>& words) {
    std::vector<Call> calls;
    const auto add = [&](std::string_view name, const ast::Text& word, bool is_grouped) {
        const auto before = std::ranges::find(calls, name, &Call::name);
        if (before == calls.end())
            calls.push_back({std::string(name), &word, is_grouped});
        else
            before->is_grouped &= is_grouped;
    };
    for (const auto& word : words) {
        if (word.text.starts_with('@')) {
            const auto members = syscall_group(word.text);
            if (members.empty())
                context.report
                    .error(word.at, fmt::format("unknown group of system calls '{}'", word.text))
                    .with_hint(diag::did_you_mean(word.text, syscall_group_names()));
            for (const auto member : members) add(member, word, true);
        } else if (is_syscall(word.text)) {
            add(word.text, word, false);
        } else {
            context.report.error(word.at, fmt::format("unknown system call '{}'", word.text))
                .with_hint(diag::did_you_mean(word.text, syscall_names()));
        }
    }
    return calls;
}

// Two errnos for what is denied in any case: the second one would have no effect.
bool conflicts(const Context& context, const Call& call, const model::SyscallRule& made) {
    if (call.is_grouped || !made.arguments.empty() || made.effect.action != model::Action::deny)
        return false;
    for (const auto& before : context.policy.syscalls) {
        if (before.name != call.name || before.is_grouped || !before.arguments.empty() ||
            before.effect.action != model::Action::deny || before.only_audits ||
            before.effect.error == made.effect.error)
            continue;
        const auto& first = context.policy.rules[before.effect.rule];
        context.report
            .error(call.word->at,
                   fmt::format("'{}' is denied with another errno already", call.name))
            .with_note(context.sources.span_at(first.source, {first.line, first.column}),
                       "it is denied here first");
        return true;
    }
    return false;
}

}  // namespace

void analyze(const Context& context, const ast::SyscallRule& rule) {
    const Conditions conditions(context, "syscall", rule.conditions, {"errno"});
    refuse_ownership(context, rule.qualifiers, "system calls");
    const auto effect = effect_of(context, rule.qualifiers, conditions.find("errno"));
    const auto words = words_of(context, rule);
    const auto calls = calls_of(context, words);
    if (!effect || calls.empty()) return;
    if (effect->priority) {
        context.report.error(rule.keyword.at, "rules on system calls have no priorities");
        return;
    }

    model::SyscallRule made{*effect, {}, {}, false, false};
    // "audit syscall" alone only watches: to allow would be to deny all others.
    made.only_audits = rule.qualifiers->audit && !rule.qualifiers->allow && !rule.qualifiers->deny;
    if (rule.arguments) {
        if (words.front().text.starts_with('@')) {
            context.report.error(*rule.arguments,
                                 "conditions on arguments are for a single system call");
            return;
        }
        const auto arguments =
            arguments_of(context, calls.front().name, rule.argument_items, *rule.arguments);
        if (!arguments) return;
        made.arguments = *arguments;
    }
    made.effect.rule = context.add_rule(rule.at);
    for (const auto& call : calls) {
        if (conflicts(context, call, made)) continue;
        made.name = call.name;
        made.is_grouped = call.is_grouped;
        context.policy.syscalls.push_back(made);
    }
}

}  // namespace isolates::sema
