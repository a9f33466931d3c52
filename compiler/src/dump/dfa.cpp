// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <iterator>
#include <map>

#include "dump/dump.hpp"

namespace isolates::dump {
namespace {

using automata::StateId;

// The bytes that lead to each target, by its number. To the dead state lead all that
// lead nowhere else, and are left out.
std::map<StateId, automata::ByteSet> ways(const automata::Dfa& dfa,
                                          const automata::Dfa::State& state) {
    std::map<StateId, automata::ByteSet> targets;
    auto otherwise = automata::ByteSet::all();
    for (const auto& edge : dfa.edges_of(state)) {
        targets[edge.target].add(edge.byte);
        otherwise.remove(edge.byte);
    }
    targets[state.otherwise].add(otherwise);
    targets.erase(automata::kDead);
    return targets;
}

}  // namespace

std::string dfa(const automata::Dfa& dfa, const automata::Labels& labels, std::string_view name,
                Form form) {
    std::string out;
    auto to = std::back_inserter(out);
    if (form == Form::dot)
        fmt::format_to(to,
                       "digraph {} {{\n  rankdir=LR;\n  node [shape=circle];\n"
                       "  start [shape=point];\n  start -> {};\n",
                       quoted(name), dfa.start);
    else
        fmt::format_to(to, "dfa {}: {} states, {} edges\n", name, dfa.states.size(),
                       dfa.edges.size());
    for (StateId id = 1; id < dfa.states.size(); id++) {
        const auto& state = dfa.states[id];
        const bool accepts = state.label != automata::kNoLabel;
        if (form == Form::text)
            fmt::format_to(to, "  {}{}{}\n", id, id == dfa.start ? " start" : "",
                           accepts ? " accept " + label(labels[state.label]) : "");
        else if (accepts)
            fmt::format_to(to, "  {} [shape=doublecircle, xlabel={}];\n", id,
                           quoted(label(labels[state.label])));
        for (const auto& [target, set] : ways(dfa, state)) {
            if (form == Form::text)
                fmt::format_to(to, "    {} -> {}\n", bytes(set), target);
            else
                fmt::format_to(to, "  {} -> {} [label={}];\n", id, target, quoted(bytes(set)));
        }
    }
    return form == Form::dot ? out + "}\n" : out;
}

}  // namespace isolates::dump
