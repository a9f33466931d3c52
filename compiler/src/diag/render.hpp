// SPDX-License-Identifier: GPL-2.0-only
// A report as text for people, and as JSON for programs.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "diag/report.hpp"
#include "diag/sources.hpp"

namespace isolates::diag {

// How many diagnostics are shown as text; of the others only the number is.
inline constexpr std::size_t shown_max = 50;

// A text without control characters: '?' stands for each. Names and messages quote what
// others wrote; none of it may command the terminal, or look like another line.
std::string printable(std::string_view text);

// Each diagnostic as
//
//   web.ipol:14:3: error: unknown rule 'capabilty'
//      14 |   capabilty net_bind_service,
//         |   ^~~~~~~~~
//         = hint: did you mean 'capability'?
//         = included from main.ipol:2:1
//
// in the order of the text, includes taken where they stand. Of very long lines only
// what is around the caret is shown.
std::string render(const Report& report, const Sources& sources, bool color);

// The same as an object:
//
//   {"errors": N, "warnings": N, "omitted": N,
//    "diagnostics": [{"severity": "error" or "warning", "message": TEXT, "hint": TEXT,
//                     PLACE, "included_from": [{PLACE}...],
//                     "notes": [{"message": TEXT, PLACE}...]}...]}
//
// where PLACE is "file", "line", "column", "end_line", "end_column" (what is behind the
// last character) and "source", the text of the line; of one of more than 4096 bytes only
// what is around the column, from "source_column" on. Lines and columns count from 1,
// columns in bytes. "omitted" is how many diagnostics were not kept; it, "hint",
// "included_from" and "notes" are there only if they say anything, a PLACE only if the
// diagnostic has one.
nlohmann::json to_json(const Report& report, const Sources& sources);

}  // namespace isolates::diag
