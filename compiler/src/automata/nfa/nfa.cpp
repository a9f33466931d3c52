// SPDX-License-Identifier: GPL-2.0-only
#include "automata/nfa/nfa.hpp"

#include <algorithm>

namespace isolates::automata {

std::uint64_t Nfa::Parts::hash() const {
    // Labels are counted: as they are, they would fill a table's slots in a row.
    std::uint64_t hash = hash_mix(0, accept | std::uint64_t{loop != nullptr} << 32);
    if (loop) hash = hash_mix(hash, loop->code());
    for (const Edge& edge : edges)
        hash = hash_mix(hash, edge.item.code() | std::uint64_t{edge.target} << 32);
    for (const NodeId entry : entries) hash = hash_mix(hash, entry);
    return hash;
}

bool Nfa::is_made_of(const Node& node, const Parts& parts) const {
    const auto entries = std::span(entries_).subspan(node.first_entry, node.entry_count);
    return node.accept == parts.accept && node.is_loop == (parts.loop != nullptr) &&
           (!parts.loop || node.loop == *parts.loop) &&
           std::ranges::equal(edges(node), parts.edges) &&
           std::ranges::equal(entries, parts.entries);
}

NodeId Nfa::node(LabelId accept, const Item* loop, std::span<const Edge> edges,
                 std::span<const NodeId> entries) {
    if (entries.size() == 1 && edges.empty() && accept == kNoLabel) {
        // A node that only enters another one is that other one.
        if (!loop) return entries[0];
        // What only accepts needs no node of its own besides a loop's.
        const Node& entered = nodes_[entries[0]];
        if (!entered.is_loop && !entered.edge_count && !entered.entry_count) {
            accept = entered.accept;
            entries = {};
        }
    }
    const Parts parts = {accept, loop, edges, entries};
    return index_.find_or_make(
        parts.hash(), [&](NodeId other) { return is_made_of(nodes_[other], parts); },
        [&] { return make(parts); });
}

NodeId Nfa::make(const Parts& parts) {
    Node node{};
    node.accept = parts.accept;
    node.is_loop = parts.loop != nullptr;
    if (parts.loop) node.loop = *parts.loop;
    node.first_edge = static_cast<std::uint32_t>(edges_.size());
    node.edge_count = static_cast<std::uint32_t>(parts.edges.size());
    node.first_entry = static_cast<std::uint32_t>(entries_.size());
    node.entry_count = static_cast<std::uint32_t>(parts.entries.size());
    for (const Edge& edge : parts.edges) edges_.push_back(edge);
    for (const NodeId entry : parts.entries) entries_.push_back(entry);

    const bool leads_nowhere = parts.edges.empty() && parts.entries.empty();
    node.is_tail = parts.loop && node.accept != kNoLabel && leads_nowhere;
    node.is_whole_tail = node.is_tail && vocabulary_->bytes(*parts.loop) == ByteSet::all();
    node.has_bytes_only = !parts.loop && parts.entries.empty() &&
                          std::ranges::all_of(parts.edges, [](const Edge& edge) {
                              return edge.item.kind() == ItemKind::byte;
                          });
    is_plain_ = is_plain_ && node.has_bytes_only;
    const auto id = static_cast<NodeId>(nodes_.size());
    nodes_.push_back(node);
    close(nodes_[id], id);
    return id;
}

void Nfa::close(Node& node, NodeId id) {
    if (!node.entry_count) return;
    scratch_.clear();
    if (node.is_loop || node.edge_count || node.accept != kNoLabel) scratch_.push_back(id);
    for (std::uint32_t i = 0; i < node.entry_count; i++)
        for_closure(entries_[node.first_entry + i],
                    [&](NodeId entered) { scratch_.push_back(entered); });
    std::ranges::sort(scratch_);
    const auto repeated = std::ranges::unique(scratch_);
    scratch_.erase(repeated.begin(), repeated.end());
    node.first_closure = static_cast<std::uint32_t>(closures_.size());
    node.closure_count = static_cast<std::uint32_t>(scratch_.size());
    closures_.insert(closures_.end(), scratch_.begin(), scratch_.end());
}

}  // namespace isolates::automata
