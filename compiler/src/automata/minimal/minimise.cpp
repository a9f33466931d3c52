// SPDX-License-Identifier: GPL-2.0-only
#include "automata/minimal/minimise.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "automata/minimal/components.hpp"
#include "automata/minimal/refine.hpp"

namespace isolates::automata {

namespace {

// Make "otherwise" the target of one and the same byte in all states, one that
// no state has an edge for, if there is any. Then it can be compared.
Dfa with_common_otherwise(Dfa dfa) {
    std::array<std::uint32_t, 256> counts{};
    for (const Dfa::Edge& edge : dfa.edges) counts[edge.byte]++;
    const auto least = std::ranges::min_element(counts);
    if (!*least) return dfa;

    const auto common = static_cast<std::uint8_t>(least - counts.begin());
    Dfa result{dfa.states, {}, dfa.start};
    for (StateId id = 0; id < dfa.states.size(); id++) {
        Dfa::State& state = result.states[id];
        state.first_edge = static_cast<std::uint32_t>(result.edges.size());
        const StateId otherwise = dfa.next(id, common);
        if (otherwise == state.otherwise) {
            const auto edges = dfa.edges_of(dfa.states[id]);
            result.edges.insert(result.edges.end(), edges.begin(), edges.end());
        } else {
            for (unsigned byte = 0; byte < 256; byte++) {
                const StateId target = dfa.next(id, static_cast<std::uint8_t>(byte));
                if (target != otherwise)
                    result.edges.push_back({target, static_cast<std::uint8_t>(byte)});
            }
            state.otherwise = otherwise;
        }
        state.edge_count = static_cast<std::uint32_t>(result.edges.size()) - state.first_edge;
    }
    return result;
}

class Minimiser {
  public:
    explicit Minimiser(Dfa dfa)
        : dfa_(with_common_otherwise(std::move(dfa))), class_of_(dfa_.states.size(), kNone) {}

    Dfa run() {
        const Components components = find_components(dfa_);
        for (std::uint32_t i = 0; i < components.size(); i++) classify(components, i);
        const std::uint32_t classes =
            refine(dfa_, cyclic_, class_of_, static_cast<std::uint32_t>(first_.size()));
        return quotient(components, classes);
    }

  private:
    template <typename Predicate>
    [[nodiscard]] bool any_target(const Dfa::State& state, Predicate is_it) const {
        return is_it(state.otherwise) ||
               std::ranges::any_of(dfa_.edges_of(state), is_it, &Dfa::Edge::target);
    }

    void classify(const Components& components, std::uint32_t number) {
        const std::span<const StateId> component = components[number];
        if (const std::uint32_t sink = as_sink(components, number); sink != kNone) {
            for (const StateId state : component) class_of_[state] = sink;
            return;
        }
        // A target without a class is on a cycle, or can reach one.
        const bool is_cyclic = std::ranges::any_of(component, [&](StateId state) {
            return any_target(dfa_.states[state],
                              [&](StateId target) { return class_of_[target] == kNone; });
        });
        if (is_cyclic)
            cyclic_.insert(cyclic_.end(), component.begin(), component.end());
        else
            class_of_[component[0]] = merge(component[0]);
    }

    // The sink that all of a component is equivalent to, or kNone.
    std::uint32_t as_sink(const Components& components, std::uint32_t number) {
        const std::span<const StateId> component = components[number];
        const LabelId label = dfa_.states[component[0]].label;
        if (sinks_.size() <= label) sinks_.resize(label + 1, kNone);
        std::uint32_t& sink = sinks_[label];
        const auto leads_elsewhere = [&](StateId target) {
            return components.of[target] != number && (sink == kNone || class_of_[target] != sink);
        };
        for (const StateId state : component)
            if (dfa_.states[state].label != label ||
                any_target(dfa_.states[state], leads_elsewhere))
                return kNone;
        if (sink != kNone) return sink;
        sink = static_cast<std::uint32_t>(first_.size());
        first_.push_back(component[0]);
        return sink;
    }

    // The class of a state all of whose targets have theirs.
    std::uint32_t merge(StateId state) {
        return index_.find_or_make(
            hash(state), [&](std::uint32_t other) { return equal(first_[other], state); },
            [&] {
                first_.push_back(state);
                return static_cast<std::uint32_t>(first_.size() - 1);
            });
    }

    // Call @visit(byte, class) for each edge that leads elsewhere than "otherwise".
    template <typename Visitor>
    void for_told_apart(StateId id, Visitor visit) const {
        const Dfa::State& state = dfa_.states[id];
        for (const Dfa::Edge& edge : dfa_.edges_of(state))
            if (class_of_[edge.target] != class_of_[state.otherwise])
                visit(edge.byte, class_of_[edge.target]);
    }

    [[nodiscard]] std::uint64_t hash(StateId id) const {
        const Dfa::State& state = dfa_.states[id];
        std::uint64_t hash = hash_mix(state.label, class_of_[state.otherwise]);
        for_told_apart(id, [&](std::uint8_t byte, std::uint32_t target) {
            hash = hash_mix(hash, byte | std::uint64_t{target} << 8);
        });
        return hash;
    }

    [[nodiscard]] bool equal(StateId a, StateId b) {
        const Dfa::State& x = dfa_.states[a];
        const Dfa::State& y = dfa_.states[b];
        if (x.label != y.label || class_of_[x.otherwise] != class_of_[y.otherwise]) return false;
        told_.clear();
        for_told_apart(a, [&](std::uint8_t byte, std::uint32_t target) {
            told_.push_back({target, byte});
        });
        std::size_t at = 0;
        bool is_equal = true;
        for_told_apart(b, [&](std::uint8_t byte, std::uint32_t target) {
            is_equal = is_equal && at < told_.size() && told_[at].byte == byte &&
                       told_[at].target == target;
            at++;
        });
        return is_equal && at == told_.size();
    }

    // One state for each class, the dead one first.
    Dfa quotient(const Components& components, std::uint32_t classes) const {
        std::vector<StateId> first = first_;
        first.resize(classes, kNone);
        for (const StateId state : components.states)
            if (StateId& known = first[class_of_[state]]; known == kNone) known = state;
        Dfa result;
        result.start = class_of_[dfa_.start];
        for (const StateId id : first) {
            Dfa::State state = dfa_.states[id];
            state.first_edge = static_cast<std::uint32_t>(result.edges.size());
            for_told_apart(id, [&](std::uint8_t byte, std::uint32_t target) {
                result.edges.push_back({target, byte});
            });
            state.otherwise = class_of_[state.otherwise];
            state.edge_count = static_cast<std::uint32_t>(result.edges.size()) - state.first_edge;
            result.states.push_back(state);
        }
        return result;
    }

    const Dfa dfa_;
    std::vector<std::uint32_t> class_of_;  // by state
    std::vector<StateId> first_;           // by class: one state, for acyclic ones
    std::vector<std::uint32_t> sinks_;     // by label; kNone: none yet
    HashIndex index_;
    std::vector<StateId> cyclic_;
    std::vector<Dfa::Edge> told_;
};

}  // namespace

Dfa minimise(Dfa dfa) {
    return Minimiser(std::move(dfa)).run();
}

}  // namespace isolates::automata
