// SPDX-License-Identifier: GPL-2.0-only
// Network rules as patterns. Conditions are spelt as prefixes and ranges of big
// endian numbers: all bytes that must be equal, one that lies in a range, and
// then any. A range of ports falls apart into at most three of those.
#include <algorithm>

#include "automata/pattern/patterns.hpp"

namespace isolates::automata {

namespace {

constexpr std::size_t kInetSize = 4;
constexpr std::size_t kInet6Size = 16;

Item any_byte(Vocabulary& vocabulary) {
    return vocabulary.set(ByteSet::all());
}

Item byte_range(Vocabulary& vocabulary, unsigned first, unsigned last) {
    return vocabulary.set(ByteSet::range(first, last));
}

// The two bytes of a port between the bounds.
Item port_item(Vocabulary& vocabulary, model::PortRange ports) {
    const unsigned first = ports.first >> 8, last = ports.last >> 8;
    const unsigned low = ports.first & 0xff, high = ports.last & 0xff;
    Group alternatives;
    const auto add = [&](unsigned from, unsigned to, unsigned from_low, unsigned to_low) {
        alternatives.push_back(
            {byte_range(vocabulary, from, to), byte_range(vocabulary, from_low, to_low)});
    };
    if (first == last) {
        add(first, first, low, high);
    } else {
        add(first, first, low, 255);
        if (first + 1 < last) add(first + 1, last - 1, 0, 255);
        add(last, last, 0, high);
    }
    return vocabulary.group(std::move(alternatives));
}

// An IPv4-mapped prefix is about IPv4, as the facts are never spelt otherwise.
model::Prefix unmapped(const model::Prefix& prefix) {
    constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (prefix.kind != ISOLATES_ENDPOINT_INET6 || prefix.bits < 96 ||
        !std::ranges::equal(kMapped, std::span(prefix.address).first(kMapped.size())))
        return prefix;
    model::Prefix inet{ISOLATES_ENDPOINT_INET, {}, prefix.bits - 96};
    std::ranges::copy(std::span(prefix.address).subspan(12), inet.address.begin());
    return inet;
}

Sequence address_sequence(Vocabulary& vocabulary, const model::Prefix& prefix) {
    Sequence sequence;
    const std::size_t size = prefix.kind == ISOLATES_ENDPOINT_INET ? kInetSize : kInet6Size;
    for (std::size_t i = 0; i < size; i++) {
        const std::size_t bits = prefix.bits - std::min<std::size_t>(prefix.bits, i * 8);
        const unsigned free = bits >= 8 ? 0 : 0xffu >> bits;
        const unsigned first = prefix.address[i] & ~free;
        sequence.push_back(byte_range(vocabulary, first, first | free));
    }
    return sequence;
}

// One endpoint of the given kind.
Sequence endpoint_sequence(Vocabulary& vocabulary, const model::Prefix& prefix,
                           const std::optional<model::PortRange>& ports) {
    Sequence sequence = {Vocabulary::byte(prefix.kind)};
    vocabulary.append(sequence, address_sequence(vocabulary, prefix));
    if (ports) {
        sequence.push_back(port_item(vocabulary, *ports));
    } else {
        sequence.push_back(any_byte(vocabulary));
        sequence.push_back(any_byte(vocabulary));
    }
    return sequence;
}

// Any endpoint that satisfies the condition.
Item endpoint_item(Vocabulary& vocabulary, const model::EndpointCondition& condition) {
    Group alternatives;
    if (condition.is_none) {
        alternatives.push_back({Vocabulary::byte(ISOLATES_ENDPOINT_NONE)});
    } else if (condition.prefix) {
        alternatives.push_back(
            endpoint_sequence(vocabulary, unmapped(*condition.prefix), condition.ports));
    } else {
        for (const std::uint8_t kind : {ISOLATES_ENDPOINT_INET, ISOLATES_ENDPOINT_INET6})
            alternatives.push_back(endpoint_sequence(vocabulary, {kind, {}, 0}, condition.ports));
        if (!condition.ports) alternatives.push_back({Vocabulary::byte(ISOLATES_ENDPOINT_NONE)});
    }
    return vocabulary.group(std::move(alternatives));
}

Sequence socket_sequence(Vocabulary& vocabulary, const model::NetworkRule& rule) {
    Sequence sequence(4, any_byte(vocabulary));
    if (rule.family) sequence[0] = Vocabulary::byte(*rule.family);
    if (rule.type) sequence[1] = Vocabulary::byte(*rule.type);
    if (rule.protocol) {
        sequence[2] = Vocabulary::byte(static_cast<std::uint8_t>(*rule.protocol >> 8));
        sequence[3] = Vocabulary::byte(static_cast<std::uint8_t>(*rule.protocol & 0xff));
    }
    return sequence;
}

}  // namespace

PatternResult spell(const model::NetworkRule& rule, Labels& labels, Patterns& patterns) {
    Vocabulary& vocabulary = patterns.vocabulary;
    const Sequence socket = socket_sequence(vocabulary, rule);
    const Item rest = vocabulary.loop(ByteSet::all());
    const bool denies = rule.effect.action == model::Action::deny;

    // Operations fall into those whose conditions all lack their endpoint, and
    // those that have to look at one or both.
    std::uint32_t unconditional = 0, by_local = 0, by_both = 0;
    for (std::uint32_t operation = 1; operation <= ISOLATES_NETWORK_OPS; operation <<= 1) {
        if (!(rule.operations & operation)) continue;
        const bool has_local = operation != ISOLATES_NETWORK_CREATE;
        const bool has_peer = operation & ISOLATES_NETWORK_PEER_OPS;
        const bool lacks_endpoint =
            (!rule.local.is_any() && !has_local) || (!rule.peer.is_any() && !has_peer);
        if (lacks_endpoint && denies) continue;
        if (has_peer && !rule.peer.is_any())
            by_both |= operation;
        else if (has_local && !rule.local.is_any())
            by_local |= operation;
        else
            unconditional |= operation;
    }

    const auto add = [&](std::uint32_t operations, std::initializer_list<Item> tail) {
        if (!operations) return;
        Sequence sequence = socket;
        sequence.insert(sequence.end(), tail);
        patterns.add(sequence, labels.of_rule(rule.effect, {operations, operations}),
                     rule.effect.rule);
    };
    add(unconditional, {rest});
    if (by_local) add(by_local, {endpoint_item(vocabulary, rule.local), rest});
    if (by_both)
        add(by_both, {endpoint_item(vocabulary, rule.local), endpoint_item(vocabulary, rule.peer)});
    return {};
}

}  // namespace isolates::automata
