// SPDX-License-Identifier: GPL-2.0-only
// What the stages of the compiler hand on, as text to read: for its developers, and for
// who asks why a policy does what it does. The same data always gives the same text,
// which is as long as the data is large.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "automata/dfa/dfa.hpp"
#include "automata/label/label.hpp"
#include "automata/nfa/nfa.hpp"
#include "decide/decide.hpp"
#include "diag/report.hpp"
#include "diag/sources.hpp"
#include "parse/ast/document.hpp"
#include "parse/include.hpp"
#include "sema/model.hpp"

namespace isolates::dump {

// A text, or a graph in the language of Graphviz.
enum class Form { text, dot };

// The tokens of a file and of what it includes, one a line: place, kind, text. What is
// wrong goes to the report. No more is read once the lexer gives up.
std::string tokens(const std::string& file, const parse::SearchPath& path, diag::Sources& sources,
                   diag::Report& report);

// What the parser made of a file: rule by rule, blocks indented, each with its place. In a
// file that includes others the places are those of the files that the rules stand in.
std::string syntax(const ast::Document& document);

// What the policies mean: names resolved, variables expanded, masks and kinds by their
// numbers in lsm/core/blob.h.
std::string program(const model::Program& program);

// Node by node: its edges, its loop, the nodes that are entered along with it, and what
// it accepts. "name" is the graph's.
std::string nfa(const automata::Nfa& nfa, const automata::Labels& labels, std::string_view name,
                Form form);

// State by state: its edges, bytes with the same target together.
std::string dfa(const automata::Dfa& dfa, const automata::Labels& labels, std::string_view name,
                Form form);

// Section by section, as lsm/core/blob.h has them; automata state by state.
std::string blob(const decide::Blob& blob);

// --- For the dumps of several stages. ---

// One byte: 'a', or 0x1f.
std::string byte(std::uint8_t byte);

// Bytes as ranges: "a-z / 0x00".
std::string bytes(const automata::ByteSet& set);

// A label's masks: "allow 0x3 deny 0x0/0x1" with what is the owner's behind the slash if
// it is something else; "-" of none.
std::string label(const automata::Label& label);

// A text in the double quotes of Graphviz.
std::string quoted(std::string_view text);

}  // namespace isolates::dump
