// SPDX-License-Identifier: GPL-2.0-only
#include "emit/sections.hpp"

#include <bit>
#include <cstring>
#include <span>

namespace isolates::emit {

static_assert(std::endian::native == std::endian::little,
              "blobs are little endian, and are written as they lie in memory");

namespace {

std::size_t padded(std::size_t size) {
    return (size + 7) / 8 * 8;
}

}  // namespace

isolates_string Sections::add_string(std::string_view text) {
    const isolates_string string = {count_of(strings), static_cast<std::uint32_t>(text.size())};
    strings.insert(strings.end(), text.begin(), text.end());
    strings.push_back('\0');
    return string;
}

std::optional<std::vector<std::byte>> Sections::serialise() const {
    isolates_header header{};
    std::vector<std::span<const std::byte>> parts;
    std::size_t size = sizeof(header);
    const auto add = [&](const auto& section) {
        header.count[parts.size()] = count_of(section);
        parts.push_back(std::as_bytes(std::span(section)));
        size += padded(parts.back().size());
    };
    add(policies);
    add(automata);
    add(states);
    add(edges);
    add(byte_classes);
    add(perms);
    add(errors);
    add(transitions);
    add(syscalls);
    add(arguments);
    add(rlimits);
    add(bindings);
    add(rule_refs);
    add(rules);
    add(sources);
    add(strings);
    if (size > ISOLATES_BLOB_SIZE_MAX) return std::nullopt;

    std::memcpy(header.magic, ISOLATES_BLOB_MAGIC, sizeof(header.magic));
    header.version = ISOLATES_BLOB_VERSION;
    header.size = static_cast<std::uint32_t>(size);
    std::vector<std::byte> blob;
    blob.reserve(size);
    const auto append = [&](std::span<const std::byte> part) {
        blob.insert(blob.end(), part.begin(), part.end());
        blob.resize(padded(blob.size()));
    };
    append(std::as_bytes(std::span(&header, 1)));
    for (const std::span<const std::byte> part : parts) append(part);
    header.checksum = isolates_checksum(blob.data(), blob.size());
    std::memcpy(blob.data(), &header, sizeof(header));
    return blob;
}

}  // namespace isolates::emit
