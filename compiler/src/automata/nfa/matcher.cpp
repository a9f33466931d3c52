// SPDX-License-Identifier: GPL-2.0-only
#include "automata/nfa/matcher.hpp"

#include <algorithm>

namespace isolates::automata {

bool matches(const Nfa& nfa, std::span<const std::uint8_t> text) {
    std::vector<NodeId> now, next;
    const auto enter = [&](NodeId id) {
        nfa.for_closure(id, [&](NodeId entered) { next.push_back(entered); });
    };
    const auto advance = [&] {
        std::ranges::sort(next);
        const auto repeated = std::ranges::unique(next);
        next.erase(repeated.begin(), repeated.end());
        now.swap(next);
        next.clear();
    };

    if (nfa.start != kNone) enter(nfa.start);
    advance();
    for (const std::uint8_t byte : text) {
        const auto takes = [&](Item item) {
            return item.kind() == ItemKind::byte ? item.value() == byte
                                                 : nfa.vocabulary().bytes(item).has(byte);
        };
        for (const NodeId id : now) {
            const Nfa::Node& node = nfa[id];
            for (const Nfa::Edge& edge : nfa.edges(node))
                if (takes(edge.item)) enter(edge.target);
            if (node.is_loop && takes(node.loop)) enter(id);
        }
        advance();
    }
    return std::ranges::any_of(now, [&](NodeId id) { return nfa[id].accept != kNoLabel; });
}

}  // namespace isolates::automata
