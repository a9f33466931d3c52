// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include "decide/decide.hpp"

namespace isolates::decide {

std::vector<std::uint8_t> spell(const FileFacts& facts) {
    std::vector<std::uint8_t> bytes = {'/'};
    for (const char c : facts.path)
        if (c != '/' || bytes.back() != '/') bytes.push_back(static_cast<std::uint8_t>(c));
    if (facts.directory && bytes.back() != '/') bytes.push_back('/');
    return bytes;
}

std::vector<std::uint8_t> spell(const SignalFacts& facts) {
    std::vector<std::uint8_t> bytes(1 + facts.peer.size());
    bytes[0] = facts.number;
    std::ranges::copy(facts.peer, bytes.begin() + 1);
    return bytes;
}

std::vector<std::uint8_t> spell(const NetworkFacts& facts) {
    isolates_network_facts spelt;
    isolates_facts_network(&spelt, facts.family, facts.type, facts.protocol,
                           facts.local ? &*facts.local : nullptr,
                           facts.peer ? &*facts.peer : nullptr);
    return {spelt.bytes, spelt.bytes + spelt.length};
}

std::vector<std::uint8_t> spell(const CapabilityFacts& facts) {
    return {facts.number};
}

std::vector<std::uint8_t> spell(const PtraceFacts& facts) {
    return {facts.peer.begin(), facts.peer.end()};
}

std::vector<std::uint8_t> spell(const NamespaceFacts& facts) {
    return {static_cast<std::uint8_t>(facts.kind)};
}

std::vector<std::uint8_t> spell(const IoUringFacts& facts) {
    return {facts.peer.begin(), facts.peer.end()};
}

std::vector<std::uint8_t> spell(const MountFacts& facts) {
    if (!facts.is_known) return {};
    std::vector<std::uint8_t> bytes(4);
    isolates_facts_mount_flags(bytes.data(), facts.operations, facts.flags);
    const std::string text = facts.fstype + '\0' + facts.source + '\0' + facts.target;
    bytes.insert(bytes.end(), text.begin(), text.end());
    return bytes;
}

std::vector<std::uint8_t> spell(const UnixFacts& facts) {
    std::string text(1, static_cast<char>(facts.type));
    text += facts.local + '\0' + facts.peer + '\0' + facts.label;
    return {text.begin(), text.end()};
}

std::vector<std::uint8_t> spell(const ChangeFacts& facts) {
    const std::string text = facts.program + '\0' + facts.target;
    return {text.begin(), text.end()};
}

std::vector<std::uint8_t> spell(const LinkFacts& facts) {
    const std::string text = facts.name + '\0' + facts.file;
    return {text.begin(), text.end()};
}

}  // namespace isolates::decide
