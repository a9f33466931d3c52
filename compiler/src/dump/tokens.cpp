// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <iterator>

#include "diag/render.hpp"
#include "dump/dump.hpp"
#include "parse/lexer.hpp"

namespace isolates::dump {

std::string tokens(const std::string& file, const parse::SearchPath& path, diag::Sources& sources,
                   diag::Report& report) {
    std::string out;
    parse::Lexer lexer(sources, report, path);
    if (!lexer.open(file)) return out;
    for (;;) {
        const auto symbol = lexer.next();
        const auto& at = symbol.location;
        fmt::format_to(std::back_inserter(out), "{}:{}:{}\t{}\t{}\n",
                       diag::printable(sources.name_of(at)), at.begin.line, at.begin.column,
                       parse::Grammar::symbol_name(symbol.kind()),
                       diag::printable(sources.text(at)));
        if (symbol.kind() == parse::Grammar::symbol_kind::S_YYEOF) return out;
    }
}

}  // namespace isolates::dump
