// SPDX-License-Identifier: GPL-2.0-only
#include "automata/compact/compact.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "automata/compact/byte_classes.hpp"

namespace isolates::automata {

namespace {

constexpr std::uint32_t kRunMax = 255;
// Below, one SPARSE state finds its byte in a single step.
constexpr std::uint32_t kDenseEdgesMin = 9;

std::uint32_t sparse_words(std::uint32_t edges) {
    return (edges + 7) / 8 * 2 + edges;
}

// Below, the target of the other bytes is the most frequent one for sure.
constexpr std::uint32_t kManyEdges = 129;

// The target that most bytes of @state lead to.
StateId most_frequent(const Dfa& dfa, const Dfa::State& state) {
    std::vector<StateId> targets;
    for (const Dfa::Edge& edge : dfa.edges_of(state)) targets.push_back(edge.target);
    std::ranges::sort(targets);
    StateId result = state.otherwise;
    std::size_t most = 256 - targets.size();
    for (auto first = targets.begin(); first != targets.end();) {
        const auto last = std::upper_bound(first, targets.end(), *first);
        if (static_cast<std::size_t>(last - first) > most) {
            most = static_cast<std::size_t>(last - first);
            result = *first;
        }
        first = last;
    }
    return result;
}

// @dfa with the most frequent target of each state as its "otherwise".
Dfa with_frequent_otherwise(Dfa dfa) {
    if (std::ranges::all_of(dfa.states,
                            [](const Dfa::State& state) { return state.edge_count < kManyEdges; }))
        return dfa;
    Dfa result{dfa.states, {}, dfa.start};
    for (StateId id = 0; id < dfa.states.size(); id++) {
        Dfa::State& state = result.states[id];
        state.first_edge = static_cast<std::uint32_t>(result.edges.size());
        if (state.edge_count >= kManyEdges) state.otherwise = most_frequent(dfa, dfa.states[id]);
        if (state.otherwise == dfa.states[id].otherwise) {
            const auto edges = dfa.edges_of(dfa.states[id]);
            result.edges.insert(result.edges.end(), edges.begin(), edges.end());
        } else {
            for (unsigned byte = 0; byte < 256; byte++) {
                const StateId target = dfa.next(id, static_cast<std::uint8_t>(byte));
                if (target != state.otherwise)
                    result.edges.push_back({target, static_cast<std::uint8_t>(byte)});
            }
        }
        state.edge_count = static_cast<std::uint32_t>(result.edges.size()) - state.first_edge;
    }
    return result;
}

class Compactor {
  public:
    explicit Compactor(Dfa dfa)
        : dfa_(with_frequent_otherwise(std::move(dfa))), number_(dfa_.states.size(), kNone) {}

    CompactAutomaton run() {
        find_entries();
        choose_dense();
        number(kDead);
        number(dfa_.start);
        for (std::size_t i = 0; i < order_.size(); i++) write(order_[i]);
        result_.start = number_[dfa_.start];
        return std::move(result_);
    }

  private:
    [[nodiscard]] bool is_sink(StateId id) const {
        return !dfa_.states[id].edge_count && dfa_.states[id].otherwise == id;
    }

    [[nodiscard]] bool is_single(StateId id) const { return dfa_.states[id].edge_count == 1; }

    [[nodiscard]] const Dfa::Edge& single(StateId id) const {
        return dfa_.edges[dfa_.states[id].first_edge];
    }

    // How many ways lead into each state.
    void find_entries() {
        entries_.assign(dfa_.states.size(), 0);
        entries_[dfa_.start]++;
        for (const Dfa::State& state : dfa_.states) {
            entries_[state.otherwise]++;
            for (const Dfa::Edge& edge : dfa_.edges_of(state)) entries_[edge.target]++;
        }
    }

    // The bytes of the run that starts in @id, which has one edge, and in "end"
    // the state behind it.
    void follow_run(StateId id, std::vector<std::uint8_t>& run, StateId& end) const {
        const Dfa::State& first = dfa_.states[id];
        run.clear();
        for (;;) {
            run.push_back(single(id).byte);
            id = end = single(id).target;
            const Dfa::State& state = dfa_.states[id];
            if (run.size() == kRunMax || !is_single(id) || entries_[id] > 1 ||
                state.label != first.label || state.otherwise != first.otherwise)
                return;
        }
    }

    void choose_dense() {
        dense_.assign(dfa_.states.size(), false);
        ByteClasses candidates;
        for (const Dfa::State& state : dfa_.states)
            if (state.edge_count >= kDenseEdgesMin) candidates.refine(dfa_.edges_of(state));
        ByteClasses classes;
        bool is_used = false;
        for (StateId id = 0; id < dfa_.states.size(); id++) {
            const Dfa::State& state = dfa_.states[id];
            if (state.edge_count < kDenseEdgesMin ||
                candidates.count() > 2 * sparse_words(state.edge_count))
                continue;
            dense_[id] = is_used = true;
            classes.refine(dfa_.edges_of(state));
        }
        if (!is_used) return;
        result_.byte_classes = classes.count();
        std::ranges::copy(classes.map(), result_.map.of);
    }

    void number(StateId id) {
        if (number_[id] != kNone) return;
        number_[id] = static_cast<std::uint32_t>(order_.size());
        order_.push_back(id);
    }

    // States are written in the order of their numbers, which those that a state leads to
    // are given first.
    void write(StateId id) {
        const Dfa::State& from = dfa_.states[id];
        number(from.otherwise);
        isolates_state state{};
        state.perms = from.label;
        state.edges = static_cast<std::uint32_t>(result_.edges.size());
        if (is_sink(id)) {
            state.kind = ISOLATES_STATE_SINK;
        } else if (from.edge_count > 1) {
            for (const Dfa::Edge& edge : dfa_.edges_of(from)) number(edge.target);
            if (dense_[id]) {
                state.kind = ISOLATES_STATE_DENSE;
                write_dense(id);
            } else {
                state.kind = ISOLATES_STATE_SPARSE;
                state.count = static_cast<std::uint8_t>(from.edge_count);
                state.otherwise = number_[from.otherwise];
                write_sparse(id);
            }
        } else {
            StateId end = from.otherwise;
            // All bytes lead to one state: say so of any byte.
            run_ = {0};
            if (is_single(id)) follow_run(id, run_, end);
            number(end);
            state.kind = ISOLATES_STATE_STRING;
            state.count = static_cast<std::uint8_t>(run_.size());
            state.otherwise = number_[from.otherwise];
            result_.edges.push_back(number_[end]);
            write_bytes(run_, 4);
        }
        result_.states.push_back(state);
    }

    void write_dense(StateId id) {
        const std::size_t base = result_.edges.size();
        const Dfa::State& state = dfa_.states[id];
        result_.edges.resize(base + result_.byte_classes, number_[state.otherwise]);
        for (const Dfa::Edge& edge : dfa_.edges_of(state))
            result_.edges[base + result_.map.of[edge.byte]] = number_[edge.target];
    }

    void write_sparse(StateId id) {
        run_.clear();
        for (const Dfa::Edge& edge : dfa_.edges_of(dfa_.states[id])) run_.push_back(edge.byte);
        write_bytes(run_, 8);
        for (const Dfa::Edge& edge : dfa_.edges_of(dfa_.states[id]))
            result_.edges.push_back(number_[edge.target]);
    }

    // Bytes, four to a word, padded with zero to a multiple of @multiple bytes.
    void write_bytes(std::span<const std::uint8_t> bytes, std::size_t multiple) {
        const std::size_t base = result_.edges.size();
        result_.edges.resize(base + (bytes.size() + multiple - 1) / multiple * (multiple / 4), 0);
        std::memcpy(&result_.edges[base], bytes.data(), bytes.size());
    }

    const Dfa dfa_;
    std::vector<std::uint32_t> number_;   // by state of the DFA; kNone: none of its own
    std::vector<std::uint32_t> entries_;  // by state
    std::vector<bool> dense_;             // by state
    std::vector<StateId> order_;
    std::vector<std::uint8_t> run_;
    CompactAutomaton result_;
};

}  // namespace

CompactAutomaton compact(Dfa dfa) {
    return Compactor(std::move(dfa)).run();
}

}  // namespace isolates::automata
