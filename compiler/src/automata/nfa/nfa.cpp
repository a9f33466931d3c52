// SPDX-License-Identifier: GPL-2.0-only
#include "automata/nfa/nfa.hpp"

#include <algorithm>

namespace isolates::automata {

std::uint64_t Nfa::hash(const Node& node) const {
    std::uint64_t hash = node.accept | std::uint64_t{node.is_loop} << 32;
    hash = hash_mix(hash, node.loop.code());
    for (const Edge& edge : edges(node))
        hash = hash_mix(hash, edge.item.code() | std::uint64_t{edge.target} << 32);
    for (std::uint32_t i = 0; i < node.entry_count; i++)
        hash = hash_mix(hash, entries_[node.first_entry + i]);
    return hash;
}

bool Nfa::equal(const Node& a, const Node& b) const {
    const auto entries = [&](const Node& node) {
        return std::span(entries_).subspan(node.first_entry, node.entry_count);
    };
    return a.accept == b.accept && a.is_loop == b.is_loop && a.loop == b.loop &&
           std::ranges::equal(edges(a), edges(b)) && std::ranges::equal(entries(a), entries(b));
}

NodeId Nfa::node(LabelId accept, const Item* loop, std::span<const Edge> edges,
                 std::span<const NodeId> entries) {
    // A node that only enters another one is that other one.
    if (accept == kNoLabel && !loop && edges.empty() && entries.size() == 1) return entries[0];

    Node node;
    node.accept = accept;
    node.is_loop = loop != nullptr;
    if (loop) node.loop = *loop;
    // What only accepts needs no node of its own besides a loop's.
    if (loop && edges.empty() && entries.size() == 1 && accept == kNoLabel) {
        const Node& entered = nodes_[entries[0]];
        if (!entered.is_loop && !entered.edge_count && !entered.entry_count) {
            node.accept = entered.accept;
            entries = {};
        }
    }
    node.first_edge = static_cast<std::uint32_t>(edges_.size());
    node.edge_count = static_cast<std::uint32_t>(edges.size());
    node.first_entry = static_cast<std::uint32_t>(entries_.size());
    node.entry_count = static_cast<std::uint32_t>(entries.size());
    edges_.insert(edges_.end(), edges.begin(), edges.end());
    entries_.insert(entries_.end(), entries.begin(), entries.end());

    bool is_new = false;
    const NodeId id = index_.find_or_make(
        hash(node), [&](NodeId other) { return equal(nodes_[other], node); },
        [&] {
            is_new = true;
            nodes_.push_back(node);
            return static_cast<NodeId>(nodes_.size() - 1);
        });
    if (is_new) {
        Node& made = nodes_[id];
        made.is_tail = loop && made.accept != kNoLabel && edges.empty() && entries.empty();
        made.is_whole_tail = made.is_tail && vocabulary_->bytes(*loop) == ByteSet::all();
        made.has_bytes_only =
            !loop && entries.empty() && std::ranges::all_of(edges, [](const Edge& edge) {
                return edge.item.kind() == ItemKind::byte;
            });
        is_plain_ = is_plain_ && made.has_bytes_only;
        close(made, id);
    } else {
        edges_.resize(node.first_edge);
        entries_.resize(node.first_entry);
    }
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
