// SPDX-License-Identifier: GPL-2.0-only
#include "parse/syntax_error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "diag/suggest.hpp"
#include "parse/keywords.hpp"
#include "parse/lexer.hpp"

namespace isolates::parse {
namespace {

using Kind = Grammar::symbol_kind;
using Kinds = std::vector<Grammar::symbol_kind_type>;

// More alternatives than this help nobody.
constexpr std::size_t named_max = 4;

Kinds expected_kinds(const Grammar::context& failure) {
    Kinds kinds(Grammar::YYNTOKENS);
    const int count = failure.expected_tokens(kinds.data(), static_cast<int>(kinds.size()));
    kinds.resize(static_cast<std::size_t>(count));
    // A form that few rules have, beside the condition that all have there.
    std::erase(kinds, Kind::S_KEY_IN);
    return kinds;
}

std::string name_all(const Kinds& kinds) {
    std::string names;
    for (std::size_t i = 0; i < kinds.size(); i++) {
        if (i) names += i + 1 == kinds.size() ? " or " : ", ";
        names += Grammar::symbol_name(kinds[i]);
    }
    return names;
}

std::string quoted(Lexer& lexer, const Grammar::context& failure) {
    const auto kind = failure.token();
    if (kind == Kind::S_YYEOF || kind == Kind::S_NEWLINE) return Grammar::symbol_name(kind);
    return fmt::format("'{}'", lexer.text(failure.location()));
}

bool begins_rule(Grammar::symbol_kind_type kind) {
    return kind == Kind::S_LETTERS || kind == Kind::S_CLASS ||
           (kind >= Kind::S_ALLOW && kind <= Kind::S_BIND);
}

}  // namespace

void report_syntax_error(Lexer& lexer, const Grammar::context& failure) {
    auto& report = lexer.report();
    const auto kind = failure.token();
    const auto& at = failure.location();
    const auto expected = expected_kinds(failure);
    const bool expects_comma = std::ranges::find(expected, Kind::S_COMMA) != expected.end();
    const bool expects_policy = std::ranges::find(expected, Kind::S_POLICY) != expected.end();

    // What the lexer makes up at the end of a file it has reported.
    const bool made_up = at.is_empty() && (kind == Kind::S_COMMA || kind == Kind::S_CLOSE);

    if (kind == Kind::S_INVALID || made_up || lexer.gave_up()) {
        // Reported where it was met.
    } else if (kind == Kind::S_UNKNOWN) {
        const auto word = lexer.text(at);
        const auto known = lexer.in_block() ? rule_keywords() : file_keywords();
        report.error(at, fmt::format("unknown rule '{}'", word))
            .with_hint(diag::did_you_mean(word, known));
    } else if (kind == Kind::S_CLOSE && !lexer.in_block()) {
        report.error(at, "this brace closes nothing");
    } else if (expects_policy && !lexer.in_block() && begins_rule(kind)) {
        report.error(at, "a rule outside of a policy")
            .with_hint("write policy NAME { ... } around it");
    } else if (expects_comma && (kind == Kind::S_CLOSE || lexer.on_new_line())) {
        report.error(lexer.behind_previous(), "',' is missing at the end of the rule");
    } else {
        auto text = "unexpected " + quoted(lexer, failure);
        if (expected.size() <= named_max) text += ", expected " + name_all(expected);
        report.error(at, std::move(text));
    }

    switch (kind) {
        case Kind::S_COMMA:
        case Kind::S_OPEN:
        case Kind::S_YYEOF:
            break;
        case Kind::S_CLOSE:
            if (lexer.in_block()) lexer.insert_comma();
            break;
        default:
            if (lexer.on_new_line() && (expects_comma || kind == Kind::S_RULE))
                lexer.insert_comma();
            else
                lexer.skip_rule();
    }
}

}  // namespace isolates::parse
