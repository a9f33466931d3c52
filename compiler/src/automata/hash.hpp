// SPDX-License-Identifier: GPL-2.0-only
// Hash-consing: an open-addressing table from contents to numbers. The contents
// stay with their owner, who tells by a function whether two are equal; here are
// eight bytes for each. The hash is kept too, so that growing touches nothing
// else, and contents are compared only if they are equal almost for sure.
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
    // The number whose contents hash to @hash and satisfy @equal(number). If there
    // is none, @make() is to create one; its number is entered and returned.
    template <typename Equal, typename Make>
    std::uint32_t find_or_make(std::uint64_t hash, Equal equal, Make make) {
        if (count_ == count_max_) grow();
        const auto tag = static_cast<std::uint32_t>(hash);
        std::size_t at = tag & mask_;
        for (; slots_[at].number != kEmpty; at = (at + 1) & mask_)
            if (slots_[at].tag == tag && equal(slots_[at].number)) return slots_[at].number;
        const std::uint32_t number = make();
        slots_[at] = {tag, number};
        count_++;
        return number;
    }

  private:
    static constexpr std::uint32_t kEmpty = 0xffffffff;

    struct Slot {
        std::uint32_t tag;
        std::uint32_t number;
    };

    void grow() {
        std::vector<Slot> old(slots_.empty() ? 64 : slots_.size() * 2, {0, kEmpty});
        old.swap(slots_);
        mask_ = slots_.size() - 1;
        count_max_ = slots_.size() / 4 * 3;
        for (const Slot& slot : old) {
            if (slot.number == kEmpty) continue;
            std::size_t at = slot.tag & mask_;
            while (slots_[at].number != kEmpty) at = (at + 1) & mask_;
            slots_[at] = slot;
        }
    }

    std::vector<Slot> slots_;
    std::size_t mask_ = 0;
    std::size_t count_ = 0;
    std::size_t count_max_ = 0;  // before it grows
};

}  // namespace isolates::automata
