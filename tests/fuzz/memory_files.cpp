// SPDX-License-Identifier: GPL-2.0-only
#include "fuzz/memory_files.hpp"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <utility>

namespace isolates::fuzz {
namespace {

constexpr std::string_view file_mark = "#### ";

std::string normal(const std::string& path) {
    return std::filesystem::path(path).lexically_normal().string();
}

class MemoryFile final : public parse::File {
  public:
    // Without a text it cannot be read.
    MemoryFile(const std::string& name, const std::string* text)
        : identity_{0, std::hash<std::string>{}(name)}, text_(text) {}

    [[nodiscard]] std::optional<parse::FileIdentity> identity() const override { return identity_; }
    [[nodiscard]] std::expected<std::string, std::string> read() const override {
        if (!text_) return std::unexpected("No such file or directory");
        return *text_;
    }

  private:
    parse::FileIdentity identity_;
    const std::string* text_;
};

}  // namespace

MemoryFiles::MemoryFiles(std::string_view input) {
    std::string name = "input.ipol";
    std::map<std::string, std::uint32_t> counts;
    files_[name];
    while (!input.empty()) {
        const auto end = std::min(input.find('\n'), input.size() - 1) + 1;
        auto line = input.substr(0, end);
        input.remove_prefix(end);
        const std::string whole(line);
        if (line.starts_with(file_mark) && line.ends_with('\n')) {
            line.remove_prefix(file_mark.size());
            line.remove_suffix(1);
            name = normal(std::string(line));
            files_[name];
            lines_.push_back({{name, 0}, whole});
        } else {
            files_[name].append(line);
            lines_.push_back({{name, ++counts[name]}, whole});
        }
    }
}

parse::Included MemoryFiles::look_up(const std::string& path) const {
    const auto name = normal(path);
    if (files_.contains(name)) return {true, {path}, open(path)};
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

std::unique_ptr<parse::File> MemoryFiles::open(const std::string& path) const {
    const auto name = normal(path);
    const auto file = files_.find(name);
    return std::make_unique<MemoryFile>(name, file == files_.end() ? nullptr : &file->second);
}

void MemoryFiles::replace(const std::string& path, std::string text) {
    files_[normal(path)] = std::move(text);
}

}  // namespace isolates::fuzz
