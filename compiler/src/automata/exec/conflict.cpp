// SPDX-License-Identifier: GPL-2.0-only
#include "automata/exec/conflict.hpp"

#include <algorithm>
#include <deque>
#include <span>
#include <tuple>

#include "automata/nfa/matcher.hpp"
#include "automata/nfa/nfa.hpp"

namespace isolates::automata {

namespace {

// Whose exec a label contradicts itself about, if it does.
std::optional<std::size_t> contradiction(const Label& label) {
    for (std::size_t whose = 0; whose < label.exec.size(); whose++)
        if (label.exec[whose].count > 1) return whose;
    return std::nullopt;
}

// A byte that reads well, of those that no edge names, if one is left.
std::optional<std::uint8_t> unnamed_byte(std::span<const Dfa::Edge> edges) {
    const auto is_named = [&](unsigned byte) {
        return std::ranges::find(edges, byte, &Dfa::Edge::byte) != edges.end();
    };
    for (const char c : std::string_view("xabcdefghijklmnopqrstuvwyz0123456789.-_ "))
        if (!is_named(static_cast<std::uint8_t>(c))) return static_cast<std::uint8_t>(c);
    for (unsigned byte = 1; byte < 256; byte++)
        if (byte != '/' && !is_named(byte)) return static_cast<std::uint8_t>(byte);
    return std::nullopt;
}

// Looks for a program's path that ends in a contradiction: breadth first, so that the
// example is short. No path has two slashes in a row, nor has a program's one at its
// end, so a state is another one behind a slash.
class Search {
  public:
    Search(const Dfa& dfa, const Labels& labels)
        : dfa_(dfa), labels_(labels), arrivals_(dfa.states.size() * 2) {}

    std::optional<std::pair<StateId, std::string>> run() {
        arrive({}, dfa_.next(dfa_.start, '/'), '/');
        for (; !queue_.empty(); queue_.pop_front()) {
            const Place place = queue_.front();
            const Dfa::State& state = dfa_.states[place.state];
            if (!place.behind_slash && contradiction(labels_[state.label]))
                return std::pair(place.state, path_to(place));
            const auto edges = dfa_.edges_of(state);
            for (const Dfa::Edge& edge : edges)
                if (edge.byte) arrive(place, edge.target, edge.byte);
            if (const auto byte = unnamed_byte(edges)) arrive(place, state.otherwise, *byte);
            arrive(place, dfa_.next(place.state, '/'), '/');
        }
        return std::nullopt;
    }

  private:
    struct Place {
        StateId state = kDead;
        bool behind_slash = false;
    };
    struct Arrival {
        Place from;
        std::uint8_t byte = 0;  // 0: not arrived yet
    };

    [[nodiscard]] Arrival& arrival(const Place& place) {
        return arrivals_[place.state * 2 + place.behind_slash];
    }

    void arrive(const Place& from, StateId to, std::uint8_t byte) {
        const Place place{to, byte == '/'};
        if (to == kDead || (place.behind_slash && from.behind_slash) || arrival(place).byte) return;
        arrival(place) = {from, byte};
        queue_.push_back(place);
    }

    // What comes first comes from nowhere, which is the dead state.
    std::string path_to(Place place) {
        std::string text;
        for (; place.state != kDead; place = arrival(place).from)
            text += static_cast<char>(arrival(place).byte);
        std::ranges::reverse(text);
        return text;
    }

    const Dfa& dfa_;
    const Labels& labels_;
    std::vector<Arrival> arrivals_;
    std::deque<Place> queue_;
};

// How much an exec rule counts: its priority, and then that it has no wildcard.
std::tuple<std::int32_t, bool> weight(const Label& label, std::size_t whose) {
    std::int32_t priority = 0;
    for (const PriorityMark& mark : label.priorities)
        if (mark.operations[whose] & ISOLATES_FILE_EXEC) priority = mark.priority;
    return {priority, label.exec[whose].is_exact};
}

}  // namespace

std::optional<ExecConflict> find_exec_conflict(const Dfa& dfa, const Patterns& patterns,
                                               Labels& labels) {
    // As a rule no state contradicts itself, reached or not.
    if (std::ranges::none_of(dfa.states, [&](const Dfa::State& state) {
            return contradiction(labels[state.label]).has_value();
        }))
        return std::nullopt;
    const auto found = Search(dfa, labels).run();
    if (!found) return std::nullopt;
    const std::size_t whose = *contradiction(labels[dfa.states[found->first].label]);
    const std::string& text = found->second;
    const std::span bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());

    // Of the rules that match it, those that count most.
    std::vector<std::uint32_t> matching;
    for (std::uint32_t i = 0; i < patterns.patterns.size(); i++) {
        if (!labels[patterns.patterns[i].label].exec[whose].count) continue;
        const auto nfa = build_nfa(patterns, {&i, 1}, labels);
        if (nfa && matches(*nfa, bytes)) matching.push_back(i);
    }
    const auto weight_of = [&](std::uint32_t pattern) {
        return weight(labels[patterns.patterns[pattern].label], whose);
    };
    ExecConflict conflict{text, {}};
    if (matching.empty()) return conflict;
    const auto most = weight_of(*std::ranges::max_element(matching, {}, weight_of));
    std::vector<std::uint32_t> transitions;
    for (const std::uint32_t i : matching) {
        const Pattern& pattern = patterns.patterns[i];
        const std::uint32_t transition = labels[pattern.label].exec[whose].transitions[0];
        if (weight_of(i) != most || std::ranges::find(transitions, transition) != transitions.end())
            continue;
        transitions.push_back(transition);
        conflict.rules.push_back(pattern.rule);
    }
    return conflict;
}

}  // namespace isolates::automata
