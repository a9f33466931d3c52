// SPDX-License-Identifier: GPL-2.0-only
#include "parse/parse.hpp"

#include "parse/grammar.hpp"
#include "parse/lexer.hpp"

namespace isolates::parse {

ast::Document parse(const std::string& name, const SearchPath& path, diag::Sources& sources,
                    diag::Report& report, const Files& files, const ExpandName& expand) {
    ast::Document document;
    Lexer lexer(sources, report, path, files);
    if (expand)
        lexer.set_expand([&](const ast::Text& include) { return expand(document, include); });
    if (!lexer.open(name)) return document;
    Nodes nodes;
    Grammar grammar(lexer, document, nodes);
    // A failure was reported, and the document holds what went before it.
    static_cast<void>(grammar.parse());
    return document;
}

}  // namespace isolates::parse
