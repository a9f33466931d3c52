// SPDX-License-Identifier: GPL-2.0-only
#include "automata/pattern/vocabulary.hpp"

#include <algorithm>

namespace isolates::automata {

std::uint32_t Vocabulary::index_of(const ByteSet& set) {
    const auto [known, is_new] =
        set_index_.try_emplace(set, static_cast<std::uint32_t>(sets_.size()));
    if (is_new) sets_.push_back(set);
    return known->second;
}

Item Vocabulary::set(const ByteSet& set) {
    if (set.size() == 1) {
        Item only{};
        set.for_each([&](std::uint8_t value) { only = byte(value); });
        return only;
    }
    return {ItemKind::set, index_of(set)};
}

Item Vocabulary::loop(const ByteSet& set) {
    return {ItemKind::loop, index_of(set)};
}

Item Vocabulary::group(Group alternatives) {
    std::ranges::sort(alternatives);
    const auto repeated = std::ranges::unique(alternatives);
    alternatives.erase(repeated.begin(), repeated.end());
    const auto [known, is_new] = group_index_.try_emplace(
        std::move(alternatives), static_cast<std::uint32_t>(groups_.size()));
    if (is_new) groups_.push_back(&known->first);
    return {ItemKind::group, known->second};
}

void Vocabulary::append_loop(Sequence& sequence, Item item) const {
    if (!sequence.empty() && sequence.back().kind() == ItemKind::loop) {
        if (bytes(sequence.back()).includes(bytes(item))) return;
        if (bytes(item).includes(bytes(sequence.back()))) sequence.pop_back();
    }
    sequence.push_back(item);
}

void Vocabulary::append(Sequence& sequence, const Sequence& tail) const {
    for (const Item item : tail) append(sequence, item);
}

}  // namespace isolates::automata
