// SPDX-License-Identifier: GPL-2.0-only
#include "automata/minimal/minimise.hpp"

#include <algorithm>
#include <array>
#include <utility>
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
    Minimiser(Dfa dfa, std::size_t steps_per_way)
        : dfa_(with_common_otherwise(std::move(dfa))),
          class_of_(dfa_.states.size(), kNone),
          element_of_(dfa_.states.size(), kNone),
          steps_left_(steps_per_way * (dfa_.states.size() + dfa_.edges.size())) {}

    Dfa run() {
        const Components components = find_components(dfa_);
        for (std::size_t i = 0; i < components.size() && !is_exhausted_; i++)
            classify(components[i]);
        if (is_exhausted_) refine_all(components.states);
        return quotient();
    }

  private:
    // A cycle of classes.
    struct Cycle {
        std::uint32_t first;  // of its marks, in "marks_"
        std::uint32_t count;
    };

    // A state of a component, or a class of a cycle, and a hash of where it leads.
    struct Mark {
        std::uint64_t hash;
        std::uint32_t of;

        auto operator<=>(const Mark&) const = default;
    };

    // Where a component's state leads inside of it, its states numbered from 0.
    struct InsideWays {
        std::uint32_t otherwise;  // kNone: outside
        std::uint32_t first;      // of its edges, in "inside_"
    };
    struct InsideWay {
        std::uint32_t element;
        std::uint8_t byte;
    };

    template <typename Predicate>
    [[nodiscard]] bool any_target(StateId id, Predicate is_it) const {
        const Dfa::State& state = dfa_.states[id];
        return is_it(state.otherwise) ||
               std::ranges::any_of(dfa_.edges_of(state), is_it, &Dfa::Edge::target);
    }

    void classify(std::span<const StateId> component) {
        const StateId first = component[0];
        if (const std::uint32_t sink = as_sink(component); sink != kNone) {
            for (const StateId state : component) class_of_[state] = sink;
            return;
        }
        const bool is_cycle = component.size() > 1 ||
                              any_target(first, [&](StateId target) { return target == first; });
        if (!is_cycle)
            class_of_[first] = merge(first);
        else if (!is_copy(component))
            class_of_cycle(component);
    }

    // The sink that all of a component is equivalent to, or kNone.
    std::uint32_t as_sink(std::span<const StateId> component) {
        const LabelId label = dfa_.states[component[0]].label;
        if (sinks_.size() <= label) sinks_.resize(label + 1, kNone);
        std::uint32_t& sink = sinks_[label];
        const auto leads_elsewhere = [&](StateId target) {
            return class_of_[target] != kNone && class_of_[target] != sink;
        };
        for (const StateId state : component)
            if (dfa_.states[state].label != label || any_target(state, leads_elsewhere))
                return kNone;
        if (sink == kNone) sink = new_class(component[0]);
        return sink;
    }

    std::uint32_t new_class(StateId first) {
        first_.push_back(first);
        return static_cast<std::uint32_t>(first_.size() - 1);
    }

    // The class of a state all of whose targets have theirs.
    std::uint32_t merge(StateId state) {
        return index_.find_or_make(
            hash(state), [&](std::uint32_t other) { return equal(first_[other], state); },
            [&] { return new_class(state); });
    }

    // Call @visit(byte, class) for each edge that leads elsewhere than "otherwise".
    template <typename Visitor>
    void for_told_apart(StateId id, Visitor visit) const {
        const Dfa::State& state = dfa_.states[id];
        const std::uint32_t otherwise = class_of_[state.otherwise];
        for (const Dfa::Edge& edge : dfa_.edges_of(state))
            if (const std::uint32_t target = class_of_[edge.target]; target != otherwise)
                visit(edge.byte, target);
    }

    // By label and by where it leads; classes that are still to come are all the same.
    [[nodiscard]] std::uint64_t hash(StateId id) const {
        const Dfa::State& state = dfa_.states[id];
        std::uint64_t hash = hash_mix(state.label, class_of_[state.otherwise]);
        for_told_apart(id, [&](std::uint8_t byte, std::uint32_t target) {
            hash = hash_mix(hash, byte | std::uint64_t{target} << 8);
        });
        return hash;
    }

    [[nodiscard]] bool equal(StateId a, StateId b) const {
        const Dfa::State& x = dfa_.states[a];
        const Dfa::State& y = dfa_.states[b];
        const std::uint32_t otherwise = class_of_[x.otherwise];
        if (x.label != y.label || otherwise != class_of_[y.otherwise]) return false;
        const auto of_x = dfa_.edges_of(x), of_y = dfa_.edges_of(y);
        auto at_x = of_x.begin(), at_y = of_y.begin();
        for (;; at_x++, at_y++) {
            while (at_x != of_x.end() && class_of_[at_x->target] == otherwise) at_x++;
            while (at_y != of_y.end() && class_of_[at_y->target] == otherwise) at_y++;
            if (at_x == of_x.end() || at_y == of_y.end())
                return at_x == of_x.end() && at_y == of_y.end();
            if (at_x->byte != at_y->byte || class_of_[at_x->target] != class_of_[at_y->target])
                return false;
        }
    }

    // ---- Components with a cycle.

    // Whether a component is equivalent to classes on a cycle that it leads into. If so,
    // its states have these classes then.
    bool is_copy(std::span<const StateId> component) {
        tried_.clear();
        for (const StateId state : component)
            if (any_target(state, [&](StateId target) { return is_copy_of(component, target); }))
                return true;
        return false;
    }

    bool is_copy_of(std::span<const StateId> component, StateId target) {
        const std::uint32_t of = class_of_[target];
        if (of == kNone || of >= cycle_of_.size() || cycle_of_[of] == kNone) return false;
        const std::uint32_t number = cycle_of_[of];
        if (std::ranges::find(tried_, number) != tried_.end()) return false;
        tried_.push_back(number);
        const Cycle& cycle = cycles_[number];
        return std::ranges::any_of(
            std::span(marks_).subspan(cycle.first, cycle.count),
            [&](const Mark& mark) { return is_equivalent(component[0], mark.of); });
    }

    // The classes of a component that leads into no cycle with them.
    void class_of_cycle(std::span<const StateId> component) {
        const bool are_all_different = mark(component);
        if (is_exhausted_) return;
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < own_.size(); i++)
            if (!i || own_[i].hash != own_[i - 1].hash) sum += own_[i].hash;
        cycle_index_.find_or_make(
            sum, [&](std::uint32_t cycle) { return is_cycle(cycles_[cycle]); },
            [&] { return add_cycle(component, are_all_different); });
    }

    // Put the states of a component into "own_", by a hash that takes in where they lead,
    // round by round, until no more of them differ. Equivalent states have the same, and
    // the more of them there are the rounds are no more: so the same states have the same
    // hashes in another component as well. Returns whether all differ.
    bool mark(std::span<const StateId> component) {
        hashes_.clear();
        for (const StateId state : component) hashes_.push_back(hash(state));
        gather_inside(component);
        for (std::size_t count = 0, next = count_different(hashes_); count < next;) {
            if (!spend(component.size() + inside_.size())) break;
            next_hashes_.clear();
            for (std::uint32_t i = 0; i < component.size(); i++)
                next_hashes_.push_back(next_hash(i));
            hashes_.swap(next_hashes_);
            count = std::exchange(next, count_different(hashes_));
        }
        own_.clear();
        for (std::uint32_t i = 0; i < component.size(); i++)
            own_.push_back({hashes_[i], component[i]});
        std::ranges::sort(own_);
        return std::ranges::adjacent_find(own_, {}, &Mark::hash) == own_.end();
    }

    // The ways of a component's states that stay inside: what leaves it is in hash() already.
    void gather_inside(std::span<const StateId> component) {
        for (std::uint32_t i = 0; i < component.size(); i++) element_of_[component[i]] = i;
        inside_.clear();
        inside_of_.clear();
        for (const StateId id : component) {
            const Dfa::State& state = dfa_.states[id];
            inside_of_.push_back(
                {element_of_[state.otherwise], static_cast<std::uint32_t>(inside_.size())});
            for (const Dfa::Edge& edge : dfa_.edges_of(state))
                if (const std::uint32_t target = element_of_[edge.target]; target != kNone)
                    inside_.push_back({target, edge.byte});
        }
        inside_of_.push_back({kNone, static_cast<std::uint32_t>(inside_.size())});
        for (const StateId state : component) element_of_[state] = kNone;
    }

    [[nodiscard]] std::uint64_t next_hash(std::uint32_t element) const {
        const auto [otherwise, first] = inside_of_[element];
        const std::uint64_t usual = otherwise == kNone ? 0 : hashes_[otherwise];
        // Mixed once more before: that of a loop's own state would be 0 with itself.
        std::uint64_t hash = hash_mix(hash_mix(hashes_[element], 1), usual);
        for (std::uint32_t i = first; i < inside_of_[element + 1].first; i++)
            if (const std::uint64_t target = hashes_[inside_[i].element]; target != usual)
                hash = hash_mix(hash_mix(hash, inside_[i].byte), target);
        return hash;
    }

    std::size_t count_different(const std::vector<std::uint64_t>& hashes) {
        sorted_ = hashes;
        std::ranges::sort(sorted_);
        return static_cast<std::size_t>(std::ranges::unique(sorted_).begin() - sorted_.begin());
    }

    // Whether the component whose marks are in "own_" is equivalent to @cycle.
    bool is_cycle(const Cycle& cycle) {
        return std::ranges::any_of(
            std::span(marks_).subspan(cycle.first, cycle.count), [&](const Mark& mark) {
                return mark.hash == own_[0].hash && is_equivalent(own_[0].of, mark.of);
            });
    }

    std::uint32_t add_cycle(std::span<const StateId> component, bool are_all_different) {
        const auto number = static_cast<std::uint32_t>(cycles_.size());
        const auto known = static_cast<std::uint32_t>(first_.size());
        std::uint32_t count = known;
        if (are_all_different)
            for (const StateId state : component) class_of_[state] = count++;
        else
            count = refine(dfa_, component, class_of_, known, element_of_);
        first_.resize(count, kNone);
        cycle_of_.resize(first_.size(), kNone);
        cycles_.push_back({static_cast<std::uint32_t>(marks_.size()),
                           static_cast<std::uint32_t>(first_.size()) - known});
        for (const Mark& mark : own_) {
            const std::uint32_t made = class_of_[mark.of];
            if (first_[made] != kNone) continue;
            first_[made] = mark.of;
            cycle_of_[made] = number;
            marks_.push_back({mark.hash, made});
        }
        // States on no cycle may be equivalent to them.
        for (std::uint32_t made = known; made < first_.size(); made++)
            index_.find_or_make(
                hash(first_[made]), [](std::uint32_t) { return false; }, [&] { return made; });
        return number;
    }

    // Whether an unclassified state is equivalent to a class. If so, all of its component
    // have their classes then; otherwise none has.
    bool is_equivalent(StateId state, std::uint32_t of) {
        walked_.clear();
        bool is_equal = claim(state, of);
        for (std::size_t i = 0; is_equal && i < walked_.size(); i++)
            is_equal = claim_targets(walked_[i]);
        if (!is_equal)
            for (const StateId walked : walked_) class_of_[walked] = kNone;
        return is_equal;
    }

    // Whether @state can be of the class @of, if those walked already have theirs.
    bool claim(StateId state, std::uint32_t of) {
        if (class_of_[state] != kNone) return class_of_[state] == of;
        if (dfa_.states[state].label != dfa_.states[first_[of]].label) return false;
        class_of_[state] = of;
        walked_.push_back(state);
        return true;
    }

    bool claim_targets(StateId id) {
        const Dfa::State& x = dfa_.states[id];
        const Dfa::State& y = dfa_.states[first_[class_of_[id]]];
        const auto of_x = dfa_.edges_of(x), of_y = dfa_.edges_of(y);
        if (!spend(1 + of_x.size() + of_y.size()) || !claim(x.otherwise, class_of_[y.otherwise]))
            return false;
        for (auto at_x = of_x.begin(), at_y = of_y.begin();
             at_x != of_x.end() || at_y != of_y.end();) {
            const bool has_x =
                at_x != of_x.end() && (at_y == of_y.end() || at_x->byte <= at_y->byte);
            const bool has_y =
                at_y != of_y.end() && (at_x == of_x.end() || at_y->byte <= at_x->byte);
            const StateId target = has_x ? at_x++->target : x.otherwise;
            if (!claim(target, class_of_[has_y ? at_y++->target : y.otherwise])) return false;
        }
        return true;
    }

    bool spend(std::size_t steps) {
        is_exhausted_ = is_exhausted_ || steps > steps_left_;
        steps_left_ -= is_exhausted_ ? 0 : steps;
        return !is_exhausted_;
    }

    // ---- The classes, as an automaton.

    void refine_all(const std::vector<StateId>& states) {
        std::ranges::fill(class_of_, kNone);
        first_.assign(refine(dfa_, states, class_of_, 0, element_of_), kNone);
        // The dead state's class is the first.
        const std::uint32_t dead = class_of_[kDead];
        for (const StateId state : states) {
            std::uint32_t& of = class_of_[state];
            of = of == dead ? 0 : of == 0 ? dead : of;
            if (first_[of] == kNone) first_[of] = state;
        }
    }

    // One state for each class, the dead one first.
    [[nodiscard]] Dfa quotient() const {
        Dfa result;
        result.start = class_of_[dfa_.start];
        result.states.reserve(first_.size());
        for (const StateId id : first_) {
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
    std::vector<StateId> first_;           // by class: one of its states
    std::vector<std::uint32_t> sinks_;     // by label; kNone: none yet
    HashIndex index_;                      // classes

    std::vector<Cycle> cycles_;
    std::vector<Mark> marks_;              // of all cycles
    std::vector<std::uint32_t> cycle_of_;  // by class; kNone, and those behind the end: none
    HashIndex cycle_index_;
    std::vector<std::uint32_t> element_of_;  // by state, see refine()

    std::size_t steps_left_;
    bool is_exhausted_ = false;
    std::vector<std::uint32_t> tried_;  // cycles
    std::vector<Mark> own_;             // of the component
    std::vector<std::uint64_t> hashes_, next_hashes_, sorted_;
    std::vector<InsideWays> inside_of_;  // by element of the component, and the end
    std::vector<InsideWay> inside_;
    std::vector<StateId> walked_;
};

}  // namespace

Dfa minimise(Dfa dfa, std::size_t steps_per_way) {
    return Minimiser(std::move(dfa), steps_per_way).run();
}

}  // namespace isolates::automata
