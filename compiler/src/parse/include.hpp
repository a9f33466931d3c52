// SPDX-License-Identifier: GPL-2.0-only
// What an include rule names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace isolates::parse {

// Folders in which "include <name>" is looked up, the first one first.
using SearchPath = std::vector<std::string>;

struct Included {
    bool found = false;
    // The file; or for a folder all files in it, by name, but those that editors
    // and package managers leave behind.
    std::vector<std::string> files;
};

// "include <name>": searched for along the path.
Included find_on_path(const std::string& name, const SearchPath& path);

// "include "name"": relative to the folder of the file that the rule stands in.
Included find_beside(const std::string& name, const std::string& includer);

}  // namespace isolates::parse
