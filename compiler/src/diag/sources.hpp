// SPDX-License-Identifier: GPL-2.0-only
// The text that is being compiled, and how it was reached.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "diag/span.hpp"

namespace isolates::diag {

class Sources {
  public:
    static constexpr std::uint32_t lines_apart = 256;

    struct File {
        std::string name;
        std::string text;
        // Where every lines_apart-th line begins. Of a text with nothing wrong nobody asks.
        mutable std::vector<std::size_t> milestones;
    };

    // The index of the file of that name, if it was added.
    [[nodiscard]] std::optional<std::uint32_t> find(const std::string& name) const;

    // Adds a file that find() does not know; returns its index.
    std::uint32_t add(std::string name, std::string text);

    // Notes that a file is read once more; returns the number that spans in it
    // carry. "from" is the include rule, nothing for a file of the command line.
    std::uint32_t include(std::uint32_t file, std::optional<Span> from);

    [[nodiscard]] const File& file(std::uint32_t index) const { return files_[index]; }
    [[nodiscard]] std::size_t file_count() const { return files_.size(); }
    [[nodiscard]] std::size_t inclusion_count() const { return inclusions_.size(); }

    // The file that a span is of.
    [[nodiscard]] std::uint32_t file_of(std::uint32_t inclusion) const {
        return inclusions_[inclusion].file;
    }
    [[nodiscard]] const std::string& name_of(const Span& span) const {
        return files_[file_of(span.inclusion)].name;
    }

    // The empty span at a place of a file, as if on the way by which the file was
    // reached first.
    [[nodiscard]] Span span_at(std::uint32_t file, Position position) const;

    // The include rules on the way to a span, the innermost one first.
    [[nodiscard]] std::vector<Span> trail(const Span& span) const;

    // A line's text without its end; empty if there is no such line.
    [[nodiscard]] std::string_view line(std::uint32_t file, std::uint32_t number) const;

    // The text of a span, without what is behind its first line.
    [[nodiscard]] std::string_view text(const Span& span) const;

  private:
    struct Inclusion {
        std::uint32_t file;
        std::optional<Span> from;
    };

    std::deque<File> files_;  // a deque: references into it last
    std::map<std::string, std::uint32_t> by_name_;
    std::vector<Inclusion> inclusions_;
};

}  // namespace isolates::diag
