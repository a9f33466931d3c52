// SPDX-License-Identifier: GPL-2.0-only
// The words that begin a rule.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "parse/grammar.hpp"

namespace isolates::parse {

// The token of a rule's first word: a keyword's own, UNENFORCED, or nothing if no
// rule begins with it.
std::optional<Grammar::token_kind_type> keyword(std::string_view word);

// A word that begins a rule, or a path, and is no element of a list: at the beginning
// of a line it says that the list was left open.
bool begins_no_item(std::string_view word);

// All such words, for suggestions: those of a policy's rules, or those of a file.
std::span<const std::string_view> rule_keywords();
std::span<const std::string_view> file_keywords();

// What to call the rules that begin with a keyword which is UNENFORCED.
std::string_view unenforced_rules(std::string_view word);

// The letters that file permissions are made of, those we refuse included.
bool are_letters(std::string_view word);

}  // namespace isolates::parse
