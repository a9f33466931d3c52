// SPDX-License-Identifier: GPL-2.0-only
// Several blobs as one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "decide/decide.hpp"

namespace isolates::merge {

// One policy of a blob that outlives this.
struct Part {
    const decide::Blob* blob = nullptr;
    std::uint32_t policy = 0;  // index into the blob's policies
};

// All policies of a blob.
std::vector<Part> parts_of(const decide::Blob& blob);

// One blob with all these policies. The kernel publishes a blob whole, so they come
// into force together or not at all. On failure a reason: two have one name, or
// together they exceed what a blob may hold.
//
// Nothing is compiled again: the policies' parts are copied, and their references
// moved. The order of the parts does not matter, as a blob sorts its policies. Their
// sources come along, each text once, unless @strip leaves them out, and with them
// where the rules stand.
std::expected<std::vector<std::byte>, std::string> merge(std::vector<Part> parts,
                                                         bool strip = false);

}  // namespace isolates::merge
