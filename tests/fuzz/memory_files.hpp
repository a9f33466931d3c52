// SPDX-License-Identifier: GPL-2.0-only
// A file system that is one fuzzer's input: nothing outside of it can be read.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "parse/files.hpp"

namespace isolates::fuzz {

// The input's lines "#### NAME" begin a file of that name each; what is before the first
// one is the file "input.ipol".
class MemoryFiles final : public parse::Files {
  public:
    explicit MemoryFiles(std::string_view input);

    // All lines of the input, each with its file and its number there. A line that begins a
    // file is the file's line 0.
    using Line = std::pair<std::pair<std::string, std::uint32_t>, std::string>;
    [[nodiscard]] const std::vector<Line>& lines() const { return lines_; }

    // A file as if its text were another one.
    void replace(const std::string& path, std::string text);

    [[nodiscard]] parse::Included look_up(const std::string& path) const override;
    [[nodiscard]] std::unique_ptr<parse::File> open(const std::string& path) const override;

  private:
    std::map<std::string, std::string> files_;
    std::vector<Line> lines_;
};

}  // namespace isolates::fuzz
