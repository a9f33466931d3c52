// SPDX-License-Identifier: GPL-2.0-only
// A policy's text as tokens of which none is left out: comments and line ends are among
// them. It knows the shape of rules, not their meaning, and follows no include: rules
// that the parser does not take (yet) have tokens all the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "diag/report.hpp"
#include "diag/span.hpp"

namespace isolates::format {

enum class Kind {
    word,          // or a quoted string; words may stand side by side without a gap
    key,           // "NAME =": the text is NAME alone
    assign,        // = += ?= := behind a variable
    comma,         // ends a rule
    separator,     // a comma in a list
    open,          // { of a block
    close,         // }
    left,          // ( of a list
    right,         // )
    continuation,  // a backslash that ends the line, within a rule
    comment,       // without its line's end
    end,           // of an assignment or an include, which no comma ends; has no text
};

struct Token {
    Kind kind;
    std::string_view text;
    diag::Position at;
    bool begins_rule;         // no token of its rule goes before it
    bool gap;                 // white space or a line's end goes before it
    std::uint32_t line_ends;  // between it and the token before it
};

// How deep blocks may nest, and lists: no deeper than the parser lets them.
inline constexpr std::size_t depth_max = 64;

// The tokens of a text; their texts are views of it. Nothing, and an error in the
// report, if a string, a list or a block is not closed, if something is closed that was
// not opened, if they nest too deep, or if there is a NUL byte. "inclusion" is what the
// errors' spans carry.
std::optional<std::vector<Token>> scan(std::string_view text, std::uint32_t inclusion,
                                       diag::Report& report);

}  // namespace isolates::format
