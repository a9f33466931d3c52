// SPDX-License-Identifier: GPL-2.0-only
// Patterns as one nondeterministic automaton that shares what they share.
//
// Front: the sorted patterns go into a trie over items. Back: a trie node that
// no further pattern can reach is complete, and is replaced by an equal one that
// was there before. Together this is the incremental construction of minimal
// acyclic automata (Daciuk, Mihov, Watson, Watson: "Incremental construction of
// minimal acyclic finite-state automata", 2000), over items instead of bytes. For
// policies of plain paths the result already is the minimal automaton.
//
// A node is made after all it leads to. Loops and groups are not edges but
// nodes that are entered along with the one before them ("closure"):
// - a loop node stays in itself on each byte of its set;
// - a group is compiled back to front, each alternative leading to what follows
//   the group, which makes it Glushkov's construction.
// So every edge consumes one byte and there are no empty transitions to follow.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "automata/pattern/patterns.hpp"

namespace isolates::automata {

using NodeId = std::uint32_t;

inline constexpr std::uint32_t kNone = 0xffffffff;

// What an automaton may take up for each item of its patterns, and for free. It
// takes more only if they are strange: alternatives of nothing, in long rows.
inline constexpr std::size_t kNfaWordsPerItem = 64;
inline constexpr std::size_t kNfaWordsFree = std::size_t{1} << 22;

class Nfa {
  public:
    struct Edge {
        Item item;  // a byte or a set
        NodeId target;

        auto operator<=>(const Edge&) const = default;
    };

    struct Node {
        LabelId accept;  // if the input ends here
        Item loop;       // the loop's item, if it is a loop node
        bool is_loop;
        // A loop that accepts and leads nowhere: "the rest, whatever it is"; and one over
        // all bytes.
        bool is_tail;
        bool is_whole_tail;
        bool has_bytes_only;  // no way on but single bytes
        std::uint32_t first_edge;
        std::uint32_t edge_count;
        std::uint32_t first_entry;  // nodes entered along with it
        std::uint32_t entry_count;
        std::uint32_t first_closure;
        std::uint32_t closure_count;  // 0: only itself
    };

    explicit Nfa(const Vocabulary& vocabulary) : vocabulary_(&vocabulary) {}

    [[nodiscard]] const Node& operator[](NodeId id) const { return nodes_[id]; }
    [[nodiscard]] std::size_t size() const { return nodes_.size(); }
    [[nodiscard]] std::span<const Edge> edges(const Node& node) const {
        return {edges_.data() + node.first_edge, node.edge_count};
    }
    [[nodiscard]] const Vocabulary& vocabulary() const { return *vocabulary_; }

    // Call @visit for every node that is entered with @id and has a say, itself
    // included, ascending.
    template <typename Visitor>
    void for_closure(NodeId id, Visitor visit) const {
        const Node& node = nodes_[id];
        if (!node.closure_count) return visit(id);
        for (std::uint32_t i = 0; i < node.closure_count; i++)
            visit(closures_[node.first_closure + i]);
    }

    // The node with these parts, made if there is none. @edges and @entries are
    // sorted; @loop is NULL if it is no loop.
    NodeId node(LabelId accept, const Item* loop, std::span<const Edge> edges,
                std::span<const NodeId> entries);

    // Whether no node has more than one way on a byte, and none is entered twice:
    // then it is deterministic, and as it shares what it can, minimal.
    [[nodiscard]] bool is_plain() const { return is_plain_; }

    // Roughly what it takes up, in words.
    [[nodiscard]] std::size_t words() const {
        return nodes_.size() * (sizeof(Node) / 4) + edges_.size() * 2 + entries_.size() +
               closures_.size();
    }

    NodeId start = kNone;  // kNone if there is no pattern

  private:
    // What makes two nodes the same.
    struct Parts {
        LabelId accept;
        const Item* loop;
        std::span<const Edge> edges;
        std::span<const NodeId> entries;

        [[nodiscard]] std::uint64_t hash() const;
    };

    [[nodiscard]] bool is_made_of(const Node& node, const Parts& parts) const;
    NodeId make(const Parts& parts);
    void close(Node& node, NodeId id);

    const Vocabulary* vocabulary_;
    std::vector<Node> nodes_;
    std::vector<Edge> edges_;
    std::vector<NodeId> entries_;
    std::vector<NodeId> closures_;
    std::vector<NodeId> scratch_;
    HashIndex index_;
    bool is_plain_ = true;
};

// The automaton of the @chosen patterns (indices, in the order of their items);
// none if it gets too large.
[[nodiscard]] std::optional<Nfa> build_nfa(const Patterns& patterns,
                                           std::span<const std::uint32_t> chosen, Labels& labels);

}  // namespace isolates::automata
