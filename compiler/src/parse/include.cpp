// SPDX-License-Identifier: GPL-2.0-only
#include "parse/include.hpp"

namespace isolates::parse {
namespace {

// The folder that a path names a file in; none, if it is the one we are in.
std::string_view folder_of(std::string_view path) {
    const auto slash = path.rfind('/');
    if (slash == path.npos) return {};
    const auto last = path.find_last_not_of('/', slash);
    return path.substr(0, last == path.npos ? 1 : last + 1);
}

}  // namespace

std::string in_folder(std::string_view folder, std::string_view name) {
    if (folder.empty() || name.starts_with('/')) return std::string(name);
    std::string path;
    path.reserve(folder.size() + 1 + name.size());
    path += folder;
    if (!folder.ends_with('/')) path += '/';
    return path += name;
}

Included find_on_path(const Files& files, const std::string& name, const SearchPath& path) {
    for (const auto& folder : path) {
        auto included = files.look_up(in_folder(folder, name));
        if (included.found) return included;
    }
    return {};
}

Included find_beside(const Files& files, const std::string& name, const std::string& includer) {
    return files.look_up(in_folder(folder_of(includer), name));
}

}  // namespace isolates::parse
