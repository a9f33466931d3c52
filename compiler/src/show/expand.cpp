// SPDX-License-Identifier: GPL-2.0-only
#include "show/expand.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>
#include <vector>

#include "automata/minimal/minimise.hpp"

namespace isolates::show {
namespace {

class Expander {
  public:
    Expander(const isolates_view& view, const isolates_automaton& automaton)
        : states_(view.states + automaton.states.first, automaton.states.count),
          edges_(view.edges + automaton.edges.first),
          classes_(automaton.byte_classes ? &view.byte_classes[automaton.byte_classes_map]
                                          : nullptr) {
        dfa_.states.resize(states_.size());
        dfa_.start = automaton.start;
    }

    Dfa run() {
        for (StateId id = 0; id < states_.size(); id++) expand(id);
        return std::move(dfa_);
    }

  private:
    void expand(StateId id) {
        const isolates_state& state = states_[id];
        switch (state.kind) {
            case ISOLATES_STATE_STRING:
                return expand_run(id);
            case ISOLATES_STATE_SPARSE:
                return expand_sparse(id);
            case ISOLATES_STATE_DENSE:
                return expand_dense(id);
            default:
                begin(id, state.perms, id);
        }
    }

    // The state's edges follow.
    void begin(StateId id, LabelId label, StateId otherwise) {
        dfa_.states[id] = {label, otherwise, static_cast<std::uint32_t>(dfa_.edges.size()), 0};
    }

    void add_edge(StateId id, std::uint8_t byte, StateId target) {
        if (target == dfa_.states[id].otherwise) return;
        dfa_.edges.push_back({target, byte});
        dfa_.states[id].edge_count++;
    }

    void expand_run(StateId id) {
        const isolates_state& state = states_[id];
        const std::uint32_t* const words = edges_ + state.edges;
        const auto* const bytes = reinterpret_cast<const std::uint8_t*>(words + 1);
        StateId at = id;
        for (std::uint32_t i = 0; i < state.count; i++) {
            const bool is_last = i + 1 == state.count;
            const auto next = is_last ? words[0] : static_cast<StateId>(dfa_.states.size());
            begin(at, state.perms, state.otherwise);
            add_edge(at, bytes[i], next);
            if (!is_last) dfa_.states.emplace_back();
            at = next;
        }
    }

    void expand_sparse(StateId id) {
        const isolates_state& state = states_[id];
        const std::uint32_t* const words = edges_ + state.edges;
        const auto* const bytes = reinterpret_cast<const std::uint8_t*>(words);
        const std::uint32_t label_words = (state.count + 7u) / 8 * 2;
        begin(id, state.perms, state.otherwise);
        for (std::uint32_t i = 0; i < state.count; i++)
            add_edge(id, bytes[i], words[label_words + i]);
    }

    void expand_dense(StateId id) {
        const isolates_state& state = states_[id];
        const std::uint32_t* const targets = edges_ + state.edges;
        std::array<std::uint32_t, 256> size{};
        for (const std::uint8_t of : classes_->of) size[of]++;
        const auto largest = std::ranges::max_element(size) - size.begin();
        begin(id, state.perms, targets[largest]);
        for (unsigned byte = 0; byte < 256; byte++)
            add_edge(id, static_cast<std::uint8_t>(byte), targets[classes_->of[byte]]);
    }

    std::span<const isolates_state> states_;
    const std::uint32_t* edges_;
    const isolates_byte_classes* classes_;
    Dfa dfa_;
};

// The product of an automaton and a domain.
class Restricter {
  public:
    Restricter(const Dfa& dfa, const Domain& domain, LabelId outside, LabelId apart)
        : dfa_(dfa), domain_(domain), outside_(outside), apart_(apart) {}

    Dfa run() {
        result_.states.resize(2);
        result_.states[kOutside] = {outside_, kOutside, 0, 0};
        result_.start = number(dfa_.start, domain_.start);
        for (std::size_t i = 0; i < pairs_.size(); i++) write(pairs_[i]);
        return std::move(result_);
    }

  private:
    static constexpr StateId kOutside = 1;

    struct Pair {
        StateId state;
        StateId fact;
    };

    StateId number(StateId state, StateId fact) {
        if (fact == automata::kDead) return kOutside;
        if (state == automata::kDead) return automata::kDead;
        const auto [entry, is_new] = numbers_.emplace(std::uint64_t{state} << 32 | fact,
                                                      static_cast<StateId>(pairs_.size() + 2));
        if (is_new) pairs_.push_back({state, fact});
        return entry->second;
    }

    [[nodiscard]] LabelId label_of(const Dfa::State& state, const Dfa::State& fact) const {
        if (fact.label == automata::kNoLabel) return outside_;
        return fact.label == kApart ? state.label + apart_ : state.label;
    }

    void write(const Pair pair) {
        const Dfa::State& state = dfa_.states[pair.state];
        const Dfa::State& fact = domain_.states[pair.fact];
        const auto ways = dfa_.edges_of(state), facts = domain_.edges_of(fact);
        const StateId otherwise = number(state.otherwise, fact.otherwise);
        Dfa::State made{label_of(state, fact), otherwise,
                        static_cast<std::uint32_t>(result_.edges.size()), 0};
        auto way = ways.begin();
        auto part = facts.begin();
        while (way != ways.end() || part != facts.end()) {
            const unsigned byte = std::min(way == ways.end() ? 256u : way->byte,
                                           part == facts.end() ? 256u : part->byte);
            const bool has_way = way != ways.end() && way->byte == byte;
            const bool has_part = part != facts.end() && part->byte == byte;
            const StateId target = number(has_way ? (way++)->target : state.otherwise,
                                          has_part ? (part++)->target : fact.otherwise);
            if (target != otherwise)
                result_.edges.push_back({target, static_cast<std::uint8_t>(byte)});
        }
        made.edge_count = static_cast<std::uint32_t>(result_.edges.size()) - made.first_edge;
        result_.states.push_back(made);
    }

    const Dfa& dfa_;
    const Domain& domain_;
    LabelId outside_;
    LabelId apart_;
    std::unordered_map<std::uint64_t, StateId> numbers_;
    std::vector<Pair> pairs_;  // by number, from 2 on
    Dfa result_;
};

}  // namespace

Dfa expand(const isolates_view& view, const isolates_automaton& automaton) {
    return Expander(view, automaton).run();
}

Dfa restrict_to(const Dfa& dfa, const Domain& domain, LabelId outside, LabelId apart) {
    return Restricter(dfa, domain, outside, apart).run();
}

Dfa relabel(const Dfa& dfa, std::span<const LabelId> values) {
    Dfa result = dfa;
    for (auto& state : result.states) state.label = values[state.label];
    return automata::minimise(std::move(result));
}

}  // namespace isolates::show
