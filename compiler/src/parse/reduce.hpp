// SPDX-License-Identifier: GPL-2.0-only
// What the grammar's actions do.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "diag/span.hpp"
#include "parse/ast/document.hpp"

namespace isolates::parse {

class Lexer;

// "X are not enforced yet", where the kernel side is to come.
void not_enforced(Lexer& lexer, const diag::Span& at, std::string_view what);

// The same for a whole rule, of which the first word is known.
void not_enforced_rule(Lexer& lexer, const ast::Text& keyword);

// A list of one rule, of a kind that is known: rules are large, and the parser moves what
// it has a dozen times.
template <typename R>
class OneRule {
  public:
    OneRule() = default;
    OneRule(R rule) { list_.emplace_back(std::move(rule)); }

    R* operator->() { return &std::get<R>(list_.front()); }
    ast::Rules list() && { return std::move(list_); }

  private:
    ast::Rules list_;
};

// What may stand behind the path and the permissions of a rule about files.
struct Tail {
    ast::Rarely<ast::Text> target;
    std::vector<ast::Condition> conditions;
};

// A rule about files, by its letters or by the names of operations.
OneRule<ast::FileRule> file_rule(ast::Text path, std::optional<ast::Text> letters,
                                 std::vector<ast::Item> operations, Tail tail,
                                 ast::Rarely<ast::Text> subset = {});

// The rule of a class that its keyword begins.
ast::Rules class_rule(Lexer& lexer, ast::Rarely<ast::Qualifiers> qualifiers, ast::Text keyword,
                      ast::ClassRule& rule, const diag::Span& at);

// A list in a rule: the first one is the rule's, one behind words or another list the
// arguments. A third is an error.
void add_list(Lexer& lexer, ast::ClassRule& rule, std::vector<ast::Item> items,
              const diag::Span& at);

// What stands behind "->"; a second one is an error.
void set_target(Lexer& lexer, ast::ClassRule& rule, ast::Text target);

// "abi <isolates/1>,": an abi of isolates must be one we know; those of AppArmor
// say which rules its kernel side knows, and mean nothing here.
void check_abi(Lexer& lexer, const ast::Text& name);

// Adds to the document, where that is allowed.
void assign(Lexer& lexer, ast::Document& document, ast::Assignment assignment);

void assign(Lexer& lexer, ast::Document& document, ast::Boolean boolean);
void add_alias(Lexer& lexer, ast::Document& document, ast::Alias alias);

// A policy's header. "flags" are those in a list without a name.
std::unique_ptr<ast::Policy> make_policy(Lexer& lexer, ast::Text name,
                                         ast::Rarely<ast::Text> attachment,
                                         std::vector<ast::Item> flags,
                                         std::vector<ast::Condition> conditions);

// Adds an "else", which "at" is, with or without a condition.
void add_branch(Lexer& lexer, ast::IfRule& rule, const diag::Span& at,
                std::optional<ast::Expression> condition, ast::Rules rules);

using Expression = std::unique_ptr<ast::Expression>;
Expression ask(ast::Expression::Kind kind, ast::Text name);
Expression combine(ast::Expression::Kind kind, Expression first, Expression second = nullptr);

// Notes the priority; twice is an error.
void prioritise(Lexer& lexer, ast::Qualifiers& qualifiers, ast::Text number);

// Notes a qualifier; twice is an error.
void qualify(Lexer& lexer, std::optional<diag::Span>& qualifier, const diag::Span& at);

// Checks the words behind a bind rule's place.
std::optional<diag::Span> on_exec(Lexer& lexer, const ast::Text& on, const ast::Text& exec);

// Checks the word before a process number, and returns the number.
ast::Text process(Lexer& lexer, const ast::Text& of, ast::Text number);

// Adds it behind the others. There is none if it was reported as wrong.
void add_rule(ast::Rules& rules, ast::Rules rule);

template <typename R>
ast::Rules qualified(OneRule<R> rule, ast::Rarely<ast::Qualifiers> qualifiers,
                     const diag::Span& at) {
    rule->qualifiers = std::move(qualifiers);
    rule->at = at;
    return std::move(rule).list();
}

// The same for a rule of a class, whose keyword is a token of its own.
template <typename R>
ast::Rules keyed(OneRule<R> rule, ast::Rarely<ast::Qualifiers> qualifiers, std::string_view keyword,
                 const diag::Span& keyword_at, const diag::Span& at) {
    rule->keyword = {keyword, keyword_at, false};
    return qualified(std::move(rule), std::move(qualifiers), at);
}

}  // namespace isolates::parse
