// SPDX-License-Identifier: GPL-2.0-only
// What several dumps say in the same way.
#include <fmt/format.h>

#include <array>
#include <utility>

#include "dump/dump.hpp"

namespace isolates::dump {

std::string byte(std::uint8_t byte) {
    if (byte > 0x20 && byte < 0x7f && byte != '\'' && byte != '\\')
        return fmt::format("'{}'", static_cast<char>(byte));
    return fmt::format("{:#04x}", byte);
}

std::string bytes(const automata::ByteSet& set) {
    if (set.size() == 256) return "any";
    std::string out;
    for (unsigned first = 0; first < 256; first++) {
        if (!set.has(static_cast<std::uint8_t>(first))) continue;
        unsigned last = first;
        while (last < 255 && set.has(static_cast<std::uint8_t>(last + 1))) last++;
        if (!out.empty()) out += ' ';
        out += byte(static_cast<std::uint8_t>(first));
        if (last > first) out += '-' + byte(static_cast<std::uint8_t>(last));
        first = last;
    }
    return out.empty() ? "none" : out;
}

std::string label(const automata::Label& label) {
    const std::array<std::pair<std::string_view, const automata::MaskPair*>, 4> masks = {
        {{"allow", &label.allow},
         {"deny", &label.deny},
         {"audit", &label.audit},
         {"quiet", &label.quiet}}};
    std::string out;
    for (const auto& [name, mask] : masks) {
        const auto other = (*mask)[ISOLATES_OTHER];
        const auto owner = (*mask)[ISOLATES_OWNER];
        if (!other && !owner) continue;
        if (!out.empty()) out += ' ';
        out += fmt::format("{} {:#x}", name, other);
        if (owner != other) out += fmt::format("/{:#x}", owner);
    }
    return out.empty() ? "-" : out;
}

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

}  // namespace isolates::dump
