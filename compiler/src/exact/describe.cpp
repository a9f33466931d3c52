// SPDX-License-Identifier: GPL-2.0-only
#include "exact/describe.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>

#include "exact/describe_network.hpp"
#include "exact/glob_text.hpp"
#include "sema/capability_names.hpp"
#include "sema/file_operations.hpp"
#include "sema/namespace_kinds.hpp"
#include "sema/network_names.hpp"
#include "sema/signal_names.hpp"

namespace isolates::exact {
namespace {

using automata::ByteSet;
using Texts = std::vector<std::string>;

std::string text_of(std::span<const std::uint8_t> bytes) {
    return {bytes.begin(), bytes.end()};
}

// How one class is put into words.
struct Words {
    std::span<const std::string_view> operations;  // by bit; empty: those of files
    std::string (*facts)(std::span<const std::uint8_t>);
    std::optional<Texts> (*exactly)(const Difference&);
    std::string (*beginning)(const Difference&);
};

std::optional<Texts> paths_exactly(const Difference& difference) {
    return globs_of(difference, 0, false);
}

// The bytes that all facts have in front.
std::string common_beginning(const Difference& difference, std::uint32_t at) {
    std::string text;
    while (!difference.states[at].accepts && text.size() < 4096) {
        const auto edges = difference.edges_of(difference.states[at]);
        if (edges.size() != 1 || edges[0].bytes.size() != 1) break;
        edges[0].bytes.for_each([&](std::uint8_t byte) { text += glob_byte(byte); });
        at = edges[0].target;
    }
    return text;
}

std::string beginning_of_paths(const Difference& difference) {
    const auto text = common_beginning(difference, 0);
    // Behind a slash "**" is one byte at least.
    return text + (text.ends_with('/') ? "{,**}" : "**");
}

std::string join_words(const std::string& a, const std::string& b) {
    return a.empty() || b.empty() ? a + b : a + " " + b;
}

std::string joined(const Texts& names) {
    return names.size() == 1 ? names.front() : fmt::format("({})", fmt::join(names, ", "));
}

// ---- Peers, with a signal in front or nothing

std::string describe_peer(std::span<const std::uint8_t> facts) {
    return "peer=" + text_of(facts);
}

std::optional<Texts> peers_behind(const Difference& difference, std::uint32_t state,
                                  const std::string& before) {
    auto peers = globs_of(difference, state, false);
    if (!peers) return std::nullopt;
    for (std::string& peer : *peers)
        peer = join_words(before, peer == "**" ? "" : fmt::format("peer={}", peer));
    return peers;
}

std::optional<Texts> peers_exactly(const Difference& difference) {
    return peers_behind(difference, 0, {});
}

std::string beginning_of_peers(const Difference& difference) {
    const auto peer = common_beginning(difference, 0);
    return peer.empty() ? "" : fmt::format("peer={}**", peer);
}

std::string describe_signals(const ByteSet& signals) {
    if (signals.includes(ByteSet::range(0, 64))) return {};
    Texts names;
    signals.for_each([&](std::uint8_t number) { names.push_back(sema::signal_name(number)); });
    return "set=" + joined(names);
}

std::string describe_signal(std::span<const std::uint8_t> facts) {
    return fmt::format("set={} {}", sema::signal_name(facts[0]), describe_peer(facts.subspan(1)));
}

std::optional<Texts> signals_exactly(const Difference& difference) {
    Texts result;
    for (const Difference::Edge& edge : difference.edges_of(difference.states[0])) {
        const auto peers = peers_behind(difference, edge.target, describe_signals(edge.bytes));
        if (!peers) return std::nullopt;
        result.insert(result.end(), peers->begin(), peers->end());
        if (result.size() > kGlobsMax) return std::nullopt;
    }
    return result;
}

std::string beginning_of_signals(const Difference& difference) {
    const auto edges = difference.edges_of(difference.states[0]);
    ByteSet signals;
    for (const Difference::Edge& edge : edges) signals.add(edge.bytes);
    const auto peer = edges.size() == 1 ? common_beginning(difference, edges[0].target) : "";
    return join_words(describe_signals(signals),
                      peer.empty() ? "" : fmt::format("peer={}**", peer));
}

// ---- Numbers that have names

using Name = std::string (*)(std::uint8_t);

std::string capability_name(std::uint8_t number) {
    return std::string(sema::capability_names()[number]);
}

std::string namespace_name(std::uint8_t number) {
    return std::string(sema::namespace_kinds()[number]);
}

template <Name name>
std::string describe_number(std::span<const std::uint8_t> facts) {
    return name(facts[0]);
}

template <Name name>
std::string all_numbers(const Difference& difference) {
    Texts names;
    for (unsigned byte = 0; byte < 256; byte++)
        for (const Difference::Edge& edge : difference.edges_of(difference.states[0]))
            if (edge.bytes.has(static_cast<std::uint8_t>(byte)))
                names.push_back(name(static_cast<std::uint8_t>(byte)));
    return joined(names);
}

template <Name name>
std::optional<Texts> numbers_exactly(const Difference& difference) {
    return Texts{difference.states[0].is_whole ? "" : all_numbers<name>(difference)};
}

// ---- Pairs of paths

std::string describe_pair(std::span<const std::uint8_t> facts) {
    const auto end = std::ranges::find(facts, 0);
    return fmt::format("{} -> {}", std::string(facts.begin(), end),
                       std::string(end + 1, facts.end()));
}

std::string beginning_of_pairs(const Difference& difference) {
    return common_beginning(difference, 0) + "** -> /**";
}

// ---- Texts with a byte 0 between them

std::vector<std::string> fields_of(std::span<const std::uint8_t> facts) {
    std::vector<std::string> fields(1);
    for (const std::uint8_t byte : facts)
        if (byte)
            fields.back().push_back(static_cast<char>(byte));
        else
            fields.emplace_back();
    return fields;
}

std::string describe_unix(std::span<const std::uint8_t> facts) {
    std::string text = fmt::format("type {}", facts[0]);
    for (const std::string_view name : sema::type_names())
        if (sema::type_number(name) == facts[0]) text = name;
    const auto fields = fields_of(facts.subspan(1));
    if (!fields[0].empty()) text += " addr=" + fields[0];
    std::string peer;
    if (!fields[1].empty()) peer = "addr=" + fields[1];
    if (!fields[2].empty()) peer += fmt::format("{}label={}", peer.empty() ? "" : " ", fields[2]);
    return peer.empty() ? text : fmt::format("{} peer=({})", text, peer);
}

std::string describe_change(std::span<const std::uint8_t> facts) {
    const auto fields = fields_of(facts);
    return fmt::format("{} -> {}", fields[0], fields[1]);
}

std::string describe_mount(std::span<const std::uint8_t> facts) {
    if (facts.empty()) return {};
    const unsigned flags = (facts[0] & 0xfu) << 24 | static_cast<unsigned>(facts[1]) << 16 |
                           static_cast<unsigned>(facts[2]) << 8 | facts[3];
    const auto fields = fields_of(facts.subspan(4));
    std::string text = flags ? fmt::format("flags={:#x}", flags) : "";
    if (!fields[0].empty()) text = join_words(text, "fstype=" + fields[0]);
    if (!fields[1].empty()) text = join_words(text, fields[1]);
    return join_words(text, "-> " + fields[2]);
}

// ---- Facts that nothing is known of

std::optional<Texts> nothing_exactly(const Difference&) {
    return std::nullopt;
}

// No words for a part of them.
std::optional<Texts> all_if_whole(const Difference& difference) {
    if (difference.states[0].is_whole) return Texts{""};
    return std::nullopt;
}

std::string all_beginning(const Difference&) {
    return {};
}

std::string describe_bytes(std::span<const std::uint8_t> facts) {
    return fmt::format("{:02x}", fmt::join(facts, " "));
}

constexpr std::array<std::string_view, 2> kLinkOperations = {"link", "grant-more"};
constexpr std::array<std::string_view, 1> kAttachOperations = {"attach"};
constexpr std::array<std::string_view, 2> kChangeOperations = {"now", "at-exec"};
constexpr std::array<std::string_view, 2> kSignalOperations = {"send", "receive"};
constexpr std::array<std::string_view, 12> kNetworkOperations = {
    "create",  "bind",     "connect", "listen",  "accept", "send",
    "receive", "shutdown", "getattr", "setattr", "getopt", "setopt"};
constexpr std::array<std::string_view, 7> kMountOperations = {
    "mount", "umount", "pivot_root", "bind", "move", "remount", "propagate"};
constexpr std::array<std::string_view, 1> kCapabilityOperations = {"use"};
constexpr std::array<std::string_view, 4> kPtraceOperations = {"trace", "read", "tracedby",
                                                               "readby"};
constexpr std::array<std::string_view, 2> kNamespaceOperations = {"create", "enter"};
constexpr std::array<std::string_view, 3> kIoUringOperations = {"sqpoll", "override_creds", "cmd"};

// One entry for each class.
const std::array<Words, ISOLATES_CLASS_COUNT>& all_words() {
    static const auto table = [] {
        std::array<Words, ISOLATES_CLASS_COUNT> words{};
        words.fill({{}, describe_bytes, nothing_exactly, all_beginning});
        words[ISOLATES_CLASS_FILE] = {{}, text_of, paths_exactly, beginning_of_paths};
        words[ISOLATES_CLASS_LINK] = {kLinkOperations, describe_pair, nothing_exactly,
                                      beginning_of_pairs};
        words[ISOLATES_CLASS_ATTACH] = {kAttachOperations, text_of, paths_exactly,
                                        beginning_of_paths};
        words[ISOLATES_CLASS_SIGNAL] = {kSignalOperations, describe_signal, signals_exactly,
                                        beginning_of_signals};
        words[ISOLATES_CLASS_NETWORK] = {kNetworkOperations, describe_socket, sockets_exactly,
                                         beginning_of_sockets};
        words[ISOLATES_CLASS_MOUNT] = {kMountOperations, describe_mount, all_if_whole,
                                       all_beginning};
        words[ISOLATES_CLASS_UNIX] = {kNetworkOperations, describe_unix, all_if_whole,
                                      all_beginning};
        words[ISOLATES_CLASS_CHANGE_PROFILE] = {kChangeOperations, describe_change, all_if_whole,
                                                all_beginning};
        words[ISOLATES_CLASS_CAPABILITY] = {kCapabilityOperations, describe_number<capability_name>,
                                            numbers_exactly<capability_name>,
                                            all_numbers<capability_name>};
        words[ISOLATES_CLASS_PTRACE] = {kPtraceOperations, describe_peer, peers_exactly,
                                        beginning_of_peers};
        words[ISOLATES_CLASS_NAMESPACE] = {kNamespaceOperations, describe_number<namespace_name>,
                                           numbers_exactly<namespace_name>,
                                           all_numbers<namespace_name>};
        words[ISOLATES_CLASS_IO_URING] = {kIoUringOperations, describe_peer, peers_exactly,
                                          beginning_of_peers};
        return words;
    }();
    return table;
}

}  // namespace

std::vector<std::string> operation_names(isolates_class class_id, std::uint32_t operations) {
    const auto names = all_words()[class_id].operations;
    Texts result;
    for (; operations; operations &= operations - 1) {
        const auto bit = static_cast<std::size_t>(std::countr_zero(operations));
        if (class_id == ISOLATES_CLASS_FILE)
            result.push_back(sema::describe_file_operations(1u << bit));
        else
            result.push_back(bit < names.size() ? std::string(names[bit]) : fmt::format("{}", bit));
    }
    return result;
}

std::string describe_operation(isolates_class class_id, std::optional<model::Whose> whose,
                               std::uint32_t operations, const std::string& facts) {
    const Shape& shape = shape_of(class_id);
    std::string text(shape.name);
    if (whose == model::Whose::owner) text = "owner " + text;
    if (whose == model::Whose::other) text = "other " + text;
    if (!std::has_single_bit(shape.operations))
        text = fmt::format("{} {}", text, fmt::join(operation_names(class_id, operations), ","));
    return join_words(text, facts);
}

std::string describe_facts(isolates_class class_id, std::span<const std::uint8_t> facts) {
    return all_words()[class_id].facts(facts);
}

std::optional<std::vector<std::string>> describe_exactly(const Difference& difference) {
    return all_words()[difference.class_id].exactly(difference);
}

std::string describe_beginning(const Difference& difference) {
    return all_words()[difference.class_id].beginning(difference);
}

}  // namespace isolates::exact
