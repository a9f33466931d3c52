// SPDX-License-Identifier: GPL-2.0-only
#include "parse/reduce.hpp"

#include <fmt/format.h>

#include <array>

#include "parse/keywords.hpp"
#include "parse/lexer.hpp"

namespace isolates::parse {

void not_enforced(Lexer& lexer, const diag::Span& at, std::string_view what) {
    lexer.report().error(at, fmt::format("{} are not enforced yet", what));
}

void not_enforced_rule(Lexer& lexer, const ast::Text& keyword) {
    not_enforced(lexer, keyword.at, unenforced_rules(keyword.text));
}

LooseRule file_rule(Nodes& nodes, ast::Text path, std::optional<ast::Text> letters,
                    std::vector<ast::Item>* operations, Tail tail,
                    std::optional<ast::Text> subset) {
    const LooseRule made = bare_file_rule(nodes, tail.conditions);
    auto& rule = made.as<ast::FileRule>();
    rule.path = path;
    rule.letters = letters;
    rule.operations = nodes.take(operations);
    rule.target = taken_rarely(nodes, tail.target);
    if (subset) rule.subset = *subset;
    return made;
}

LooseRule bare_file_rule(Nodes& nodes, std::vector<ast::Condition>* conditions) {
    const LooseRule made = nodes.rule(ast::FileRule());
    made.as<ast::FileRule>().conditions = nodes.take(conditions);
    return made;
}

ast::ClassRule* words_rule(Nodes& nodes, std::vector<ast::Item>* list,
                           std::vector<ast::Text>* words, std::vector<ast::Condition>* conditions) {
    auto* const rule = nodes.make<ast::ClassRule>();
    rule->list = nodes.take(list);
    rule->words = nodes.take(words);
    rule->conditions = nodes.take(conditions);
    return rule;
}

LooseRule class_rule(Lexer& lexer, Nodes& nodes, ast::ClassRule* made, ast::Qualifiers* qualifiers,
                     ast::Text keyword, const diag::Span& at) {
    const auto make = [&]<typename R>(R) { return keyed<R>(nodes, made, qualifiers, keyword, at); };
    const std::string_view word = keyword.text;
    if (word == "capability") return make(ast::CapabilityRule{});
    if (word == "ptrace") return make(ast::PtraceRule{});
    if (word == "namespace" || word == "userns") return make(ast::NamespaceRule{});
    if (word == "io_uring") return make(ast::IoUringRule{});
    if (word == "unix") return make(ast::UnixRule{});
    if (word == "change_profile") return make(ast::ChangeProfileRule{});
    if (word == "set") return make(ast::RlimitRule{});
    if (word == "dbus") return make(ast::DbusRule{});
    if (word == "mqueue") return make(ast::MqueueRule{});
    if (word == "mount" || word == "remount" || word == "umount" || word == "unmount" ||
        word == "pivot_root")
        return make(ast::MountRule{});
    lexer.report().error(keyword.at, fmt::format("unknown rule '{}'", word));
    return {};
}

void add_list(Lexer& lexer, ast::ClassRule& rule, std::vector<ast::Item> items,
              const diag::Span& at) {
    if (!rule.has_list && rule.words.empty()) {
        rule.list = std::move(items);
        rule.has_list = true;
    } else if (!rule.arguments) {
        rule.arguments = at;
        rule.argument_items = std::move(items);
    } else {
        lexer.report().error(at, "unexpected list");
    }
}

void set_target(Lexer& lexer, ast::ClassRule& rule, ast::Text target) {
    if (rule.target)
        lexer.report().error(target.at, "a rule has one '->'");
    else
        rule.target = std::move(target);
}

void check_abi(Lexer& lexer, const ast::Text& name) {
    if (name.text.starts_with("isolates/") && name.text != "isolates/1")
        lexer.report()
            .error(name.at, fmt::format("unknown abi '{}'", name.text))
            .with_hint("this ipolc knows isolates/1");
}

void assign(Lexer& lexer, ast::Document& document, ast::Assignment assignment) {
    if (assignment.values.empty())
        lexer.report().error(assignment.name.at.behind(), "a value is missing");
    // In a policy it was reported already, and is as good as set.
    if (!document.policies.empty() && !lexer.in_block())
        lexer.report().error(assignment.name.at, "variables are set before the first policy");
    document.assignments.push_back(std::move(assignment));
}

void assign(Lexer& lexer, ast::Document& document, ast::Boolean boolean) {
    if (!document.policies.empty() && !lexer.in_block())
        lexer.report().error(boolean.name.at, "variables are set before the first policy");
    document.booleans.push_back(std::move(boolean));
}

void add_alias(Lexer& lexer, ast::Document& document, ast::Alias alias) {
    if (!document.policies.empty() && !lexer.in_block())
        lexer.report().error(alias.from.at, "aliases are set before the first policy");
    document.aliases.push_back(std::move(alias));
}

ast::Policy* make_policy(Lexer& lexer, Nodes& nodes, ast::Text name, ast::Text* attachment,
                         std::vector<ast::Item>* flags, std::vector<ast::Condition>* conditions) {
    auto* const made = nodes.make<ast::Policy>();
    ast::Policy& policy = *made;
    policy.name = name;
    if (attachment) policy.attachment = nodes.take(attachment);
    policy.flags = nodes.take(flags);
    bool has_flags = !policy.flags.empty();
    for (auto& condition : nodes.take(conditions)) {
        const auto& key = condition.key;
        if (key.text == "xattrs") {
            if (policy.xattrs) lexer.report().error(key.at, "xattrs are given twice");
            policy.xattrs = condition.at;
        } else if (key.text != "flags") {
            lexer.report()
                .error(key.at, fmt::format("a policy has no '{}'", key.text))
                .with_hint("write flags=(...)");
        } else if (has_flags) {
            lexer.report().error(key.at, "flags are given twice");
        } else {
            has_flags = true;
            policy.flags = std::move(condition.items);
        }
    }
    return made;
}

void add_branch(Lexer& lexer, ast::IfRule& rule, const diag::Span& at,
                std::optional<ast::Expression> condition, ast::Rules rules) {
    if (!rule.branches.back().condition)
        lexer.report().error(at, "nothing follows the 'else' without a condition");
    rule.branches.push_back({std::move(condition), std::move(rules)});
}

ast::Expression* ask(Nodes& nodes, ast::Expression::Kind kind, ast::Text name) {
    return nodes.make(ast::Expression{kind, name, {}});
}

ast::Expression* combine(Nodes& nodes, ast::Expression::Kind kind, ast::Expression* first,
                         ast::Expression* second) {
    ast::Expression combined{kind, {}, {}};
    combined.operands.push_back(nodes.take(first));
    if (second) combined.operands.push_back(nodes.take(second));
    return nodes.make(std::move(combined));
}

void prioritise(Lexer& lexer, ast::Qualifiers& qualifiers, ast::Text number) {
    if (qualifiers.priority) lexer.report().error(number.at, "this qualifier is given twice");
    qualifiers.priority = {number.text, number.at};
}

void qualify(Lexer& lexer, std::optional<diag::Span>& qualifier, const diag::Span& at) {
    if (qualifier) lexer.report().error(at, "this qualifier is given twice");
    qualifier = at;
}

std::optional<diag::Span> on_exec(Lexer& lexer, const ast::Text& on, const ast::Text& exec) {
    if (on.text != "on" || exec.text != "exec") {
        lexer.report()
            .error(on.at, fmt::format("unexpected '{}'", on.text))
            .with_hint("did you mean 'on exec'?");
        return std::nullopt;
    }
    return join(on.at, exec.at);
}

ast::Text process(Lexer& lexer, const ast::Text& of, ast::Text number) {
    if (of.text != "of")
        lexer.report()
            .error(of.at, fmt::format("unexpected '{}'", of.text))
            .with_hint("a namespace is a path, a number, or 'of PID'");
    return number;
}

}  // namespace isolates::parse
