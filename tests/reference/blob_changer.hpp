// SPDX-License-Identifier: GPL-2.0-only
// Blobs that nobody compiled. Bytes changed by chance rarely get past the first range
// that has to be where it belongs; here what follows from the rest is put right again.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <span>

#include "emit/sections.hpp"
#include "reference/forged_blob.hpp"

namespace isolates::reference {

// The sections of a blob by its header's counts, whatever is in them; nothing if they
// are not as long as it is.
[[nodiscard]] std::optional<emit::Sections> sections_of(std::span<const std::byte> bytes);

// Makes all ranges and strings tile their sections, and all references lead somewhere:
// what has no owner is gone, what is missing shortens its range. What a single field may
// hold otherwise is left as it is, and so is all that is to be in some order.
void mend(emit::Sections& sections);

// Changes blobs by chance; the same seed makes the same changes.
class BlobChanger {
  public:
    explicit BlobChanger(std::uint64_t seed) : random_(seed) {}

    // @bytes with one to three changes: a word of some element is another one, an
    // element is gone or there twice, a byte is another one. Mended, but for one in
    // four; the checksum is right. Bytes that have no sections stay as they are.
    Bytes changed(std::span<const std::byte> bytes);

  private:
    std::size_t below(std::size_t bound) { return random_() % bound; }
    std::uint32_t word(std::uint32_t old);
    void change(emit::Sections& sections);

    std::mt19937_64 random_;
};

}  // namespace isolates::reference
