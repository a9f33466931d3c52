// SPDX-License-Identifier: GPL-2.0-only
// What an include rule names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "parse/files.hpp"

namespace isolates::parse {

// Folders in which "include <name>" is looked up, the first one first.
using SearchPath = std::vector<std::string>;

// The path of a name in a folder, or of the name alone if it needs none.
std::string in_folder(std::string_view folder, std::string_view name);

// "include <name>": searched for along the path.
Included find_on_path(const Files& files, const std::string& name, const SearchPath& path);

// "include "name"": relative to the folder of the file that the rule stands in.
Included find_beside(const Files& files, const std::string& name, const std::string& includer);

}  // namespace isolates::parse
