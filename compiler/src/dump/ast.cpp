// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <string>
#include <variant>
#include <vector>

#include "diag/render.hpp"
#include "dump/dump.hpp"
#include "parse/ast/document.hpp"

namespace isolates::dump {
namespace {

std::string shown(const ast::Text& text) {
    const auto plain = diag::printable(text.text);
    return text.quoted ? fmt::format("\"{}\"", plain) : plain;
}

std::string shown(const std::vector<ast::Text>& texts) {
    std::string out;
    for (const auto& text : texts) out += ' ' + shown(text);
    return out;
}

std::string shown(const std::vector<ast::Item>& items) {
    std::string out;
    for (const auto& item : items) {
        if (!out.empty()) out += ' ';
        if (item.key) out += shown(*item.key) + '=';
        out += shown(item.value);
    }
    return '(' + out + ')';
}

std::string shown(const std::vector<ast::Condition>& conditions) {
    std::string out;
    for (const auto& condition : conditions)
        out += fmt::format(" {}{}{}", shown(condition.key), condition.is_in ? " in " : "=",
                           shown(condition.items));
    return out;
}

std::string shown(const ast::Qualifiers& qualifiers) {
    std::string out;
    if (qualifiers.priority)
        out += fmt::format(" priority={}", diag::printable(qualifiers.priority->text));
    if (qualifiers.assertion) out += " assert never";
    if (qualifiers.audit) out += " audit";
    if (qualifiers.quiet) out += " quiet";
    if (qualifiers.allow) out += " allow";
    if (qualifiers.deny) out += " deny";
    if (qualifiers.prompt) out += " prompt";
    if (qualifiers.owner) out += " owner";
    if (qualifiers.other) out += " other";
    return out;
}

// Expressions nest no deeper than the parser lets them.
std::string shown(const ast::Expression& expression) {
    using Kind = ast::Expression::Kind;
    switch (expression.kind) {
        case Kind::boolean:
            return '$' + shown(expression.name);
        case Kind::boolean_defined:
            return "defined $" + shown(expression.name);
        case Kind::variable_defined:
            return "defined @{" + shown(expression.name) + '}';
        case Kind::negation:
        case Kind::both:
        case Kind::either:
            break;
    }
    std::string out = expression.kind == Kind::negation ? "not"
                      : expression.kind == Kind::both   ? "and"
                                                        : "or";
    for (const auto& operand : expression.operands) out += ' ' + shown(operand);
    return '(' + out + ')';
}

// Writes rules one by one, deeper ones indented. Blocks nest no deeper than the lexer
// lets them.
class Writer {
  public:
    std::string run(const ast::Document& document) {
        for (const auto& assignment : document.assignments) {
            using How = ast::Assignment::How;
            const auto* const sign = assignment.how == How::set      ? "="
                                     : assignment.how == How::append ? "+="
                                                                     : "?=";
            line("assignment", assignment.name.at,
                 fmt::format(" {} {}{}", shown(assignment.name), sign, shown(assignment.values)));
        }
        for (const auto& boolean : document.booleans)
            line("boolean", boolean.name.at,
                 ' ' + shown(boolean.name) + " =" + shown(boolean.values));
        for (const auto& alias : document.aliases)
            line("alias", alias.from.at, ' ' + shown(alias.from) + " -> " + shown(alias.to));
        for (const auto& policy : document.policies) write(policy);
        return std::move(out_);
    }

  private:
    void line(std::string_view what, const diag::Span& at, const std::string& rest) {
        out_.append(depth_ * 2, ' ');
        out_ += fmt::format("{} {}:{}{}\n", what, at.begin.line, at.begin.column, rest);
    }

    void write_rules(const ast::Rules& rules) {
        depth_++;
        for (const auto& rule : rules)
            std::visit([this](const auto& one) { write(one); },
                       static_cast<const ast::Rule::variant&>(rule));
        depth_--;
    }

    void write(const std::monostate&) {
        out_.append(depth_ * 2, ' ');
        out_ += "wrong\n";
    }
    void write(const ast::Policy& policy) {
        std::string rest = ' ' + shown(policy.name);
        if (policy.attachment) rest += " attachment " + shown(*policy.attachment);
        if (!policy.flags.empty()) rest += " flags" + shown(policy.flags);
        line("policy", policy.name.at, rest);
        write_rules(policy.rules);
    }
    void write(const ast::Block& block) {
        line("block", block.at, shown(block.qualifiers));
        write_rules(block.rules);
    }
    void write(const ast::IfRule& rule) {
        for (const auto& branch : rule.branches) {
            out_.append(depth_ * 2, ' ');
            out_ += branch.condition ? "if " + shown(*branch.condition) + '\n' : "else\n";
            write_rules(branch.rules);
        }
    }
    void write(const ast::AllRule& rule) { line("all", rule.at, shown(rule.qualifiers)); }
    void write(const ast::FileRule& rule) {
        auto rest = shown(rule.qualifiers);
        if (rule.is_safe) rest += *rule.is_safe ? " safe" : " unsafe";
        if (rule.path) rest += " path " + shown(*rule.path);
        if (rule.letters) rest += " letters " + shown(*rule.letters);
        if (!rule.operations.empty()) rest += " operations " + shown(rule.operations);
        if (rule.subset) rest += ' ' + shown(*rule.subset);
        if (rule.target) rest += " -> " + shown(*rule.target);
        line("file", rule.at, rest + shown(rule.conditions));
    }
    void write(const ast::LinkRule& rule) {
        auto rest = shown(rule.qualifiers);
        if (rule.subset) rest += ' ' + shown(*rule.subset);
        line("link", rule.at,
             rest + ' ' + shown(rule.name) + " -> " + shown(rule.file) + shown(rule.conditions));
    }
    void write(const ast::BindRule& rule) {
        using Where = ast::BindRule::Where;
        const auto* const form = rule.form == Where::path     ? "path"
                                 : rule.form == Where::number ? "number"
                                                              : "process";
        line("bind", rule.at,
             fmt::format("{} {} {} {}{}", shown(rule.qualifiers), shown(rule.kind), form,
                         shown(rule.where), rule.on_exec ? " on exec" : ""));
    }
    void write(const ast::ClassRule& rule) {
        auto rest = shown(rule.qualifiers);
        if (rule.has_list || !rule.list.empty()) rest += ' ' + shown(rule.list);
        rest += shown(rule.words);
        if (rule.arguments) rest += " arguments " + shown(rule.argument_items);
        rest += shown(rule.conditions);
        if (rule.target) rest += " -> " + shown(*rule.target);
        line(diag::printable(rule.keyword.text), rule.at, rest);
    }

    std::string out_;
    std::size_t depth_ = 0;
};

}  // namespace

std::string syntax(const ast::Document& document) {
    return Writer().run(document);
}

}  // namespace isolates::dump
