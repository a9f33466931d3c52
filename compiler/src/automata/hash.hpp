// SPDX-License-Identifier: GPL-2.0-only
// Hash-consing: an open-addressing table from contents to numbers. The contents
// stay with their owner, who tells by a function whether two are equal, so that
// millions of states cost four bytes each here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace isolates::automata {

// Mixes one more word into a hash: the finaliser of MurmurHash3 (Austin Appleby,
// public domain) around a multiply-add.
[[nodiscard]] inline std::uint64_t hash_mix(std::uint64_t hash, std::uint64_t word) {
    hash = (hash ^ word) * 0xff51afd7ed558ccdull;
    return hash ^ (hash >> 32);
}

class HashIndex {
  public:
    static constexpr std::uint32_t kNone = 0xffffffff;

    // The number whose contents hash to @hash and satisfy @equal(number). If there
    // is none, @make() is to create one; its number is entered and returned.
    // @rehash(number) tells the hash of any number entered before.
    template <typename Equal, typename Make, typename Rehash>
    std::uint32_t find_or_make(std::uint64_t hash, Equal equal, Make make, Rehash rehash) {
        if ((count_ + 1) * 4 > slots_.size() * 3) grow(rehash);
        const std::size_t mask = slots_.size() - 1;
        std::size_t at = hash & mask;
        for (; slots_[at] != kNone; at = (at + 1) & mask)
            if (equal(slots_[at])) return slots_[at];
        const std::uint32_t number = make();
        slots_[at] = number;
        count_++;
        return number;
    }

  private:
    template <typename Rehash>
    void grow(Rehash rehash) {
        std::vector<std::uint32_t> old(slots_.empty() ? 64 : slots_.size() * 2, kNone);
        old.swap(slots_);
        const std::size_t mask = slots_.size() - 1;
        for (const std::uint32_t number : old) {
            if (number == kNone) continue;
            std::size_t at = rehash(number) & mask;
            while (slots_[at] != kNone) at = (at + 1) & mask;
            slots_[at] = number;
        }
    }

    std::vector<std::uint32_t> slots_;
    std::size_t count_ = 0;
};

}  // namespace isolates::automata
