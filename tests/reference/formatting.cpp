// SPDX-License-Identifier: GPL-2.0-only
#include "reference/formatting.hpp"

#include <fmt/format.h>

#include <memory>
#include <utility>
#include <vector>

#include "format/format.hpp"
#include "format/scan.hpp"
#include "parse/lexer.hpp"
#include "parse/parse.hpp"

namespace isolates::reference {
namespace {

// Whatever is included is a folder, and empty.
class EmptyFolders final : public parse::Files {
  public:
    [[nodiscard]] parse::Included look_up(const std::string&) const override {
        return {true, {}, nullptr};
    }
    [[nodiscard]] std::unique_ptr<parse::File> open(const std::string& path) const override {
        return parse::disk().open(path);
    }
};

using Tokens = std::vector<std::pair<int, std::string>>;

// The formatter's own tokens, without the places.
Tokens own_tokens(std::string_view text) {
    diag::Report report;
    Tokens result;
    if (const auto tokens = format::scan(text, 0, report))
        for (const auto& token : *tokens)
            result.emplace_back(static_cast<int>(token.kind), token.text);
    return result;
}

// The parser's tokens, of which the formatter knows nothing. Empty if the text has an
// error: how the parser recovers depends on what stands in which line.
Tokens parser_tokens(std::string_view text) {
    const EmptyFolders files;
    // A name that was added is found there.
    diag::Sources sources;
    diag::Report report;
    sources.add("f", std::string(text));
    const parse::SearchPath path = {"."};
    const auto expand = [](const ast::Document&, const ast::Text&) {
        return std::optional(std::vector<std::string>());
    };
    static_cast<void>(parse::parse("f", path, sources, report, files, expand));
    if (report.errors()) return {};
    Tokens result;
    parse::Lexer lexer(sources, report, path, files);
    lexer.set_expand([](const ast::Text&) { return std::optional(std::vector<std::string>()); });
    if (!lexer.open("f")) return {};
    for (;;) {
        const auto symbol = lexer.next();
        auto spelling = std::string(sources.text(symbol.location));
        // A key's span takes in the white space before its equals sign, a priority's that
        // behind it, too.
        if (spelling.ends_with('=') || symbol.kind() == parse::Grammar::symbol_kind::S_PRIORITY)
            std::erase_if(spelling, [](char c) { return c == ' ' || c == '\t' || c == '\r'; });
        result.emplace_back(static_cast<int>(symbol.kind()), std::move(spelling));
        if (symbol.kind() == parse::Grammar::symbol_kind::S_YYEOF) return result;
    }
}

// For a report of results by lines, in which "ok" at the beginning of one is a result.
std::string indented(std::string_view text) {
    std::string result = "  ";
    for (const char c : text) {
        result += c;
        if (c == '\n') result += "  ";
    }
    return result + '\n';
}

std::string fault_of(std::string_view text, const std::string& once) {
    diag::Report report;
    if (own_tokens(once) != own_tokens(text)) return "other tokens";
    if (format::formatted(once, 0, report) != once) return "it changes again";
    const auto before = parser_tokens(text);
    if (!before.empty() && parser_tokens(once) != before) return "other tokens to the parser";
    if (once.find("\n\n\n") != std::string::npos) return "two empty lines";
    if (once.starts_with('\n')) return "an empty line at the head";
    if (!once.empty() && !once.ends_with('\n')) return "no end of the last line";
    return {};
}

}  // namespace

std::string check_formatting(std::string_view text) {
    diag::Report report;
    const auto once = format::formatted(text, 0, report);
    if (once.has_value() != (report.errors() == 0)) return "no result, and no error, or both";
    if (!once) return {};
    const auto fault = fault_of(text, *once);
    if (fault.empty()) return {};
    return fmt::format("{}, of the text:\n{}formatted:\n{}", fault, indented(text),
                       indented(*once));
}

}  // namespace isolates::reference
