// SPDX-License-Identifier: GPL-2.0-only
// What the kernel tells of decisions (lsm/event.c): one line, made of "key=value" pairs.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace isolates::kernel {

class Event {
  public:
    // Of a line without its newline; nothing if it is malformed.
    static std::optional<Event> parse(std::string_view line);

    // A value without its quotes and escapes; empty if there is none of that key.
    [[nodiscard]] std::string_view operator[](std::string_view key) const;
    [[nodiscard]] bool has(std::string_view key) const;

    // The same as a number; 0 if it is none.
    [[nodiscard]] unsigned long long number(std::string_view key) const;

    // All of them, as the kernel has ordered them.
    [[nodiscard]] const auto& pairs() const { return pairs_; }

  private:
    std::vector<std::pair<std::string, std::string>> pairs_;
};

}  // namespace isolates::kernel
