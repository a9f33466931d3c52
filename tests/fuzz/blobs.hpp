// SPDX-License-Identifier: GPL-2.0-only
// Inputs that are blobs.
#pragma once

#include <cstddef>
#include <cstdint>

#include "reference/forged_blob.hpp"

namespace isolates::fuzz {

// The input with a header that fits: chance does not find a checksum, nor often a size.
reference::Bytes as_blob(const std::uint8_t* data, std::size_t size);

// What a custom mutator does to a blob: most of the time what has a chance to be taken.
std::size_t change_blob(std::uint8_t* data, std::size_t size, std::size_t size_max, unsigned seed);

// What a custom cross-over does: policies of both blobs.
std::size_t cross_blobs(const std::uint8_t* data1, std::size_t size1, const std::uint8_t* data2,
                        std::size_t size2, std::uint8_t* out, std::size_t size_max, unsigned seed);

}  // namespace isolates::fuzz
