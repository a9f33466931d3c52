// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <iterator>
#include <vector>

#include "dump/dump.hpp"

namespace isolates::dump {
namespace {

using automata::ItemKind;
using automata::NodeId;

std::string item(const automata::Nfa& nfa, automata::Item item) {
    if (item.kind() == ItemKind::byte) return byte(static_cast<std::uint8_t>(item.value()));
    return bytes(nfa.vocabulary().bytes(item));
}

// The nodes that are entered along with a node, but for itself.
std::vector<NodeId> entered(const automata::Nfa& nfa, NodeId id) {
    std::vector<NodeId> others;
    nfa.for_closure(id, [&](NodeId other) {
        if (other != id) others.push_back(other);
    });
    return others;
}

std::string as_text(const automata::Nfa& nfa, const automata::Labels& labels,
                    std::string_view name) {
    std::string out;
    auto to = std::back_inserter(out);
    fmt::format_to(to, "nfa {}: {} nodes\n", name, nfa.size());
    for (NodeId id = 0; id < nfa.size(); id++) {
        const auto& node = nfa[id];
        fmt::format_to(to, "  {}{}", id, id == nfa.start ? " start" : "");
        if (node.accept != automata::kNoLabel)
            fmt::format_to(to, " accept {}", label(labels[node.accept]));
        out += '\n';
        if (node.is_loop) fmt::format_to(to, "    {} -> {}\n", item(nfa, node.loop), id);
        for (const auto& edge : nfa.edges(node))
            fmt::format_to(to, "    {} -> {}\n", item(nfa, edge.item), edge.target);
        if (const auto others = entered(nfa, id); !others.empty())
            fmt::format_to(to, "    enters {}\n", fmt::join(others, " "));
    }
    return out;
}

std::string as_dot(const automata::Nfa& nfa, const automata::Labels& labels,
                   std::string_view name) {
    std::string out;
    auto to = std::back_inserter(out);
    fmt::format_to(to, "digraph {} {{\n  rankdir=LR;\n  node [shape=circle];\n", quoted(name));
    for (NodeId id = 0; id < nfa.size(); id++) {
        const auto& node = nfa[id];
        if (node.accept != automata::kNoLabel)
            fmt::format_to(to, "  {} [shape=doublecircle, xlabel={}];\n", id,
                           quoted(label(labels[node.accept])));
        if (id == nfa.start) fmt::format_to(to, "  start [shape=point];\n  start -> {};\n", id);
        if (node.is_loop)
            fmt::format_to(to, "  {0} -> {0} [label={1}];\n", id, quoted(item(nfa, node.loop)));
        for (const auto& edge : nfa.edges(node))
            fmt::format_to(to, "  {} -> {} [label={}];\n", id, edge.target,
                           quoted(item(nfa, edge.item)));
        for (const NodeId other : entered(nfa, id))
            fmt::format_to(to, "  {} -> {} [style=dashed];\n", id, other);
    }
    return out + "}\n";
}

}  // namespace

std::string nfa(const automata::Nfa& nfa, const automata::Labels& labels, std::string_view name,
                Form form) {
    return form == Form::dot ? as_dot(nfa, labels, name) : as_text(nfa, labels, name);
}

}  // namespace isolates::dump
