// SPDX-License-Identifier: GPL-2.0-only
#include "exact/product.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <utility>

#include "automata/compact/byte_classes.hpp"
#include "automata/hash.hpp"

namespace isolates::exact {
namespace {

using automata::ByteClasses;
using automata::ByteSet;
using automata::Dfa;
using automata::kDead;
using automata::StateId;

// An automaton that has nothing more to say about the decision.
constexpr Place kIdle = ~Place{0};

// Of the first word of a product state, whose lower half is the state of the shape:
// something on that side has granted the decision for good, if it is not denied.
constexpr std::uint64_t kBeforeGranted = std::uint64_t{1} << 32;
constexpr std::uint64_t kAfterGranted = std::uint64_t{1} << 33;

constexpr std::uint32_t kNobody = 0xffffffff;

// All bytes, those first that are good to read in an example.
std::array<std::uint8_t, 256> readable_order() {
    std::array<std::uint8_t, 256> order{};
    for (unsigned byte = 0; byte < 256; byte++) order[byte] = static_cast<std::uint8_t>(byte);
    const auto rank = [](std::uint8_t byte) {
        if (byte >= 'a' && byte <= 'z') return 0;
        if (byte >= '0' && byte <= '9') return 1;
        if (byte >= 'A' && byte <= 'Z') return 2;
        if (byte == '_' || byte == '-' || byte == '.') return 3;
        if (byte == '/') return 4;
        return byte > ' ' && byte < 0x7f ? 5 : 6;
    };
    std::ranges::stable_sort(order, {}, rank);
    return order;
}

class Product {
  public:
    Product(const Shape& shape, const Policies& policies, int decision, std::size_t states_max)
        : shape_(shape.facts),
          is_record_(shape.is_record),
          policies_(policies),
          decision_(Decisions{1} << decision),
          operation_(1u << decision % 32),
          states_max_(states_max),
          width_(1 + policies.before.automata.size() + policies.after.automata.size()) {
        find_live_shape();
    }

    std::expected<Difference, TooLarge> run() {
        tuple_.resize(width_);
        tuple_[0] = shape_.automaton.start;
        if (policies_.before.open & operation_) tuple_[0] |= kBeforeGranted;
        if (policies_.after.open & operation_) tuple_[0] |= kAfterGranted;
        std::size_t at = 1;
        for (const PolicyClass* policy : {&policies_.before, &policies_.after})
            for (const Automaton& automaton : policy->automata) tuple_[at++] = automaton.start();
        if (!shape_is_live_[shape_.automaton.start] || !settle()) return Difference{};
        intern(kNobody, 0);
        for (std::uint32_t id = 0; id < states_.size(); id++) {
            if (states_.size() > states_max_) return std::unexpected(TooLarge{});
            expand(id);
        }
        return trim();
    }

  private:
    struct State {
        bool accepts = false;
        bool leaks = false;  // some facts from here on are not in the difference
        std::uint8_t byte = 0;
        std::uint32_t parent = kNobody;
        std::uint32_t first_edge = 0;
        std::uint32_t edge_count = 0;
    };

    struct Edge {
        std::uint32_t target;
        std::uint32_t set;  // index of its bytes
    };

    // ---- The shape of the facts

    // From which of its states there are facts for which the decision is asked.
    void find_live_shape() {
        const Dfa& dfa = shape_.automaton;
        shape_is_live_.resize(dfa.states.size());
        for (bool grows = true; grows;) {
            grows = false;
            for (StateId id = 0; id < dfa.states.size(); id++) {
                const Dfa::State& state = dfa.states[id];
                bool is_live = (state.label & operation_) || shape_is_live_[state.otherwise];
                for (const Dfa::Edge& edge : dfa.edges_of(state))
                    is_live |= shape_is_live_[edge.target];
                grows |= is_live != shape_is_live_[id];
                shape_is_live_[id] = is_live;
            }
        }
    }

    // ---- One state of the product; it is in "tuple_"

    // What is final of one side is said once, and what can say no more is idle, so
    // that equal futures look alike. Whether the side may still allow the decision,
    // and whether it may still not.
    struct Outlook {
        bool may_allow;
        bool may_refuse;
    };

    Outlook settle(const PolicyClass& policy, std::size_t first, std::uint64_t granted) {
        Outlook outlook{(tuple_[0] & granted) != 0, true};
        bool may_deny = false, is_denied = false;
        for (std::size_t i = 0; i < policy.automata.size(); i++) {
            if (tuple_[first + i] == kIdle) continue;
            const Automaton::Reach& reach = policy.automata[i].reach(tuple_[first + i]);
            if (!(reach.no_allow & decision_)) tuple_[0] |= granted;
            outlook.may_allow |= (reach.allow & decision_) != 0;
            may_deny |= (reach.deny & decision_) != 0;
            is_denied |= !(reach.no_deny & decision_);
        }
        const bool is_granted = tuple_[0] & granted;
        outlook.may_allow = (outlook.may_allow || is_granted) && !is_denied;
        outlook.may_refuse = !is_granted || may_deny;
        for (std::size_t i = 0; i < policy.automata.size(); i++) {
            Place& place = tuple_[first + i];
            if (place == kIdle) continue;
            const Automaton::Reach& reach = policy.automata[i].reach(place);
            const bool has_a_say =
                (reach.deny & decision_) || (!is_granted && (reach.allow & decision_));
            if (!has_a_say || !outlook.may_allow || !outlook.may_refuse) place = kIdle;
        }
        if (!outlook.may_allow) tuple_[0] &= ~granted;
        return outlook;
    }

    // False if there is no difference to be found from here on.
    bool settle() {
        const std::size_t after = 1 + policies_.before.automata.size();
        return settle(policies_.before, 1, kBeforeGranted).may_allow &&
               settle(policies_.after, after, kAfterGranted).may_refuse;
    }

    [[nodiscard]] bool allows(const PolicyClass& policy, std::size_t first,
                              std::uint64_t granted) const {
        Decisions allow = tuple_[0] & granted ? decision_ : 0, deny = 0;
        for (std::size_t i = 0; i < policy.automata.size(); i++) {
            if (tuple_[first + i] == kIdle) continue;
            const Automaton::Label label = policy.automata[i].label(tuple_[first + i]);
            allow |= label.allow;
            deny |= label.deny;
        }
        return allow & ~deny & decision_;
    }

    [[nodiscard]] bool asks(std::uint64_t word) const {
        return shape_.automaton.states[static_cast<StateId>(word)].label & operation_;
    }

    std::uint32_t intern(std::uint32_t parent, std::uint8_t byte) {
        std::uint64_t hash = 0;
        for (const std::uint64_t word : tuple_) hash = automata::hash_mix(hash, word);
        return index_.find_or_make(
            hash,
            [&](std::uint32_t id) {
                return std::equal(tuple_.begin(), tuple_.end(), &words_[id * width_]);
            },
            [&] {
                State made;
                made.parent = parent;
                made.byte = byte;
                if (asks(tuple_[0])) {
                    const std::size_t after = 1 + policies_.before.automata.size();
                    made.accepts = allows(policies_.before, 1, kBeforeGranted) &&
                                   !allows(policies_.after, after, kAfterGranted);
                    made.leaks = !made.accepts;
                }
                words_.insert(words_.end(), tuple_.begin(), tuple_.end());
                states_.push_back(made);
                return static_cast<std::uint32_t>(states_.size() - 1);
            });
    }

    // ---- From a state to those it leads to

    template <typename Visitor>
    void for_walking(std::uint32_t id, Visitor visit) const {
        const std::uint64_t* const words = &words_[id * width_];
        std::size_t at = 1;
        for (const PolicyClass* policy : {&policies_.before, &policies_.after})
            for (const Automaton& automaton : policy->automata) {
                if (words[at] != kIdle) visit(automaton, at);
                at++;
            }
    }

    void expand(std::uint32_t id) {
        const auto shape = static_cast<StateId>(words_[id * width_]);
        const Dfa& facts = shape_.automaton;
        ByteClasses classes;
        classes.refine(facts.edges_of(facts.states[shape]));
        for_walking(id, [&](const Automaton& automaton, std::size_t at) {
            automaton.list_told(words_[id * width_ + at], told_);
            classes.refine(told_);
        });
        const auto class_of = classes.map();
        sets_.assign(classes.count(), ByteSet{});
        for (unsigned byte = 0; byte < 256; byte++)
            sets_[class_of[byte]].add(static_cast<std::uint8_t>(byte));

        targets_.clear();
        std::array<bool, 256> is_done{};
        const auto visit = [&](std::uint8_t byte) {
            const std::uint8_t number = class_of[byte];
            if (std::exchange(is_done[number], true)) return;
            follow(id, byte, sets_[number]);
        };
        for (const std::uint8_t byte : shape_.preferred[shape]) visit(byte);
        static const auto order = readable_order();
        for (const std::uint8_t byte : order) visit(byte);

        State& state = states_[id];
        state.first_edge = static_cast<std::uint32_t>(edges_.size());
        state.edge_count = static_cast<std::uint32_t>(targets_.size());
        for (const Difference::Edge& edge : targets_)
            edges_.push_back({edge.target, index_of(edge.bytes)});
    }

    void follow(std::uint32_t id, std::uint8_t byte, const ByteSet& bytes) {
        const std::uint64_t from = words_[id * width_];
        const StateId shape = shape_.automaton.next(static_cast<StateId>(from), byte);
        if (!shape_is_live_[shape]) return;
        std::ranges::fill(tuple_, kIdle);
        tuple_[0] = (from & ~std::uint64_t{0xffffffff}) | shape;
        for_walking(id, [&](const Automaton& automaton, std::size_t at) {
            tuple_[at] = automaton.next(words_[id * width_ + at], byte);
        });
        if (!settle()) {
            states_[id].leaks = true;
            return;
        }
        const std::uint32_t target = intern(id, byte);
        const auto known = std::ranges::find(targets_, target, &Difference::Edge::target);
        if (known == targets_.end())
            targets_.push_back({bytes, target});
        else
            known->bytes.add(bytes);
    }

    std::uint32_t index_of(const ByteSet& set) {
        std::uint64_t hash = 0;
        set.for_each([&](std::uint8_t byte) { hash = automata::hash_mix(hash, byte + 1u); });
        return set_index_.find_or_make(
            hash, [&](std::uint32_t id) { return all_sets_[id] == set; },
            [&] {
                all_sets_.push_back(set);
                return static_cast<std::uint32_t>(all_sets_.size() - 1);
            });
    }

    // ---- From the whole product to what the difference needs of it

    // The states from which one is reached that @is_goal says yes to.
    template <typename Goal>
    [[nodiscard]] std::vector<bool> leading_to(Goal is_goal) const {
        std::vector<std::uint32_t> first(states_.size() + 1);
        for (const Edge& edge : edges_) first[edge.target + 1]++;
        for (std::size_t id = 0; id < states_.size(); id++) first[id + 1] += first[id];
        std::vector<std::uint32_t> sources(edges_.size());
        auto at = first;
        for (std::uint32_t id = 0; id < states_.size(); id++)
            for (std::uint32_t i = 0; i < states_[id].edge_count; i++)
                sources[at[edges_[states_[id].first_edge + i].target]++] = id;

        std::vector<bool> leads(states_.size());
        std::vector<std::uint32_t> todo;
        for (std::uint32_t id = 0; id < states_.size(); id++)
            if (is_goal(states_[id])) {
                leads[id] = true;
                todo.push_back(id);
            }
        while (!todo.empty()) {
            const std::uint32_t id = todo.back();
            todo.pop_back();
            for (std::uint32_t i = first[id]; i < first[id + 1]; i++) {
                if (leads[sources[i]]) continue;
                leads[sources[i]] = true;
                todo.push_back(sources[i]);
            }
        }
        return leads;
    }

    [[nodiscard]] Difference trim() const {
        Difference result;
        const auto is_live = leading_to([](const State& state) { return state.accepts; });
        if (!is_live[0]) return result;
        const auto is_mixed = leading_to([](const State& state) { return state.leaks; });
        std::vector<std::uint32_t> number(states_.size());
        for (std::uint32_t id = 0, count = 0; id < states_.size(); id++)
            if (is_live[id]) number[id] = count++;
        for (std::uint32_t id = 0; id < states_.size(); id++) {
            if (!is_live[id]) continue;
            const State& state = states_[id];
            Difference::State made;
            made.accepts = state.accepts;
            made.is_whole = !is_mixed[id];
            made.shape = static_cast<StateId>(words_[id * width_]);
            made.first_edge = static_cast<std::uint32_t>(result.edges.size());
            for (std::uint32_t i = 0; i < state.edge_count; i++) {
                const Edge& edge = edges_[state.first_edge + i];
                if (is_live[edge.target])
                    result.edges.push_back({all_sets_[edge.set], number[edge.target]});
            }
            made.edge_count = static_cast<std::uint32_t>(result.edges.size()) - made.first_edge;
            result.states.push_back(made);
        }
        result.example = is_record_ ? readable_example(result) : nearest_example();
        return result;
    }

    // They were found breadth first, good bytes before others.
    [[nodiscard]] std::vector<std::uint8_t> nearest_example() const {
        std::vector<std::uint8_t> example;
        const auto nearest = std::ranges::find_if(states_, &State::accepts);
        for (auto id = static_cast<std::uint32_t>(nearest - states_.begin()); id;
             id = states_[id].parent)
            example.push_back(states_[id].byte);
        std::ranges::reverse(example);
        return example;
    }

    // A record has an end, whatever way leads there.
    [[nodiscard]] std::vector<std::uint8_t> readable_example(const Difference& difference) const {
        std::vector<std::uint8_t> example;
        for (std::uint32_t at = 0; !difference.states[at].accepts;) {
            const Difference::State& state = difference.states[at];
            const auto all = difference.edges_of(state);
            const auto leads_on = [&](std::uint8_t byte) {
                return std::ranges::find_if(
                    all, [&](const Difference::Edge& edge) { return edge.bytes.has(byte); });
            };
            const auto& preferred = shape_.preferred[state.shape];
            const auto good = std::ranges::find_if(
                preferred, [&](std::uint8_t byte) { return leads_on(byte) != all.end(); });
            std::uint8_t byte = 0;
            if (good != preferred.end())
                byte = *good;
            else
                while (!all.front().bytes.has(byte)) byte++;
            example.push_back(byte);
            at = leads_on(byte)->target;
        }
        return example;
    }

    const Facts& shape_;
    const bool is_record_;
    const Policies& policies_;
    const Decisions decision_;
    const std::uint32_t operation_;
    const std::size_t states_max_;
    const std::size_t width_;
    std::vector<bool> shape_is_live_;

    std::vector<std::uint64_t> words_;  // "width_" of them for each state
    std::vector<State> states_;
    std::vector<Edge> edges_;
    std::vector<ByteSet> all_sets_;
    automata::HashIndex index_;
    automata::HashIndex set_index_;

    std::vector<std::uint64_t> tuple_;
    std::vector<Dfa::Edge> told_;
    std::vector<ByteSet> sets_;
    std::vector<Difference::Edge> targets_;
};

template <typename Element>
bool equal_bytes(const Element* a, const Element* b, std::uint32_t count) {
    return !count || !std::memcmp(a, b, sizeof(Element) * count);
}

bool are_identical(const isolates_view& x, const isolates_automaton& a, const isolates_perms* xs,
                   const isolates_view& y, const isolates_automaton& b, const isolates_perms* ys) {
    if (a.states.count != b.states.count || a.edges.count != b.edges.count || a.start != b.start ||
        a.byte_classes != b.byte_classes)
        return false;
    if (a.byte_classes &&
        !equal_bytes(x.byte_classes + a.byte_classes_map, y.byte_classes + b.byte_classes_map, 1))
        return false;
    if (!equal_bytes(x.edges + a.edges.first, y.edges + b.edges.first, a.edges.count)) return false;
    for (std::uint32_t i = 0; i < a.states.count; i++) {
        isolates_state one = x.states[a.states.first + i];
        isolates_state other = y.states[b.states.first + i];
        const isolates_perms& p = xs[std::exchange(one.perms, 0)];
        const isolates_perms& q = ys[std::exchange(other.perms, 0)];
        if (!equal_bytes(&one, &other, 1) || !equal_bytes(p.allow, q.allow, 2) ||
            !equal_bytes(p.deny, q.deny, 2) || !equal_bytes(p.exec, q.exec, 2))
            return false;
    }
    return true;
}

}  // namespace

PolicyClass class_of(const Side& side, isolates_class class_id) {
    const isolates_class_rules* rules = side.policy->classes + class_id;
    PolicyClass result{rules->open, {}};
    Reading reading;
    if (class_id == ISOLATES_CLASS_LINK && !rules->automata.count && !rules->open) {
        rules = side.policy->classes + ISOLATES_CLASS_FILE;
        reading.kind = Reading::file_as_link;
    }
    for (std::uint32_t i = 0; i < rules->automata.count; i++)
        result.automata.emplace_back(*side.view, rules->automata.first + i,
                                     side.view->perms + side.policy->perms.first, reading);
    return result;
}

PolicyClass execs_of(const Side& side, std::uint32_t transition) {
    const isolates_class_rules& rules = side.policy->classes[ISOLATES_CLASS_FILE];
    PolicyClass result{rules.open, {}};
    if (transition) result.open &= ~std::uint32_t{ISOLATES_FILE_EXEC};
    for (std::uint32_t i = 0; i < rules.automata.count; i++)
        result.automata.emplace_back(*side.view, rules.automata.first + i,
                                     side.view->perms + side.policy->perms.first,
                                     Reading{Reading::exec_to, transition});
    return result;
}

bool are_identical(const Side& a, const Side& b, isolates_class class_id) {
    const isolates_class_rules& x = a.policy->classes[class_id];
    const isolates_class_rules& y = b.policy->classes[class_id];
    if (x.open != y.open || x.automata.count != y.automata.count) return false;
    for (std::uint32_t i = 0; i < x.automata.count; i++)
        if (!are_identical(*a.view, a.view->automata[x.automata.first + i],
                           a.view->perms + a.policy->perms.first, *b.view,
                           b.view->automata[y.automata.first + i],
                           b.view->perms + b.policy->perms.first))
            return false;
    return true;
}

std::expected<Difference, TooLarge> find_lost(const Shape& shape, const Policies& policies,
                                              int decision, std::size_t states_max) {
    return Product(shape, policies, decision, states_max).run();
}

}  // namespace isolates::exact
