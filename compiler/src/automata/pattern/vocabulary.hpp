// SPDX-License-Identifier: GPL-2.0-only
// The alphabet of patterns: a pattern is a sequence of items, and each item is
// one number, so that patterns are compared, sorted and shared like strings.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <type_traits>
#include <vector>

#include "automata/byte_set.hpp"

namespace isolates::automata {

enum class ItemKind : std::uint32_t {
    byte,   // this byte
    set,    // one byte of a set
    loop,   // any number of bytes of a set, none too
    group,  // one of several sequences
};

// The kind, and the byte or the index in the vocabulary, in one number. Trivial, as are the
// other things that automata have thousands of, so that vectors copy them at once.
class Item {
  public:
    Item() = default;
    constexpr Item(ItemKind kind, std::uint32_t value)
        : code_(static_cast<std::uint32_t>(kind) << 30 | value) {}

    [[nodiscard]] constexpr ItemKind kind() const { return static_cast<ItemKind>(code_ >> 30); }
    [[nodiscard]] constexpr std::uint32_t value() const { return code_ & 0x3fffffff; }
    [[nodiscard]] constexpr std::uint32_t code() const { return code_; }
    constexpr auto operator<=>(const Item&) const = default;

  private:
    std::uint32_t code_;
};
static_assert(std::is_trivial_v<Item>);

using Sequence = std::vector<Item>;

// Alternatives, sorted and each once.
using Group = std::vector<Sequence>;

// The sets and groups that the patterns of one policy use, each once.
class Vocabulary {
  public:
    Vocabulary() = default;
    Vocabulary(Vocabulary&&) = default;
    Vocabulary& operator=(Vocabulary&&) = default;

    [[nodiscard]] static Item byte(std::uint8_t byte) { return {ItemKind::byte, byte}; }
    [[nodiscard]] Item set(const ByteSet& set);
    [[nodiscard]] Item loop(const ByteSet& set);
    [[nodiscard]] Item group(Group alternatives);

    [[nodiscard]] const ByteSet& bytes(Item item) const { return sets_[item.value()]; }
    [[nodiscard]] const Group& alternatives(Item item) const { return *groups_[item.value()]; }

    // Append @item to @sequence. Of two loops in a row where one set includes the
    // other, only the larger has an effect.
    void append(Sequence& sequence, Item item) const {
        if (item.kind() == ItemKind::loop)
            append_loop(sequence, item);
        else
            sequence.push_back(item);
    }
    void append(Sequence& sequence, const Sequence& tail) const;

  private:
    std::uint32_t index_of(const ByteSet& set);
    void append_loop(Sequence& sequence, Item item) const;

    std::vector<ByteSet> sets_;
    std::map<ByteSet, std::uint32_t> set_index_;
    std::map<Group, std::uint32_t> group_index_;
    std::vector<const Group*> groups_;  // the keys of the index
};

}  // namespace isolates::automata
