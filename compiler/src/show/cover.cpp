// SPDX-License-Identifier: GPL-2.0-only
#include "show/cover.hpp"

#include <algorithm>

namespace isolates::show {
namespace {

void make_set(Cover::Active& active) {
    std::ranges::sort(active);
    const auto repeated = std::ranges::unique(active);
    active.erase(repeated.begin(), repeated.end());
}

std::uint8_t first_of(const ByteSet& set) {
    std::uint8_t first = 0;
    set.for_each([&](std::uint8_t byte) {
        if (!first) first = byte;
    });
    return first;
}

}  // namespace

std::uint32_t Cover::child(std::uint32_t parent, const Element& element) {
    const auto made = static_cast<std::uint32_t>(nodes_.size());
    Node& node = nodes_[parent];
    if (element.is_loop) {
        for (const std::uint32_t loop : node.loops)
            if (nodes_[loop].loop == element.bytes) return loop;
        node.loops.push_back(made);
        nodes_.emplace_back().loop = element.bytes;
        return made;
    }
    if (element.bytes.size() == 1) {
        const std::uint8_t byte = first_of(element.bytes);
        const auto place = std::ranges::lower_bound(node.bytes, byte, {},
                                                    &std::pair<std::uint8_t, std::uint32_t>::first);
        if (place != node.bytes.end() && place->first == byte) return place->second;
        node.bytes.emplace(place, byte, made);
    } else {
        for (const auto& [set, target] : node.sets)
            if (set == element.bytes) return target;
        node.sets.emplace_back(element.bytes, made);
    }
    nodes_.emplace_back();
    return made;
}

void Cover::add(const Glob& glob, std::uint32_t number) {
    std::uint32_t node = 0;
    for (const Element& element : glob) node = child(node, element);
    nodes_[node].glob = number;
}

void Cover::remove(const Glob& glob) {
    std::uint32_t node = 0;
    for (const Element& element : glob) node = child(node, element);
    nodes_[node].glob = kNone;
}

void Cover::enter(std::uint32_t node, Active& active) const {
    active.push_back(node);
    for (const std::uint32_t loop : nodes_[node].loops) enter(loop, active);
}

Cover::Active Cover::start() const {
    Active active;
    enter(0, active);
    make_set(active);
    return active;
}

Cover::Active Cover::step(const Active& from, std::uint8_t byte) const {
    Active to;
    for (const std::uint32_t id : from) {
        const Node& node = nodes_[id];
        if (node.loop.has(byte)) enter(id, to);
        const auto found = std::ranges::lower_bound(node.bytes, byte, {},
                                                    &std::pair<std::uint8_t, std::uint32_t>::first);
        if (found != node.bytes.end() && found->first == byte) enter(found->second, to);
        for (const auto& [set, target] : node.sets)
            if (set.has(byte)) enter(target, to);
    }
    make_set(to);
    return to;
}

Cover::Active Cover::step(const Active& from, const Element& element) const {
    Active to;
    const bool is_byte = element.bytes.size() == 1;
    for (const std::uint32_t id : from) {
        const Node& node = nodes_[id];
        if (node.loop.includes(element.bytes)) enter(id, to);
        if (element.is_loop) continue;
        for (const auto& [byte, target] : node.bytes)
            if (is_byte && element.bytes.has(byte)) enter(target, to);
        for (const auto& [set, target] : node.sets)
            if (set.includes(element.bytes)) enter(target, to);
    }
    make_set(to);
    return to;
}

ByteSet Cover::alike(const Active& from, std::uint8_t byte, ByteSet within) const {
    const auto cut = [&](const ByteSet& set) {
        within = common(within, set.has(byte) ? set : set.complement());
    };
    for (const std::uint32_t id : from) {
        if (within.size() == 1) break;
        const Node& node = nodes_[id];
        cut(node.loop);
        for (const auto& [set, target] : node.sets) cut(set);
        for (const auto& [literal, target] : node.bytes) {
            if (literal == byte) return only(byte);
            within.remove(literal);
        }
    }
    return within;
}

bool Cover::matches_all(const Active& active) const {
    return std::ranges::any_of(active, [&](std::uint32_t id) {
        return nodes_[id].glob != kNone && nodes_[id].loop == kAnyByte;
    });
}

std::uint32_t Cover::matched(const Active& active) const {
    for (const std::uint32_t id : active)
        if (nodes_[id].glob != kNone) return nodes_[id].glob;
    return kNone;
}

bool Cover::matched_by_other(const Active& active, std::uint32_t number) const {
    return std::ranges::any_of(active, [&](std::uint32_t id) {
        return nodes_[id].glob != kNone && nodes_[id].glob != number;
    });
}

}  // namespace isolates::show
