// SPDX-License-Identifier: GPL-2.0-only
// A set of byte values.
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstdint>

namespace isolates::automata {

class ByteSet {
  public:
    constexpr ByteSet() = default;

    static constexpr ByteSet range(unsigned first, unsigned last) {
        ByteSet set;
        for (unsigned byte = first; byte <= last; byte++) set.add(static_cast<std::uint8_t>(byte));
        return set;
    }
    static constexpr ByteSet all() { return ByteSet().complement(); }

    constexpr void add(std::uint8_t byte) { words_[byte / 64] |= bit(byte); }
    constexpr void remove(std::uint8_t byte) { words_[byte / 64] &= ~bit(byte); }
    [[nodiscard]] constexpr bool has(std::uint8_t byte) const {
        return (words_[byte / 64] & bit(byte)) != 0;
    }
    constexpr void add(const ByteSet& other) {
        for (std::size_t i = 0; i < words_.size(); i++) words_[i] |= other.words_[i];
    }
    [[nodiscard]] constexpr ByteSet complement() const {
        ByteSet set;
        for (std::size_t i = 0; i < words_.size(); i++) set.words_[i] = ~words_[i];
        return set;
    }
    [[nodiscard]] constexpr bool includes(const ByteSet& other) const {
        for (std::size_t i = 0; i < words_.size(); i++)
            if (other.words_[i] & ~words_[i]) return false;
        return true;
    }
    [[nodiscard]] constexpr unsigned size() const {
        unsigned size = 0;
        for (std::uint64_t word : words_) size += static_cast<unsigned>(std::popcount(word));
        return size;
    }
    // Whether all bytes that are no ASCII are in it, as in what leaves out a few: [^/].
    [[nodiscard]] constexpr bool has_upper_half() const { return !~(words_[2] & words_[3]); }
    [[nodiscard]] constexpr bool empty() const { return *this == ByteSet(); }

    // Call @visit for every byte in the set, ascending.
    template <typename Visitor>
    constexpr void for_each(Visitor visit) const {
        for (std::size_t i = 0; i < words_.size(); i++)
            for (std::uint64_t word = words_[i]; word; word &= word - 1)
                visit(static_cast<std::uint8_t>(i * 64 +
                                                static_cast<unsigned>(std::countr_zero(word))));
    }

    constexpr auto operator<=>(const ByteSet&) const = default;

  private:
    static constexpr std::uint64_t bit(std::uint8_t byte) {
        return std::uint64_t{1} << (byte % 64);
    }

    std::array<std::uint64_t, 4> words_{};
};

}  // namespace isolates::automata
