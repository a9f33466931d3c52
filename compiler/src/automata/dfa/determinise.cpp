// SPDX-License-Identifier: GPL-2.0-only
// From nondeterministic to deterministic: the subset construction (Rabin, Scott:
// "Finite automata and their decision problems", 1959), with four changes that
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
// A set that is another one with some nodes more leads where that one does, but for the bytes
// of these nodes: only they are looked at.
//
// What can add nothing is dropped: below /srv/** r, a rule that could only ever
// grant r is not followed any further.
#include <algorithm>
#include <array>
#include <bit>
#include <iterator>

#include "automata/dfa/dfa.hpp"

namespace isolates::automata {

namespace {

// A label with more rules in it than this is not worth its unions: what could
// lead to it is never dropped.
constexpr std::size_t kReachRulesMax = 16;

// Into more nodes than this one more is not inserted: all are sorted in the end.
constexpr std::size_t kInsertMax = 256;

constexpr std::size_t kPairsMax = 1u << 14;

class Determiniser {
  public:
    Determiniser(Nfa& nfa, Labels& labels, const DfaLimits& limits)
        : nfa_(nfa), labels_(labels), limits_(limits) {}

    std::optional<Dfa> run() {
        // About what real policies take; memory that is not used costs nothing.
        sets_.reserve(by_node_size());
        dfa_.states.reserve(by_node_size());
        dfa_.edges.reserve(2 * by_node_size());
        members_.reserve(2 * by_node_size());
        pairs_.resize(std::min(std::bit_ceil(nfa_.size()), kPairsMax));
        add_set(0);
        dfa_.start = nfa_.start == kNone ? kDead : state_of_entered(nfa_.start);
        for (StateId state = 1; state < dfa_.states.size(); state++) {
            if (is_over_limit()) return std::nullopt;
            expand(state);
        }
        return std::move(dfa_);
    }

  private:
    struct Set {
        std::uint32_t first;
        std::uint32_t count;
        std::uint64_t hash;  // the sum of those of its nodes
        LabelId whole;       // of its tail over all bytes, if it has one
        StateId base;        // one whose set this is with some nodes more; kNone: unknown
    };

    // A node's way on bytes: the negative ones (all but a few bytes of ASCII) are
    // kept as they are, the others are spread over "spread_".
    struct Way {
        const ByteSet* bytes;
        NodeId target;
    };

    struct Spread {
        NodeId target;
        std::uint32_t next;
    };

    [[nodiscard]] bool is_over_limit() const {
        return dfa_.states.size() > limits_.states || visits_ > limits_.visits ||
               members_.size() + met_.size() + dfa_.edges.size() > limits_.words;
    }

    [[nodiscard]] std::span<const NodeId> members(StateId state) const {
        return {members_.data() + sets_[state].first, sets_[state].count};
    }

    // ---- From a raw list of nodes to the state of its normal form.

    // Enter a node, but for what @is_needless among those entered with it. "raw_" is kept
    // ascending until it is large.
    template <typename Predicate>
    void enter(NodeId id, Predicate is_needless) {
        nfa_.for_closure(id, [&](NodeId entered) {
            visits_++;
            if (raw_.empty() || raw_.size() > kInsertMax || entered > raw_.back()) {
                if (!is_needless(entered)) raw_.push_back(entered);
                return;
            }
            const auto at = std::ranges::lower_bound(raw_, entered);
            if (*at != entered && !is_needless(entered)) raw_.insert(at, entered);
        });
    }

    void enter(NodeId id) {
        enter(id, [](NodeId) { return false; });
    }

    void sort_raw() {
        if (raw_.size() <= kInsertMax) return;
        std::ranges::sort(raw_);
        const auto repeated = std::ranges::unique(raw_);
        raw_.erase(repeated.begin(), repeated.end());
    }

    void fold_tails() {
        const auto is_tail = [&](NodeId id) { return nfa_[id].is_tail; };
        if (std::ranges::none_of(raw_, is_tail)) return;
        // Few kinds of loops exist, so a short list is searched.
        folded_.clear();
        std::erase_if(raw_, [&](NodeId id) {
            const Nfa::Node& node = nfa_[id];
            if (!node.is_tail) return false;
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
            raw_.insert(std::ranges::lower_bound(raw_, tail.node), tail.node);
        }
        drop_the_idle();
    }

    // Drop what a tail over all bytes makes pointless.
    void drop_the_idle() {
        const auto whole = std::ranges::find_if(
            folded_, [&](const Tail& tail) { return nfa_[tail.node].is_whole_tail; });
        if (whole == folded_.end() || raw_.size() == 1) return;
        std::erase_if(raw_,
                      [&](NodeId id) { return id != whole->node && is_idle(id, whole->label); });
    }

    // Whether no label that can be met from a node adds to @label. States side by side
    // ask the same of the same nodes.
    bool is_idle(NodeId id, LabelId label) {
        if (idle_.size() <= id) idle_.resize(by_node_size());
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
                if (reach == kNone || next == reach_.size() || reach == reach_[next]) return;
                reach = reach_[next] == kNone ? kNone : labels_.unite(reach, reach_[next]);
                if (reach != kNone && labels_[reach].rules.size() > kReachRulesMax) reach = kNone;
            };
            for (const Nfa::Edge& edge : nfa_.edges(node)) add(edge.target);
            if (node.closure_count) nfa_.for_closure(static_cast<NodeId>(reach_.size()), add);
            reach_.push_back(reach);
        }
        return reach_[id];
    }

    // The state of the nodes in "raw_".
    StateId state_of_raw() {
        sort_raw();
        if (raw_.size() > 1) fold_tails();
        return state_of_set();
    }

    // The state of the nodes in "raw_", in their normal form: those of @base and more, if it
    // is known.
    StateId state_of_set(StateId base = kNone) {
        if (raw_.empty()) return kDead;
        if (raw_.size() == 1) return state_of_single(raw_[0]);
        std::uint64_t hash = 0;
        for (const NodeId id : raw_) hash += hash_of(id);
        return index_.find_or_make(
            hash, [&](StateId state) { return std::ranges::equal(members(state), raw_); },
            [&] { return add_set(hash, base); });
    }

    StateId state_of_single(NodeId id) {
        StateId& known = known_in(single_, id);
        if (known == kUnknown) {
            raw_ = {id};
            known = add_set(hash_of(id));
        }
        return known;
    }

    // The state of all that is entered with a node.
    StateId state_of_entered(NodeId id) {
        if (!nfa_[id].closure_count) return state_of_single(id);
        if (const StateId known = known_in(entered_, id); known != kUnknown) return known;
        raw_.clear();
        enter(id);
        const StateId state = state_of_raw();
        return known_in(entered_, id) = state;
    }

    // The state where "targets_" lead beside the set @base: the normal form of both. As a
    // rule the targets are few, and no tails, so what is in @base already stays as it is;
    // and they have met before, as many states stand in the same loops.
    StateId state_beside(StateId base) {
        if (targets_.empty()) return base;
        if (targets_.size() > 1) return known_meeting(base);
        const NodeId target = targets_[0];
        if (base == kDead) return state_of_entered(target);
        Pair& last = pairs_[(base * 31 + target) & (pairs_.size() - 1)];
        if (last.base != base || last.target != target) last = {base, target, meet_one(base)};
        return last.state;
    }

    StateId known_meeting(StateId base) {
        std::uint64_t hash = base;
        for (const NodeId id : targets_) hash = hash_mix(hash, id);
        const std::uint32_t known = meeting_index_.find_or_make(
            hash,
            [&](std::uint32_t meeting) {
                const Meeting& other = meetings_[meeting];
                return other.base == base && other.count == targets_.size() &&
                       std::equal(targets_.begin(), targets_.end(), &met_[other.first]);
            },
            [&] {
                meetings_.push_back({base, static_cast<std::uint32_t>(met_.size()),
                                     static_cast<std::uint32_t>(targets_.size()), meet(base)});
                met_.insert(met_.end(), targets_.begin(), targets_.end());
                return static_cast<std::uint32_t>(meetings_.size() - 1);
            });
        return meetings_[known].state;
    }

    StateId meet_one(StateId base) {
        const Nfa::Node& node = nfa_[targets_[0]];
        return node.closure_count || node.is_tail ? meet(base) : state_with(base, targets_[0]);
    }

    StateId meet(StateId base) {
        const LabelId whole = sets_[base].whole;
        const auto known = members(base);
        raw_.assign(known.begin(), known.end());
        visits_ += known.size();
        bool has_tail = false;
        for (const NodeId target : targets_)
            enter(target, [&](NodeId entered) {
                has_tail = has_tail || nfa_[entered].is_tail;
                return whole != kNoLabel && !nfa_[entered].is_tail && is_idle(entered, whole);
            });
        if (has_tail) return state_of_raw();
        sort_raw();
        if (raw_.size() == sets_[base].count) return base;
        return state_of_set(base == kDead ? kNone : base);
    }

    // The state of the set @base with one more node, which is no tail and enters no others.
    StateId state_with(StateId base, NodeId id) {
        const Set set = sets_[base];
        if (set.whole != kNoLabel && is_idle(id, set.whole)) return base;
        const std::span<const NodeId> known = members(base);
        visits_ += known.size() + 1;
        const auto at = std::ranges::lower_bound(known, id);
        if (at != known.end() && *at == id) return base;
        const auto before = static_cast<std::uint32_t>(at - known.begin());
        const std::uint64_t hash = set.hash + hash_of(id);
        return index_.find_or_make(
            hash, [&](StateId state) { return is_set_with(state, set, before, id); },
            [&] {
                const auto first = static_cast<std::uint32_t>(members_.size());
                members_.resize(members_.size() + set.count + 1);
                NodeId* const to = &members_[first];
                const NodeId* const from = &members_[set.first];
                std::copy_n(from, before, to);
                to[before] = id;
                std::copy_n(from + before, set.count - before, to + before + 1);
                return add_state({first, set.count + 1, hash, set.whole, base},
                                 labels_.unite(dfa_.states[base].label, nfa_[id].accept));
            });
    }

    // Whether a state's set is @set with @id inserted behind the first @before nodes.
    [[nodiscard]] bool is_set_with(StateId state, const Set& set, std::uint32_t before,
                                   NodeId id) const {
        if (sets_[state].count != set.count + 1) return false;
        const NodeId* const a = &members_[sets_[state].first];
        const NodeId* const b = &members_[set.first];
        return a[before] == id && std::equal(a, a + before, b) &&
               std::equal(a + before + 1, a + set.count + 1, b + before);
    }

    // A new state of the nodes in "raw_".
    StateId add_set(std::uint64_t hash, StateId base = kNone) {
        LabelId label = kNoLabel, whole = kNoLabel;
        for (const NodeId id : raw_) {
            label = labels_.unite(label, nfa_[id].accept);
            if (nfa_[id].is_whole_tail) whole = nfa_[id].accept;
        }
        const auto first = static_cast<std::uint32_t>(members_.size());
        members_.insert(members_.end(), raw_.begin(), raw_.end());
        return add_state({first, static_cast<std::uint32_t>(raw_.size()), hash, whole, base},
                         label);
    }

    StateId add_state(const Set& set, LabelId label) {
        sets_.push_back(set);
        dfa_.states.push_back({label, kDead, 0, 0});
        return static_cast<StateId>(dfa_.states.size() - 1);
    }

    // ---- From a state to the states it leads to.

    void expand(StateId state) {
        const auto first = static_cast<std::uint32_t>(dfa_.edges.size());
        StateId otherwise = kDead;
        if (is_plain(state)) {
            expand_plain(state);
        } else if (has_plain_rest(state)) {
            otherwise = dfa_.states[sets_[state].base].otherwise;
            gather(rest_);
            expand_beside(sets_[state].base);
        } else {
            gather(members(state));
            otherwise = otherwise_state();
            lead_apart(otherwise);
        }
        Dfa::State& made = dfa_.states[state];
        made.otherwise = otherwise;
        made.first_edge = first;
        made.edge_count = static_cast<std::uint32_t>(dfa_.edges.size()) - first;
    }

    // A state of one node with nothing but bytes: more than half of all, as a rule.
    [[nodiscard]] bool is_plain(StateId state) const {
        return sets_[state].count == 1 && nfa_[members(state)[0]].has_bytes_only;
    }

    void expand_plain(StateId state) {
        // Not by reference: where tails are folded nodes are made, and all may move.
        const NodeId id = members(state)[0];
        for (std::uint32_t i = 0; i < nfa_[id].edge_count; i++) {
            const Nfa::Edge edge = nfa_.edges(nfa_[id])[i];
            dfa_.edges.push_back(
                {state_of_entered(edge.target), static_cast<std::uint8_t>(edge.item.value())});
        }
    }

    // Whether a state has a base, and nothing but bytes besides: these nodes are in "rest_"
    // then.
    bool has_plain_rest(StateId state) {
        const StateId base = sets_[state].base;
        if (base == kNone) return false;
        rest_.clear();
        std::ranges::set_difference(members(state), members(base), std::back_inserter(rest_));
        return std::ranges::all_of(rest_, [&](NodeId id) { return nfa_[id].has_bytes_only; });
    }

    // The edges of a state that has ways of its own on the bytes "told_", and else those of
    // @base, which is expanded as it was made before.
    void expand_beside(StateId base) {
        const Dfa::State from = dfa_.states[base];
        std::uint32_t next = from.first_edge;
        const std::uint32_t end = next + from.edge_count;
        const auto push = [&](Dfa::Edge edge) { dfa_.edges.push_back(edge); };
        told_.for_each([&](std::uint8_t byte) {
            while (next < end && dfa_.edges[next].byte < byte) push(dfa_.edges[next++]);
            const bool is_told = next < end && dfa_.edges[next].byte == byte;
            const StateId beside = is_told ? dfa_.edges[next++].target : from.otherwise;
            const StateId target = state_beside(beside, heads_[byte]);
            if (target != from.otherwise) push({target, byte});
        });
        while (next < end) push(dfa_.edges[next++]);
    }

    // An edge for each byte that leads elsewhere than @otherwise.
    void lead_apart(StateId otherwise) {
        std::uint32_t last_targets = kNone;
        StateId last = kDead;
        told_.for_each([&](std::uint8_t byte) {
            const std::uint32_t targets = heads_[byte];
            if (left_.has(byte)) {
                const StateId base = state_of_wide(byte);
                last = state_beside(base, targets);
                last_targets = kNone;
            } else if (last_targets == kNone || !are_same(targets, last_targets)) {
                last = state_beside(otherwise, targets);
                last_targets = targets;
            }
            if (last != otherwise) dfa_.edges.push_back({last, byte});
        });
    }

    // The state where a list in "spread_" leads beside the set @base.
    StateId state_beside(StateId base, std::uint32_t targets) {
        targets_.clear();
        for (std::uint32_t i = targets; i != kNone; i = spread_[i].next)
            targets_.push_back(spread_[i].target);
        return state_beside(base);
    }

    // Whether two lists in "spread_" name the same targets, in the same order: those of
    // neighbouring bytes often do.
    [[nodiscard]] bool are_same(std::uint32_t a, std::uint32_t b) const {
        for (; a != kNone && b != kNone; a = spread_[a].next, b = spread_[b].next)
            if (spread_[a].target != spread_[b].target) return false;
        return a == b;
    }

    // Sort the ways of all @nodes into "spread_" and "wide_"; "told_"
    // are the bytes that any of them tells apart, "left_" those that do not go all
    // of the wide ways, or all bytes if no other goes these.
    void gather(std::span<const NodeId> nodes) {
        told_.for_each([&](std::uint8_t byte) { heads_[byte] = kNone; });
        told_ = {};
        left_ = {};
        spread_.clear();
        wide_.clear();
        for (const NodeId id : nodes) {
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

    // Where the bytes lead that are not told apart, if there are any.
    StateId otherwise_state() {
        if (wide_.empty() || told_ == ByteSet::all()) return kDead;
        targets_.clear();
        for (const Way& way : wide_) targets_.push_back(way.target);
        return state_beside(kDead);
    }

    // Where the wide ways lead on a byte that does not go all of them.
    StateId state_of_wide(std::uint8_t byte) {
        targets_.clear();
        for (const Way& way : wide_)
            if (way.bytes->has(byte)) targets_.push_back(way.target);
        return state_beside(kDead);
    }

    // ---- What is known by node.

    static constexpr StateId kUnknown = kNone;

    // Nodes are made only as tails are folded, and few.
    [[nodiscard]] std::size_t by_node_size() const { return nfa_.size() + nfa_.size() / 4 + 64; }

    StateId& known_in(std::vector<StateId>& states, NodeId id) const {
        if (states.size() <= id) states.resize(by_node_size(), kUnknown);
        return states[id];
    }

    // Of sums of it, no set is likely to have that of another.
    static std::uint64_t hash_of(NodeId id) {
        return hash_mix(hash_mix(0, id + std::uint64_t{1}), 0);
    }

    // Targets that were met together, beside a set.
    struct Meeting {
        StateId base;
        std::uint32_t first;  // of the targets, in "met_"
        std::uint32_t count;
        StateId state;
    };

    // The last of those single targets that share a place. Beside the dead state there is
    // none.
    struct Pair {
        StateId base;
        NodeId target;
        StateId state;
    };

    struct Idle {
        LabelId under;  // what was asked last
        bool is_idle;
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

    std::vector<Set> sets_;         // by state
    std::vector<NodeId> members_;   // of all sets, ascending in each
    HashIndex index_;               // states of two nodes or more
    std::vector<StateId> single_;   // by node: the state of that node alone
    std::vector<StateId> entered_;  // by node: the state of all that is entered with it
    std::vector<LabelId> reach_;    // by node
    std::vector<Idle> idle_;        // by node

    std::size_t visits_ = 0;

    std::vector<NodeId> raw_;
    std::vector<NodeId> rest_;
    std::vector<Tail> folded_;

    ByteSet told_;
    ByteSet left_;
    std::vector<Spread> spread_;
    std::array<std::uint32_t, 256> heads_ = no_heads();
    std::vector<Way> wide_;
    std::vector<NodeId> targets_;
    std::vector<Meeting> meetings_;
    std::vector<NodeId> met_;
    HashIndex meeting_index_;
    std::vector<Pair> pairs_;
};

}  // namespace

std::optional<Dfa> determinise(Nfa& nfa, Labels& labels, const DfaLimits& limits) {
    return Determiniser(nfa, labels, limits).run();
}

}  // namespace isolates::automata
