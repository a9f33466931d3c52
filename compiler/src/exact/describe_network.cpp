// SPDX-License-Identifier: GPL-2.0-only
#include "exact/describe_network.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>

#include "exact/glob_text.hpp"
#include "sema/network_names.hpp"

namespace isolates::exact {
namespace {

using automata::ByteSet;

// A set of byte strings, byte by byte; what is beyond its end is of no matter.
using Box = std::vector<ByteSet>;

// A set of sockets and their endpoints. An empty part is of no matter.
struct Sockets {
    Box socket;
    Box local;
    Box peer;
};

std::string list(const ByteSet& bytes, std::string (*name)(std::uint8_t)) {
    std::vector<std::string> names;
    bytes.for_each([&](std::uint8_t byte) { names.push_back(name(byte)); });
    return fmt::format("{}", fmt::join(names, "|"));
}

std::string family_name(std::uint8_t number) {
    for (const std::string_view name : sema::family_names())
        if (sema::family_number(name) == number) return std::string(name);
    return fmt::format("family {}", number);
}

std::string type_name(std::uint8_t number) {
    for (const std::string_view name : sema::type_names())
        if (sema::type_number(name) == number) return std::string(name);
    return fmt::format("type {}", number);
}

// "0-9|11-255".
std::string ranges(const ByteSet& bytes) {
    std::vector<std::string> parts;
    for (unsigned first = 0; first < 256; first++) {
        if (!bytes.has(static_cast<std::uint8_t>(first))) continue;
        unsigned last = first;
        while (last < 255 && bytes.has(static_cast<std::uint8_t>(last + 1))) last++;
        parts.push_back(first == last ? fmt::format("{}", first)
                                      : fmt::format("{}-{}", first, last));
        first = last;
    }
    return fmt::format("{}", fmt::join(parts, "|"));
}

// @all: the numbers there are; a set of most of them is told by what is not in it.
std::string some_of(const ByteSet& bytes, const ByteSet& all, std::string_view what,
                    std::string (*name)(std::uint8_t)) {
    if (bytes.includes(all)) return {};
    ByteSet rest = all;
    bytes.for_each([&](std::uint8_t byte) { rest.remove(byte); });
    if (rest.size() < bytes.size()) return fmt::format("any-{}-but-{}", what, list(rest, name));
    return list(bytes, name);
}

// The bytes as one range, if they are.
std::optional<std::pair<unsigned, unsigned>> range_of(const ByteSet& bytes) {
    if (bytes.empty()) return std::nullopt;
    unsigned first = 256, last = 0;
    bytes.for_each([&](std::uint8_t byte) {
        first = std::min<unsigned>(first, byte);
        last = byte;
    });
    if (last - first + 1 != bytes.size()) return std::nullopt;
    return std::pair(first, last);
}

bool is_any(const ByteSet& bytes) {
    return bytes == ByteSet::all();
}

// Two bytes, big endian, as a number or a range of them; or, if they are neither, as
// the ranges of each.
std::string number_text(const ByteSet& high, const ByteSet& low) {
    const auto h = range_of(high), l = range_of(low);
    if (h && l && (h->first == h->second || is_any(low))) {
        const unsigned first = h->first << 8 | l->first, last = h->second << 8 | l->second;
        return first == last ? fmt::format("{}", first) : fmt::format("{}-{}", first, last);
    }
    return fmt::format("({}):({})", ranges(high), ranges(low));
}

std::string address_bytes(std::span<const ByteSet> bytes) {
    std::vector<std::string> parts;
    for (const ByteSet& set : bytes)
        parts.push_back(is_any(set) ? "*" : fmt::format("[{}]", ranges(set)));
    return fmt::format("{}", fmt::join(parts, "."));
}

// "10.0.0.0/8", if the bytes are a prefix; nothing if they are all addresses.
std::string address_text(std::span<const ByteSet> bytes) {
    std::array<std::uint8_t, 16> address{};
    unsigned bits = 0;
    std::size_t at = 0;
    for (; at < bytes.size(); at++) {
        const auto range = range_of(bytes[at]);
        if (!range) return address_bytes(bytes);
        const unsigned size = range->second - range->first + 1;
        if (!std::has_single_bit(size) || range->first % size) return address_bytes(bytes);
        address[at] = static_cast<std::uint8_t>(range->first);
        bits += 8 - static_cast<unsigned>(std::countr_zero(size));
        if (size > 1) break;
    }
    for (at++; at < bytes.size(); at++)
        if (!is_any(bytes[at])) return address_bytes(bytes);
    if (!bits) return {};
    char text[INET6_ADDRSTRLEN] = "";
    ::inet_ntop(bytes.size() == 4 ? AF_INET : AF_INET6, address.data(), text, sizeof(text));
    if (bits == bytes.size() * 8) return text;
    return fmt::format("{}/{}", text, bits);
}

// The length of the endpoint that begins with @kinds; 0 if that is not certain.
std::size_t endpoint_size(const ByteSet& kinds) {
    if (kinds.size() != 1) return 0;
    if (kinds.has(ISOLATES_ENDPOINT_NONE)) return 1;
    return 3 + (kinds.has(ISOLATES_ENDPOINT_INET) ? 4 : 16);
}

Sockets parts_of(const Box& box) {
    Sockets parts;
    std::size_t at = 0;
    const auto take = [&](std::size_t count) {
        const std::size_t begin = at;
        at = std::min(at + count, box.size());
        return Box(box.begin() + static_cast<std::ptrdiff_t>(begin),
                   box.begin() + static_cast<std::ptrdiff_t>(at));
    };
    parts.socket = take(4);
    if (at < box.size()) parts.local = take(endpoint_size(box[at]));
    if (!parts.local.empty() && at < box.size()) parts.peer = take(endpoint_size(box[at]));
    return parts;
}

// Whether an endpoint is any of those with an address.
bool is_any_address(const Box& endpoint) {
    return endpoint.size() > 1 && std::all_of(endpoint.begin() + 1, endpoint.end(), is_any);
}

// Bound or not, if that makes no difference otherwise, is not worth telling.
void join_locals(std::vector<Sockets>& all) {
    for (std::size_t i = 0; i < all.size(); i++) {
        if (!is_any_address(all[i].local)) continue;
        const auto twin = std::ranges::find_if(all, [&](const Sockets& other) {
            return other.local.size() == 1 && other.socket == all[i].socket &&
                   other.peer == all[i].peer;
        });
        if (twin == all.end()) continue;
        all[i].local.clear();
        all.erase(twin);
        i = 0;
    }
}

std::string conditions_of(const Box& endpoint) {
    const auto at = [&](std::size_t i) {
        return i < endpoint.size() ? endpoint[i] : ByteSet::all();
    };
    if (endpoint.empty()) return {};
    if (endpoint.size() == 1 && endpoint[0].has(ISOLATES_ENDPOINT_NONE)) return "no-address";
    const std::size_t size = endpoint[0].has(ISOLATES_ENDPOINT_INET) ? 4 : 16;
    Box address;
    for (std::size_t i = 0; i < size; i++) address.push_back(at(1 + i));
    const std::string ip = address_text(address);
    const ByteSet high = at(1 + size), low = at(2 + size);
    std::string text = ip.empty() ? "" : "ip=" + ip;
    if (!is_any(high) || !is_any(low))
        text += fmt::format("{}port={}", text.empty() ? "" : " ", number_text(high, low));
    return text;
}

std::string text_of(const Sockets& sockets) {
    std::vector<std::string> words;
    const auto at = [&](std::size_t i) {
        return i < sockets.socket.size() ? sockets.socket[i] : ByteSet::all();
    };
    words.push_back(some_of(at(0), ByteSet::all(), "family", family_name));
    words.push_back(some_of(at(1), ByteSet::range(0, 15), "type", type_name));
    if (!is_any(at(2)) || !is_any(at(3))) words.push_back("protocol=" + number_text(at(2), at(3)));
    words.push_back(conditions_of(sockets.local));
    const std::string peer = conditions_of(sockets.peer);
    if (!peer.empty()) words.push_back(fmt::format("peer=({})", peer));
    std::erase(words, "");
    return fmt::format("{}", fmt::join(words, " "));
}

// So many ways are gone before they are joined.
constexpr std::size_t kBoxesMax = 4096;

// From which states of the facts' shape there are any about @operations.
std::vector<bool> states_before(const automata::Dfa& facts, std::uint32_t operations) {
    std::vector<bool> is_live(facts.states.size());
    for (bool grows = true; grows;) {
        grows = false;
        for (automata::StateId id = 0; id < facts.states.size(); id++) {
            if (is_live[id]) continue;
            const automata::Dfa::State& state = facts.states[id];
            is_live[id] = (state.label & operations) || is_live[state.otherwise];
            for (const automata::Dfa::Edge& edge : facts.edges_of(state))
                if (is_live[edge.target]) is_live[id] = true;
            grows |= is_live[id];
        }
    }
    return is_live;
}

// All ways through a difference, as boxes.
class BoxWriter {
  public:
    explicit BoxWriter(const Difference& difference)
        : difference_(difference),
          facts_(shape_of(difference.class_id).facts.automaton),
          is_live_(states_before(facts_, static_cast<std::uint32_t>(difference.decisions))) {}

    // False if they are too many.
    bool write(std::uint32_t at = 0) {
        const Difference::State& state = difference_.states[at];
        if (state.is_whole || state.accepts) {
            boxes_.push_back(box_);
            return boxes_.size() <= kBoxesMax;
        }
        // What is never asked about does not matter: a set of all else is "any".
        ByteSet never;
        for (unsigned byte = 0; byte < 256; byte++)
            if (!is_live_[facts_.next(state.shape, static_cast<std::uint8_t>(byte))])
                never.add(static_cast<std::uint8_t>(byte));
        for (const Difference::Edge& edge : difference_.edges_of(state)) {
            ByteSet bytes = edge.bytes;
            bytes.add(never);
            box_.push_back(is_any(bytes) ? bytes : edge.bytes);
            const bool goes_on = write(edge.target);
            box_.pop_back();
            if (!goes_on) return false;
        }
        return true;
    }

    // Boxes that differ in one byte are one box.
    std::vector<Box> join() {
        for (bool joins = true; joins;) {
            joins = false;
            for (std::size_t at = 0; at < 64; at++) joins |= join_at(at);
        }
        return std::move(boxes_);
    }

  private:
    bool join_at(std::size_t at) {
        // Those that are equal but for that byte, side by side.
        const auto rest_less = [&](const Box& a, const Box& b) {
            if (a.size() != b.size()) return a.size() < b.size();
            for (std::size_t i = 0; i < a.size(); i++)
                if (i != at && a[i] != b[i]) return a[i] < b[i];
            return false;
        };
        std::ranges::stable_sort(boxes_, rest_less);
        std::vector<Box> joined;
        for (Box& box : boxes_) {
            if (joined.empty() || rest_less(joined.back(), box) || at >= box.size())
                joined.push_back(std::move(box));
            else
                joined.back()[at].add(box[at]);
        }
        const bool joins = joined.size() < boxes_.size();
        boxes_ = std::move(joined);
        return joins;
    }

    const Difference& difference_;
    const automata::Dfa& facts_;
    const std::vector<bool> is_live_;
    Box box_;
    std::vector<Box> boxes_;
};

}  // namespace

std::string describe_socket(std::span<const std::uint8_t> facts) {
    Box box;
    for (const std::uint8_t byte : facts) box.push_back(ByteSet::range(byte, byte));
    return text_of(parts_of(box));
}

std::optional<std::vector<std::string>> sockets_exactly(const Difference& difference) {
    BoxWriter writer(difference);
    if (!writer.write()) return std::nullopt;
    std::vector<Sockets> all;
    for (const Box& found : writer.join()) all.push_back(parts_of(found));
    join_locals(all);
    if (all.size() > kGlobsMax) return std::nullopt;
    std::vector<std::string> texts;
    for (const Sockets& sockets : all) texts.push_back(text_of(sockets));
    return texts;
}

std::string beginning_of_sockets(const Difference& difference) {
    Box box;
    for (std::uint32_t at = 0; !difference.states[at].accepts;) {
        const auto edges = difference.edges_of(difference.states[at]);
        if (edges.size() != 1) break;
        box.push_back(edges[0].bytes);
        at = edges[0].target;
    }
    // Of a protocol and an endpoint half is worse than nothing.
    if (box.size() < 4) box.resize(std::min<std::size_t>(box.size(), 2));
    Sockets sockets = parts_of(box);
    if (box.size() > 4 && sockets.local.size() < endpoint_size(box[4])) sockets.local.clear();
    sockets.peer.clear();
    return text_of(sockets);
}

}  // namespace isolates::exact
