// SPDX-License-Identifier: GPL-2.0-only
// What the grammar's actions do. Pointers are to what the nodes hold; null is empty.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "diag/span.hpp"
#include "parse/ast/document.hpp"
#include "parse/nodes.hpp"

namespace isolates::parse {

class Lexer;

// "X are not enforced yet", where the kernel side is to come.
void not_enforced(Lexer& lexer, const diag::Span& at, std::string_view what);

// The same for a whole rule, of which the first word is known.
void not_enforced_rule(Lexer& lexer, const ast::Text& keyword);

// What may stand behind the path and the permissions of a rule about files.
struct Tail {
    ast::Text* target;
    std::vector<ast::Condition>* conditions;
};

// A rule about files, by its letters or by the names of operations.
LooseRule file_rule(Nodes& nodes, ast::Text path, std::optional<ast::Text> letters,
                    std::vector<ast::Item>* operations, Tail tail,
                    std::optional<ast::Text> subset = {});

// "file,"
LooseRule bare_file_rule(Nodes& nodes, std::vector<ast::Condition>* conditions);

// A rule of a class, of those parts that it has.
ast::ClassRule* words_rule(Nodes& nodes, std::vector<ast::Item>* list,
                           std::vector<ast::Text>* words, std::vector<ast::Condition>* conditions);

// The rule of a class that its keyword begins.
LooseRule class_rule(Lexer& lexer, Nodes& nodes, ast::ClassRule* made, ast::Qualifiers* qualifiers,
                     ast::Text keyword, const diag::Span& at);

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
ast::Policy* make_policy(Lexer& lexer, Nodes& nodes, ast::Text name, ast::Text* attachment,
                         std::vector<ast::Item>* flags, std::vector<ast::Condition>* conditions);

// Adds an "else", which "at" is, with or without a condition.
void add_branch(Lexer& lexer, ast::IfRule& rule, const diag::Span& at,
                std::optional<ast::Expression> condition, ast::Rules rules);

// What an "if" asks of a name, and of the answers to one or two such questions.
ast::Expression* ask(Nodes& nodes, ast::Expression::Kind kind, ast::Text name);
ast::Expression* combine(Nodes& nodes, ast::Expression::Kind kind, ast::Expression* first,
                         ast::Expression* second = nullptr);

// Notes the priority; twice is an error.
void prioritise(Lexer& lexer, ast::Qualifiers& qualifiers, ast::Text number);

// Notes a qualifier; twice is an error.
void qualify(Lexer& lexer, std::optional<diag::Span>& qualifier, const diag::Span& at);

// Checks the words behind a bind rule's place.
std::optional<diag::Span> on_exec(Lexer& lexer, const ast::Text& on, const ast::Text& exec);

// Checks the word before a process number, and returns the number.
ast::Text process(Lexer& lexer, const ast::Text& of, ast::Text number);

template <typename T>
ast::Rarely<T> taken_rarely(Nodes& nodes, T* made) {
    return made ? ast::Rarely<T>(nodes.take(made)) : ast::Rarely<T>();
}

template <typename R>
LooseRule qualified(Nodes& nodes, LooseRule rule, ast::Qualifiers* qualifiers,
                    const diag::Span& at) {
    R& made = rule.as<R>();
    made.qualifiers = taken_rarely(nodes, qualifiers);
    made.at = at;
    return rule;
}

// The same for a rule of a class.
template <typename R>
LooseRule keyed(Nodes& nodes, ast::ClassRule* made, ast::Qualifiers* qualifiers, ast::Text keyword,
                const diag::Span& at) {
    made->keyword = keyword;
    return qualified<R>(nodes, nodes.rule(R{nodes.take(made)}), qualifiers, at);
}

}  // namespace isolates::parse
