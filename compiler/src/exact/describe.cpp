// SPDX-License-Identifier: GPL-2.0-only
#include "exact/describe.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>

#include "exact/describe_network.hpp"
#include "exact/glob_text.hpp"
#include "sema/file_operations.hpp"
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
    return common_beginning(difference, 0) + "**";
}

std::string describe_signals(const ByteSet& signals) {
    if (signals.includes(ByteSet::range(0, 64))) return {};
    Texts names;
    signals.for_each([&](std::uint8_t number) { names.push_back(sema::signal_name(number)); });
    if (names.size() == 1) return "set=" + names.front();
    return fmt::format("set=({})", fmt::join(names, ", "));
}

std::string join_words(const std::string& a, const std::string& b) {
    return a.empty() || b.empty() ? a + b : a + " " + b;
}

std::optional<Texts> signals_exactly(const Difference& difference) {
    Texts result;
    for (const Difference::Edge& edge : difference.edges_of(difference.states[0])) {
        const auto peers = globs_of(difference, edge.target, false);
        if (!peers) return std::nullopt;
        for (const std::string& peer : *peers)
            result.push_back(join_words(describe_signals(edge.bytes),
                                        peer == "**" ? "" : fmt::format("peer={}", peer)));
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

std::string describe_signal(std::span<const std::uint8_t> facts) {
    return fmt::format("set={} peer={}", sema::signal_name(facts[0]), text_of(facts.subspan(1)));
}

std::string no_facts(std::span<const std::uint8_t>) {
    return {};
}

std::optional<Texts> all_exactly(const Difference&) {
    return Texts{""};
}

std::string all_beginning(const Difference&) {
    return {};
}

constexpr std::array<std::string_view, 2> kSignalOperations = {"send", "receive"};
constexpr std::array<std::string_view, 3> kNetworkOperations = {"create", "bind", "connect"};
constexpr std::array<std::string_view, 3> kMountOperations = {"mount", "umount", "pivot_root"};

// One entry for each class.
const std::array<Words, ISOLATES_CLASS_COUNT>& all_words() {
    static const auto table = [] {
        std::array<Words, ISOLATES_CLASS_COUNT> words{};
        words[ISOLATES_CLASS_FILE] = {{}, text_of, paths_exactly, beginning_of_paths};
        words[ISOLATES_CLASS_SIGNAL] = {kSignalOperations, describe_signal, signals_exactly,
                                        beginning_of_signals};
        words[ISOLATES_CLASS_NETWORK] = {kNetworkOperations, describe_socket, sockets_exactly,
                                         beginning_of_sockets};
        words[ISOLATES_CLASS_MOUNT] = {kMountOperations, no_facts, all_exactly, all_beginning};
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
        if (names.empty())
            result.push_back(sema::describe_file_operations(1u << bit));
        else
            result.emplace_back(names[bit]);
    }
    return result;
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
