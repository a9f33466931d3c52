// SPDX-License-Identifier: GPL-2.0-only
// From nondeterministic to deterministic: the subset construction (Rabin, Scott:
// "Finite automata and their decision problems", 1959), with three changes that
// fit it to policies.
//
// Bytes that no node of a set tells apart are never enumerated: they go the
// set's "otherwise" way.
//
// "Tails" are folded. A rule that ends in ** stays in force forever once it has
// matched so far; twenty of them, met in any order, would need a state for every
// subset met. All that counts is their united label, so a set holds at most one
// node of each loop that leads nowhere. It is made when it is needed.
//
// What can add nothing is dropped: below /srv/** r, a rule that could only ever
// grant r is not followed any further.
#include <algorithm>
#include <array>

#include "automata/dfa/dfa.hpp"

namespace isolates::automata {

namespace {

// A label with more rules in it than this is not worth its unions: what could
// lead to it is never dropped.
constexpr std::size_t kReachRulesMax = 16;

// Into more nodes than this one more is not inserted: all are sorted in the end.
constexpr std::size_t kInsertMax = 256;

class Determiniser {
  public:
    Determiniser(Nfa& nfa, Labels& labels, const DfaLimits& limits)
        : nfa_(nfa), labels_(labels), limits_(limits) {}

    std::optional<Dfa> run() {
        add_set();
        begin_raw();
        if (nfa_.start != kNone) enter(nfa_.start);
        dfa_.start = state_of_raw();
        for (StateId state = 1; state < dfa_.states.size(); state++) {
            if (is_over_limit()) return std::nullopt;
            expand(state);
        }
        return std::move(dfa_);
    }

  private:
    struct Set {
        std::uint32_t first = 0;
        std::uint32_t count = 0;
        LabelId whole = kNoLabel;  // of its tail over all bytes, if it has one
    };

    // A node's way on bytes: the negative ones (all but a few bytes of ASCII) are
    // kept as they are, the others are spread over "spread_".
    struct Way {
        const ByteSet* bytes;
        NodeId target;

        bool operator==(const Way&) const = default;
    };

    struct Spread {
        NodeId target;
        std::uint32_t next;
    };

    [[nodiscard]] bool is_over_limit() const {
        return dfa_.states.size() > limits_.states || visits_ > limits_.visits ||
               members_.size() + dfa_.edges.size() > limits_.words;
    }

    [[nodiscard]] std::span<const NodeId> members(StateId state) const {
        return std::span(members_).subspan(sets_[state].first, sets_[state].count);
    }

    // ---- From a raw list of nodes to the state of its normal form.

    void enter(NodeId id) {
        nfa_.for_closure(id, [&](NodeId entered) {
            visits_++;
            if (stamps_[entered] == stamp_) return;
            stamps_[entered] = stamp_;
            raw_.push_back(entered);
        });
    }

    // Nodes are made only as tails are folded, so between two raw lists.
    void begin_raw() {
        raw_.clear();
        stamp_++;
        if (stamps_.size() < nfa_.size()) stamps_.resize(nfa_.size() + nfa_.size() / 4 + 64, 0);
    }

    // A tail that no byte leaves.
    [[nodiscard]] bool is_whole_tail(const Nfa::Node& node) const {
        return node.is_tail() && nfa_.vocabulary().bytes(node.loop) == ByteSet::all();
    }

    void fold_tails() {
        // Few kinds of loops exist, so a short list is searched.
        folded_.clear();
        std::erase_if(raw_, [&](NodeId id) {
            const Nfa::Node& node = nfa_[id];
            if (!node.is_tail()) return false;
            const auto same = std::ranges::find(folded_, node.loop, &Tail::loop);
            if (same == folded_.end())
                folded_.push_back({node.loop, node.accept, id});
            else
                same->label = labels_.unite(same->label, node.accept);
            return true;
        });
        for (Tail& tail : folded_) {
            if (tail.label != nfa_[tail.node].accept)
                tail.node = nfa_.node(tail.label, &tail.loop, {}, {});
            raw_.push_back(tail.node);
        }
        drop_the_idle();
    }

    // Drop what a tail over all bytes makes pointless.
    void drop_the_idle() {
        const auto whole = std::ranges::find_if(
            folded_, [&](const Tail& tail) { return is_whole_tail(nfa_[tail.node]); });
        if (whole == folded_.end() || raw_.size() == 1) return;
        std::erase_if(raw_,
                      [&](NodeId id) { return id != whole->node && is_idle(id, whole->label); });
    }

    // Whether no label that can be met from a node adds to @label. States side by side
    // ask the same of the same nodes.
    bool is_idle(NodeId id, LabelId label) {
        if (idle_.size() <= id) idle_.resize(nfa_.size() + nfa_.size() / 4 + 64);
        if (idle_[id].under != label) {
            const LabelId reach = reach_of(id);
            idle_[id] = {label, reach != kNone && labels_.is_part_of(reach, label)};
        }
        return idle_[id].is_idle;
    }

    // The union of all labels that can be met from a node; kNone if it is large.
    // Nodes are numbered after those they lead to, so one pass finds them all.
    LabelId reach_of(NodeId id) {
        while (reach_.size() <= id) {
            const Nfa::Node& node = nfa_[static_cast<NodeId>(reach_.size())];
            LabelId reach = node.accept;
            const auto add = [&](NodeId next) {
                if (reach == kNone || next == reach_.size()) return;
                reach = reach_[next] == kNone ? kNone : labels_.unite(reach, reach_[next]);
                if (reach != kNone && labels_[reach].rules.size() > kReachRulesMax) reach = kNone;
            };
            for (const Nfa::Edge& edge : nfa_.edges(node)) add(edge.target);
            if (node.closure_count) nfa_.for_closure(static_cast<NodeId>(reach_.size()), add);
            reach_.push_back(reach);
        }
        return reach_[id];
    }

    StateId state_of_raw() {
        if (raw_.size() > 1) fold_tails();
        std::ranges::sort(raw_);
        return state_of_set();
    }

    // The state where @byte leads: the normal form of the set @base with the byte's own
    // targets. As a rule these are few, and no tails, so what is in @base already stays
    // as it is.
    StateId state_beside(StateId base, std::uint8_t byte) {
        const auto known = members(base);
        const LabelId whole = sets_[base].whole;
        bool has_tail = false;
        raw_.assign(known.begin(), known.end());
        visits_ += known.size();
        for (std::uint32_t i = heads_[byte]; i != kNone; i = spread_[i].next) {
            if (raw_.size() > kInsertMax) return state_of_ways(byte);
            nfa_.for_closure(spread_[i].target, [&](NodeId entered) {
                visits_++;
                const auto at = std::ranges::lower_bound(raw_, entered);
                if (at != raw_.end() && *at == entered) return;
                if (nfa_[entered].is_tail())
                    has_tail = true;
                else if (whole != kNoLabel && is_idle(entered, whole))
                    return;
                raw_.insert(at, entered);
            });
        }
        if (has_tail) return state_of_raw();
        return raw_.size() == sets_[base].count ? base : state_of_set();
    }

    // The state of the nodes in "raw_", sorted and in their normal form.
    StateId state_of_set() {
        if (raw_.empty()) return kDead;
        if (raw_.size() == 1) {
            if (single_.size() <= raw_[0])
                single_.resize(nfa_.size() + nfa_.size() / 4 + 64, kDead);
            StateId& known = single_[raw_[0]];
            if (known == kDead) known = add_set();
            return known;
        }
        return index_.find_or_make(
            hash(raw_), [&](StateId state) { return std::ranges::equal(members(state), raw_); },
            [&] { return add_set(); });
    }

    static std::uint64_t hash(std::span<const NodeId> nodes) {
        std::uint64_t hash = nodes.size();
        for (const NodeId id : nodes) hash = hash_mix(hash, id);
        return hash;
    }

    // A new state of the nodes in "raw_".
    StateId add_set() {
        Dfa::State state;
        for (const NodeId id : raw_) state.label = labels_.unite(state.label, nfa_[id].accept);
        LabelId whole = kNoLabel;
        for (const NodeId id : raw_)
            if (is_whole_tail(nfa_[id])) whole = nfa_[id].accept;
        sets_.push_back({static_cast<std::uint32_t>(members_.size()),
                         static_cast<std::uint32_t>(raw_.size()), whole});
        members_.insert(members_.end(), raw_.begin(), raw_.end());
        dfa_.states.push_back(state);
        return static_cast<StateId>(dfa_.states.size() - 1);
    }

    // ---- From a state to the states it leads to.

    void expand(StateId state) {
        gather(state);
        const StateId otherwise = otherwise_state();
        const auto first = static_cast<std::uint32_t>(dfa_.edges.size());
        std::uint32_t last_targets = kNone;
        StateId last = kDead;
        told_.for_each([&](std::uint8_t byte) {
            // The wide ways of all other bytes are those of "otherwise".
            if (left_.has(byte)) {
                last = state_of_ways(byte);
                last_targets = kNone;
            } else if (last_targets == kNone || !are_same(heads_[byte], last_targets)) {
                last = state_beside(otherwise, byte);
                last_targets = heads_[byte];
            }
            if (last != otherwise) dfa_.edges.push_back({last, byte});
        });
        Dfa::State& made = dfa_.states[state];
        made.otherwise = otherwise;
        made.first_edge = first;
        made.edge_count = static_cast<std::uint32_t>(dfa_.edges.size()) - first;
    }

    // Whether two lists in "spread_" name the same targets, in the same order: those of
    // neighbouring bytes often do.
    [[nodiscard]] bool are_same(std::uint32_t a, std::uint32_t b) const {
        for (; a != kNone && b != kNone; a = spread_[a].next, b = spread_[b].next)
            if (spread_[a].target != spread_[b].target) return false;
        return a == b;
    }

    StateId state_of_ways(std::uint8_t byte) {
        begin_raw();
        for (std::uint32_t i = heads_[byte]; i != kNone; i = spread_[i].next)
            enter(spread_[i].target);
        for (const Way& way : wide_)
            if (way.bytes->has(byte)) enter(way.target);
        return state_of_raw();
    }

    // Sort the ways of all nodes of @state into "spread_" and "wide_"; "told_"
    // are the bytes that any of them tells apart, "left_" those that do not go all
    // of the wide ways, or all bytes if no other goes these.
    void gather(StateId state) {
        told_.for_each([&](std::uint8_t byte) { heads_[byte] = kNone; });
        told_ = {};
        left_ = {};
        spread_.clear();
        wide_.clear();
        for (const NodeId id : members(state)) {
            const Nfa::Node& node = nfa_[id];
            for (const Nfa::Edge& edge : nfa_.edges(node)) {
                if (edge.item.kind() == ItemKind::byte)
                    spread(static_cast<std::uint8_t>(edge.item.value()), edge.target);
                else
                    add_way(nfa_.vocabulary().bytes(edge.item), edge.target);
            }
            if (node.is_loop) add_way(nfa_.vocabulary().bytes(node.loop), id);
        }
        told_.add(left_);
        if (told_ == ByteSet::all()) left_ = told_;
    }

    void spread(std::uint8_t byte, NodeId target) {
        told_.add(byte);
        spread_.push_back({target, heads_[byte]});
        heads_[byte] = static_cast<std::uint32_t>(spread_.size() - 1);
    }

    void add_way(const ByteSet& bytes, NodeId target) {
        if (bytes.has_upper_half()) {
            left_.add(bytes.complement());
            wide_.push_back({&bytes, target});
        } else {
            bytes.for_each([&](std::uint8_t byte) { spread(byte, target); });
        }
    }

    // Where the bytes lead that are not told apart, if there are any. States that are
    // made one after the other often stand in the same loops.
    StateId otherwise_state() {
        if (told_ == ByteSet::all()) return kDead;
        if (wide_ == last_wide_) return last_otherwise_;
        begin_raw();
        for (const Way& way : wide_) enter(way.target);
        last_wide_ = wide_;
        return last_otherwise_ = state_of_raw();
    }

    struct Idle {
        LabelId under = kNoLabel;  // what was asked last
        bool is_idle = false;
    };

    struct Tail {
        Item loop;
        LabelId label;
        NodeId node;  // until all are united, the first one
    };

    static constexpr std::array<std::uint32_t, 256> no_heads() {
        std::array<std::uint32_t, 256> heads{};
        heads.fill(kNone);
        return heads;
    }

    Nfa& nfa_;
    Labels& labels_;
    const DfaLimits& limits_;
    Dfa dfa_;

    std::vector<Set> sets_;        // by state
    std::vector<NodeId> members_;  // of all sets
    HashIndex index_;              // states of two nodes or more
    std::vector<StateId> single_;  // by node: the state of that node alone
    std::vector<LabelId> reach_;   // by node
    std::vector<Idle> idle_;       // by node

    std::size_t visits_ = 0;

    std::vector<NodeId> raw_;
    std::vector<std::uint32_t> stamps_;  // by node: the raw list it is in
    std::uint32_t stamp_ = 1;
    std::vector<Tail> folded_;

    ByteSet told_;
    ByteSet left_;
    std::vector<Spread> spread_;
    std::array<std::uint32_t, 256> heads_ = no_heads();
    std::vector<Way> wide_;
    std::vector<Way> last_wide_;  // those that lead to "last_otherwise_"
    StateId last_otherwise_ = kDead;
};

}  // namespace

std::optional<Dfa> determinise(Nfa& nfa, Labels& labels, const DfaLimits& limits) {
    return Determiniser(nfa, labels, limits).run();
}

}  // namespace isolates::automata
