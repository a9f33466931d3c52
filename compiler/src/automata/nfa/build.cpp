// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <optional>

#include "automata/nfa/nfa.hpp"

namespace isolates::automata {

namespace {

class Builder {
  public:
    Builder(const Patterns& patterns, Labels& labels)
        : patterns_(patterns), labels_(labels), nfa_(patterns.vocabulary) {}

    std::optional<Nfa> build(std::span<const std::uint32_t> chosen) {
        if (chosen.empty()) return std::move(nfa_);
        open_.resize(1);
        for (const std::uint32_t pattern : chosen)
            words_max_ += kNfaWordsPerItem * items(pattern).size();
        for (const std::uint32_t pattern : chosen)
            add(items(pattern), patterns_.patterns[pattern].label);
        complete(0);
        nfa_.start = finish(open_[0]);
        if (is_over_limit()) return std::nullopt;
        return std::move(nfa_);
    }

  private:
    // A trie node that patterns to come may still pass through. Its edges are
    // those to complete nodes; the one to the open node behind it is "item".
    struct OpenNode {
        LabelId accept = kNoLabel;
        Item item{};
        std::vector<Nfa::Edge> edges;
    };

    // From here on nothing of use is built, so that it ends soon.
    [[nodiscard]] bool is_over_limit() const { return nfa_.words() > words_max_; }

    [[nodiscard]] std::span<const Item> items(std::uint32_t pattern) const {
        return patterns_.items_of(patterns_.patterns[pattern]);
    }

    void add(std::span<const Item> items, LabelId label) {
        if (is_over_limit()) return;
        std::size_t common = 0;
        while (common < depth_ && common < items.size() && open_[common].item == items[common])
            common++;
        complete(common);
        if (open_.size() <= items.size()) open_.resize(items.size() + 1);
        for (; depth_ < items.size(); depth_++) open_[depth_].item = items[depth_];
        open_[depth_].accept = labels_.unite(open_[depth_].accept, label);
    }

    // Complete the open nodes deeper than @depth.
    void complete(std::size_t depth) {
        for (; depth_ > depth; depth_--) {
            const NodeId done = finish(open_[depth_]);
            OpenNode& parent = open_[depth_ - 1];
            parent.edges.push_back({parent.item, done});
        }
    }

    NodeId finish(OpenNode& open) {
        // Loops and groups sort behind bytes and sets.
        entered_.clear();
        while (!open.edges.empty() && is_entered(open.edges.back().item)) {
            entered_.push_back(entry(open.edges.back().item, open.edges.back().target));
            open.edges.pop_back();
        }
        sort_once(entered_);
        const NodeId id = nfa_.node(open.accept, nullptr, open.edges, entered_);
        open.accept = kNoLabel;
        open.edges.clear();
        return id;
    }

    static bool is_entered(Item item) {
        return item.kind() == ItemKind::loop || item.kind() == ItemKind::group;
    }

    static void sort_once(std::vector<NodeId>& nodes) {
        if (nodes.size() < 2) return;
        std::ranges::sort(nodes);
        const auto repeated = std::ranges::unique(nodes);
        nodes.erase(repeated.begin(), repeated.end());
    }

    // The node to enter for a loop or group that is followed by @next.
    NodeId entry(Item item, NodeId next) {
        if (item.kind() == ItemKind::loop) return nfa_.node(kNoLabel, &item, {}, {&next, 1});
        std::vector<NodeId> entered;
        for (const Sequence& alternative : patterns_.vocabulary.alternatives(item))
            entered.push_back(sequence(alternative, next));
        sort_once(entered);
        return nfa_.node(kNoLabel, nullptr, {}, entered);
    }

    // The node to enter for @items followed by @next. Recurses as deep as groups
    // nest, which is at most kGlobDepthMax.
    NodeId sequence(std::span<const Item> items, NodeId next) {
        for (; !items.empty(); items = items.first(items.size() - 1)) {
            const Item item = items.back();
            if (is_over_limit()) break;
            if (item.kind() == ItemKind::byte || item.kind() == ItemKind::set) {
                const Nfa::Edge edge = {item, next};
                next = nfa_.node(kNoLabel, nullptr, {&edge, 1}, {});
            } else {
                next = entry(item, next);
            }
        }
        return next;
    }

    const Patterns& patterns_;
    Labels& labels_;
    Nfa nfa_;
    std::vector<OpenNode> open_;
    std::vector<NodeId> entered_;
    std::size_t depth_ = 0;
    std::size_t words_max_ = kNfaWordsFree;
};

}  // namespace

std::optional<Nfa> build_nfa(const Patterns& patterns, std::span<const std::uint32_t> chosen,
                             Labels& labels) {
    return Builder(patterns, labels).build(chosen);
}

}  // namespace isolates::automata
