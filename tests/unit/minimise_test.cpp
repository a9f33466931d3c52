// SPDX-License-Identifier: GPL-2.0-only
#include "automata/minimal/minimise.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "reference/generator.hpp"
#include "reference/smallest.hpp"

namespace {

using namespace isolates;
using namespace isolates::automata;

// All else goes the way of "otherwise".
constexpr std::string_view kAlphabet = "abc";

// A state with its way on each byte of the alphabet, and on all others.
struct Made {
    LabelId label = kNoLabel;
    std::array<StateId, kAlphabet.size() + 1> ways{};
};

Dfa automaton_of(const std::vector<Made>& states, StateId start) {
    Dfa dfa;
    dfa.start = start;
    for (const Made& made : states) {
        Dfa::State state{made.label, made.ways.back(), static_cast<std::uint32_t>(dfa.edges.size()),
                         0};
        for (std::size_t i = 0; i < kAlphabet.size(); i++)
            if (made.ways[i] != state.otherwise)
                dfa.edges.push_back({made.ways[i], static_cast<std::uint8_t>(kAlphabet[i])});
        state.edge_count = static_cast<std::uint32_t>(dfa.edges.size()) - state.first_edge;
        dfa.states.push_back(state);
    }
    return dfa;
}

// Any automaton; the more of @dead ways, the less cyclic.
std::vector<Made> random_states(reference::Generator& generator) {
    std::vector<Made> states(1);
    const std::size_t count = 2 + generator.below(8);
    const std::size_t labels = 1 + generator.below(3), live = 1 + generator.below(4);
    for (StateId id = 1; id < count; id++) {
        Made made{static_cast<LabelId>(generator.below(labels + 1)), {}};
        for (StateId& way : made.ways) {
            // Onwards, as most ways of a policy's automaton, or anywhere.
            const bool is_onwards = generator.chance(2);
            way = generator.below(live + 1)
                      ? static_cast<StateId>(is_onwards ? id + generator.below(count - id)
                                                        : generator.below(count))
                      : kDead;
        }
        states.push_back(made);
    }
    return states;
}

// The same automaton with some copies of each state, each way leading to any of them: so
// there are cycles that lead into others that they are equivalent to.
std::vector<Made> with_copies(const std::vector<Made>& states, reference::Generator& generator) {
    std::vector<StateId> first = {0};
    for (std::size_t id = 0; id < states.size(); id++)
        first.push_back(first.back() + (id ? 1 + static_cast<StateId>(generator.below(4)) : 1));
    std::vector<Made> copies;
    for (std::size_t id = 0; id < states.size(); id++)
        for (StateId copy = first[id]; copy < first[id + 1]; copy++) {
            Made made = states[id];
            for (StateId& way : made.ways)
                way =
                    first[way] + static_cast<StateId>(generator.below(first[way + 1] - first[way]));
            copies.push_back(made);
        }
    return copies;
}

std::vector<std::string> random_texts(reference::Generator& generator) {
    std::vector<std::string> texts = {""};
    for (int i = 0; i < 60; i++) {
        std::string text;
        for (std::size_t length = 1 + generator.below(12); length; length--)
            text += (std::string(kAlphabet) + "x")[generator.below(kAlphabet.size() + 1)];
        texts.push_back(text);
    }
    return texts;
}

std::string spelt(const std::vector<Made>& states) {
    std::string text;
    for (std::size_t id = 0; id < states.size(); id++)
        text += fmt::format("{}: label {}, ways {}\n", id, states[id].label,
                            fmt::join(states[id].ways, " "));
    return text;
}

}  // namespace

TEST_CASE("minimise: copies of states are found, on cycles and beside them") {
    reference::Generator generator(reference::test_seed() + 50);
    for (int round = 0; round < 1500; round++) {
        const auto states = with_copies(random_states(generator), generator);
        const Dfa dfa = automaton_of(states, static_cast<StateId>(generator.below(states.size())));
        const std::size_t smallest = reference::smallest_size(dfa);
        INFO(fmt::format("start {}\n{}", dfa.start, spelt(states)));
        const auto texts = random_texts(generator);
        // As usual, with walks that end early, and with none at all.
        for (const std::size_t steps : {kWalkStepsPerWay, std::size_t{1}, std::size_t{0}}) {
            INFO(steps << " steps");
            const Dfa minimal = minimise(dfa, steps);
            if (minimal.states.size() != smallest)
                FAIL(minimal.states.size() << " states, not " << smallest);
            for (const auto& text : texts)
                if (minimal.label_of(text) != dfa.label_of(text)) FAIL("'" << text << "'");
            // The dead state is the first.
            CHECK(minimal.states[kDead].otherwise == kDead);
            CHECK(minimal.states[kDead].label == kNoLabel);
            CHECK(!minimal.states[kDead].edge_count);
        }
    }
}

TEST_CASE("minimise: a cycle that leads into a part of one that it is equivalent to") {
    // 1 and 2 are copies of 3 and 4, but 2 knows 5 itself.
    const std::vector<Made> states = {
        {0, {0, 0, 0, 0}}, {0, {2, 0, 0, 1}}, {0, {5, 1, 0, 0}},
        {0, {4, 0, 0, 3}}, {0, {5, 3, 0, 0}}, {1, {3, 0, 0, 0}},
    };
    CHECK(minimise(automaton_of(states, 1)).states.size() == 4);
}
