// SPDX-License-Identifier: GPL-2.0-only
#include "automata/compact/byte_classes.hpp"

#include <algorithm>

namespace isolates::automata {

void ByteClasses::refine(std::span<const Dfa::Edge> edges) {
    members_.clear();
    for (const Dfa::Edge& edge : edges)
        members_.push_back({of_[edge.byte], edge.target, edge.byte});
    std::ranges::sort(members_);
    for (auto first = members_.begin(); first != members_.end();) {
        const auto last = std::find_if(first, members_.end(), [&](const Member& member) {
            return member.of != first->of || member.target != first->target;
        });
        const auto size = static_cast<std::uint32_t>(last - first);
        // What is a class already needs no new one.
        if (size < sizes_[first->of]) {
            sizes_[first->of] -= size;
            sizes_[count_] = size;
            for (const Member& member : std::ranges::subrange(first, last))
                of_[member.byte] = count_;
            count_++;
        }
        first = last;
    }
}

std::array<std::uint8_t, 256> ByteClasses::map() const {
    std::array<std::uint32_t, 256> numbers;
    numbers.fill(kNone);
    std::array<std::uint8_t, 256> map{};
    std::uint32_t next = 0;
    for (std::size_t byte = 0; byte < 256; byte++) {
        std::uint32_t& number = numbers[of_[byte]];
        if (number == kNone) number = next++;
        map[byte] = static_cast<std::uint8_t>(number);
    }
    return map;
}

}  // namespace isolates::automata
