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

ast::Rule bare_or_unenforced(Lexer& lexer, ast::Qualifiers qualifiers, ast::Text keyword) {
    const auto& word = keyword.text;
    if (word != "mount" && word != "umount" && word != "unmount" && word != "pivot_root") {
        not_enforced_rule(lexer, keyword);
        return {};
    }
    if (lexer.passed_over) {
        lexer.report()
            .error(keyword.at,
                   fmt::format("{} with conditions are not enforced yet", unenforced_rules(word)))
            .with_hint(fmt::format("'{},' alone is", word));
        return {};
    }
    const auto at = keyword.at;
    return qualified(ast::MountRule{{}, std::move(keyword), {}}, std::move(qualifiers), at);
}

void not_supported(Lexer& lexer, const diag::Span& at, std::string_view what) {
    lexer.report().error(at, fmt::format("{} are not supported yet", what));
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

ast::Policy make_policy(Lexer& lexer, ast::Text name, std::vector<ast::Condition> conditions) {
    ast::Policy policy{std::move(name), {}, {}};
    bool has_flags = false;
    for (auto& condition : conditions) {
        if (condition.key.text == "xattrs") {
            not_enforced(lexer, condition.at, "attachments");
        } else if (condition.key.text != "flags") {
            lexer.report()
                .error(condition.key.at, fmt::format("a policy has no '{}'", condition.key.text))
                .with_hint("write flags=(...)");
        } else if (has_flags) {
            lexer.report().error(condition.key.at, "flags are given twice");
        } else {
            has_flags = true;
            policy.flags = std::move(condition.items);
        }
    }
    return policy;
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
