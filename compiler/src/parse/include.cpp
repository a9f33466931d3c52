// SPDX-License-Identifier: GPL-2.0-only
#include "parse/include.hpp"

#include <filesystem>

namespace isolates::parse {

namespace fs = std::filesystem;

Included find_on_path(const Files& files, const std::string& name, const SearchPath& path) {
    for (const auto& folder : path) {
        auto included = files.look_up(fs::path(folder) / name);
        if (included.found) return included;
    }
    return {};
}

Included find_beside(const Files& files, const std::string& name, const std::string& includer) {
    return files.look_up(fs::path(includer).parent_path() / name);
}

}  // namespace isolates::parse
