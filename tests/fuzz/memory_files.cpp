// SPDX-License-Identifier: GPL-2.0-only
#include "fuzz/memory_files.hpp"

#include <algorithm>
#include <filesystem>

namespace isolates::fuzz {
namespace {

constexpr std::string_view file_mark = "#### ";

}  // namespace

MemoryFiles::MemoryFiles(std::string_view input) {
    std::string* file = &files_["input.ipol"];
    while (!input.empty()) {
        const auto end = std::min(input.find('\n'), input.size() - 1) + 1;
        auto line = input.substr(0, end);
        input.remove_prefix(end);
        if (line.starts_with(file_mark) && line.ends_with('\n')) {
            line.remove_prefix(file_mark.size());
            line.remove_suffix(1);
            file = &files_[identity(std::string(line))];
        } else {
            file->append(line);
        }
    }
}

parse::Included MemoryFiles::look_up(const std::string& path) const {
    const auto name = identity(path);
    if (files_.contains(name)) return {true, {path}};
    // A folder is whatever has files below it.
    const auto prefix = name.ends_with('/') ? name : name + '/';
    parse::Included included;
    for (auto file = files_.lower_bound(prefix);
         file != files_.end() && file->first.starts_with(prefix); ++file)
        if (file->first.find('/', prefix.size()) == std::string::npos)
            included.files.push_back(file->first);
    included.found = !included.files.empty();
    return included;
}

std::expected<std::string, std::string> MemoryFiles::read(const std::string& path) const {
    const auto file = files_.find(identity(path));
    if (file == files_.end()) return std::unexpected("No such file or directory");
    return file->second;
}

std::string MemoryFiles::identity(const std::string& path) const {
    return std::filesystem::path(path).lexically_normal().string();
}

}  // namespace isolates::fuzz
