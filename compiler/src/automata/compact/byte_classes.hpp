// SPDX-License-Identifier: GPL-2.0-only
// Which bytes no dense state tells apart.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "automata/dfa/dfa.hpp"

namespace isolates::automata {

class ByteClasses {
  public:
    // Tell bytes apart that @edges, those of one state, tell apart.
    void refine(std::span<const Dfa::Edge> edges);

    [[nodiscard]] std::uint32_t count() const { return count_; }

    // The class of each byte, numbered by their first bytes.
    [[nodiscard]] std::array<std::uint8_t, 256> map() const;

  private:
    struct Member {
        std::uint32_t of;
        StateId target;
        std::uint8_t byte;

        auto operator<=>(const Member&) const = default;
    };

    std::array<std::uint32_t, 256> of_{};
    std::array<std::uint32_t, 256> sizes_ = {256};
    std::uint32_t count_ = 1;
    std::vector<Member> members_;
};

}  // namespace isolates::automata
