// SPDX-License-Identifier: GPL-2.0-only
// A file system that is one fuzzer's input: nothing outside of it can be read.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "parse/files.hpp"

namespace isolates::fuzz {

// The input's lines "#### NAME" begin a file of that name each; what is before the first
// one is the file "input.ipol".
class MemoryFiles final : public parse::Files {
  public:
    explicit MemoryFiles(std::string_view input);

    // A file as if its text were another one.
    void replace(const std::string& path, std::string text);

    [[nodiscard]] parse::Included look_up(const std::string& path) const override;
    [[nodiscard]] std::unique_ptr<parse::File> open(const std::string& path) const override;

  private:
    std::map<std::string, std::string> files_;
};

}  // namespace isolates::fuzz
