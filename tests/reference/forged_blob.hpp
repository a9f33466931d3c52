// SPDX-License-Identifier: GPL-2.0-only
// Blobs whose bytes were changed, for the tests of the verifier.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core.hpp"

namespace isolates::reference {

using Bytes = std::vector<std::byte>;

// A blob in memory that ends where it ends; new gives the alignment.
class Exact {
  public:
    explicit Exact(std::span<const std::byte> bytes)
        : memory_(std::make_unique<std::byte[]>(std::max<std::size_t>(bytes.size(), 1))),
          size_(bytes.size()) {
        std::ranges::copy(bytes, memory_.get());
    }
    [[nodiscard]] const std::byte* data() const { return memory_.get(); }
    [[nodiscard]] std::size_t size() const { return size_; }

  private:
    std::unique_ptr<std::byte[]> memory_;
    std::size_t size_;
};

struct Outcome {
    int error = 0;
    std::string reason;
    std::uint32_t section = 0;
};

inline Outcome verify(std::span<const std::byte> bytes, isolates_view* view = nullptr) {
    const Exact exact(bytes);
    isolates_view own{};
    isolates_refusal refusal{};
    const int error = isolates_verify(exact.data(), exact.size(), view ? view : &own, &refusal);
    return {error, error ? refusal.reason : "", refusal.section};
}

inline void put_checksum(Bytes& bytes) {
    if (bytes.size() < sizeof(isolates_header)) return;
    const std::uint32_t checksum = isolates_checksum(bytes.data(), bytes.size());
    std::memcpy(&bytes[offsetof(isolates_header, checksum)], &checksum, sizeof(checksum));
}

}  // namespace isolates::reference
