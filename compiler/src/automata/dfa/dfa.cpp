// SPDX-License-Identifier: GPL-2.0-only
#include "automata/dfa/dfa.hpp"

#include <algorithm>

namespace isolates::automata {

StateId Dfa::next(StateId state, std::uint8_t byte) const {
    const auto all = edges_of(states[state]);
    const auto found = std::ranges::lower_bound(all, byte, {}, &Edge::byte);
    return found != all.end() && found->byte == byte ? found->target : states[state].otherwise;
}

LabelId Dfa::label_of(std::string_view text) const {
    StateId state = start;
    for (const char c : text) state = next(state, static_cast<std::uint8_t>(c));
    return states[state].label;
}

}  // namespace isolates::automata
