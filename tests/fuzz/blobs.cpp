// SPDX-License-Identifier: GPL-2.0-only
#include "fuzz/blobs.hpp"

#include <cstring>
#include <utility>
#include <vector>

#include "decide/decide.hpp"
#include "merge/merge.hpp"
#include "reference/blob_changer.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t size_max);

namespace isolates::fuzz {

using reference::Bytes;

namespace {

std::size_t give(const Bytes& bytes, std::uint8_t* data) {
    std::memcpy(data, bytes.data(), bytes.size());
    return bytes.size();
}

}  // namespace

Bytes as_blob(const std::uint8_t* data, std::size_t size) {
    Bytes bytes(size);
    if (size) std::memcpy(bytes.data(), data, size);
    if (size >= sizeof(isolates_header)) {
        const auto length = static_cast<std::uint32_t>(size);
        std::memcpy(bytes.data(), ISOLATES_BLOB_MAGIC, sizeof(isolates_header::magic));
        std::memcpy(&bytes[offsetof(isolates_header, size)], &length, sizeof(length));
        reference::put_checksum(bytes);
    }
    return bytes;
}

std::size_t change_blob(std::uint8_t* data, std::size_t size, std::size_t size_max, unsigned seed) {
    if (seed % 4 == 0) return LLVMFuzzerMutate(data, size, size_max);
    reference::BlobChanger changer(seed);
    const auto changed = changer.changed(as_blob(data, size));
    return changed.size() <= size_max ? give(changed, data) : size;
}

std::size_t cross_blobs(const std::uint8_t* data1, std::size_t size1, const std::uint8_t* data2,
                        std::size_t size2, std::uint8_t* out, std::size_t size_max, unsigned seed) {
    const auto one = decide::Blob::load(as_blob(data1, size1));
    const auto other = decide::Blob::load(as_blob(data2, size2));
    if (!one || !other) return 0;
    std::vector<merge::Part> parts;
    for (const auto* const blob : {&*one, &*other})
        for (const auto& part : merge::parts_of(*blob)) {
            if (seed & 1) parts.push_back(part);
            seed = seed >> 1 | seed << 31;
        }
    const auto merged = merge::merge(std::move(parts), seed & 1);
    return merged && merged->size() <= size_max ? give(*merged, out) : 0;
}

}  // namespace isolates::fuzz
