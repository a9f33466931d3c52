// SPDX-License-Identifier: GPL-2.0-only
#include "parse/include.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>

namespace isolates::parse {
namespace {

namespace fs = std::filesystem;

// The names that AppArmor's parser passes over in a folder.
bool is_left_behind(std::string_view name) {
    static constexpr std::array<std::string_view, 13> endings = {
        "~",         ".rpmnew",   ".rpmsave",  ".orig",        ".rej",     ".swp",   ".dpkg-dist",
        ".dpkg-new", ".dpkg-old", ".dpkg-bak", ".dpkg-remove", ".pacsave", ".pacnew"};
    if (name.starts_with('.') || name == "README") return true;
    return std::ranges::any_of(endings, [&](auto ending) { return name.ends_with(ending); });
}

Included at(const fs::path& path) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
        if (!fs::exists(path, error)) return {};
        return {true, {path.string()}};
    }
    Included included{true, {}};
    for (fs::directory_iterator entry(path, error), end; !error && entry != end;
         entry.increment(error)) {
        std::error_code no_status;
        if (entry->is_regular_file(no_status) && !is_left_behind(entry->path().filename().string()))
            included.files.push_back(entry->path().string());
    }
    std::ranges::sort(included.files);
    return included;
}

}  // namespace

Included find_on_path(const std::string& name, const SearchPath& path) {
    for (const auto& folder : path) {
        auto included = at(fs::path(folder) / name);
        if (included.found) return included;
    }
    return {};
}

Included find_beside(const std::string& name, const std::string& includer) {
    return at(fs::path(includer).parent_path() / name);
}

}  // namespace isolates::parse
