// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "diag/report.hpp"
#include "diag/sources.hpp"
#include "parse/ast/document.hpp"
#include "parse/include.hpp"

namespace isolates::parse {

// Expands the variables in the name of an include by what the document has so far: to
// nothing on an error, which is reported.
using ExpandName = std::function<std::optional<std::vector<std::string>>(
    const ast::Document& document, const ast::Text& name)>;

// Reads one file of the command line with all that it includes. What is wrong goes
// to the report, file by file and rule by rule; the document holds what is right.
//
// Takes time linear in the text, and memory for it and its rules; neither blocks
// nor includes nest without a limit (see Lexer).
ast::Document parse(const std::string& name, const SearchPath& path, diag::Sources& sources,
                    diag::Report& report, const Files& files = disk(),
                    const ExpandName& expand = {});

}  // namespace isolates::parse
