// SPDX-License-Identifier: GPL-2.0-only
// ipolc.toml: what the command line would otherwise have to repeat.
//
//   include = ["/etc/ipolc"]     # folders for include <name>; these are beside the file
//   color = "auto"               # or "always", "never"
//
//   [define]                     # as -D does
//   WWW = ["/srv/www", "/srv/static"]
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "diag/report.hpp"
#include "diag/sources.hpp"
#include "parse/include.hpp"
#include "sema/variables.hpp"

namespace isolates::config {

enum class Color { automatic, always, never };

struct Config {
    parse::SearchPath include_path{"/etc/ipolc"};
    std::vector<sema::Definition> definitions;
    Color color = Color::automatic;
};

// The file to read if the command line names none: ./ipolc.toml, or else
// /etc/ipolc/ipolc.toml; nothing if neither is there.
std::optional<std::string> find();

// Reads a file. What is wrong with it goes to the report, unknown keys included.
Config read(const std::string& file, diag::Sources& sources, diag::Report& report);

}  // namespace isolates::config
