// SPDX-License-Identifier: GPL-2.0-only
#include "reference/smallest.hpp"

#include <map>
#include <set>
#include <vector>

namespace isolates::reference {

using namespace automata;

std::size_t smallest_size(const Dfa& dfa) {
    std::set<StateId> reached = {kDead, dfa.start};
    for (std::vector<StateId> todo = {kDead, dfa.start}; !todo.empty();) {
        const StateId state = todo.back();
        todo.pop_back();
        for (unsigned byte = 0; byte < 256; byte++) {
            const StateId next = dfa.next(state, static_cast<std::uint8_t>(byte));
            if (reached.insert(next).second) todo.push_back(next);
        }
    }
    std::map<StateId, std::uint32_t> block;
    for (const StateId state : reached) block[state] = dfa.states[state].label;
    for (std::size_t count = 0;;) {
        std::map<std::vector<std::uint32_t>, std::uint32_t> blocks;
        std::map<StateId, std::uint32_t> refined;
        for (const StateId state : reached) {
            std::vector<std::uint32_t> signature = {block[state]};
            for (unsigned byte = 0; byte < 256; byte++)
                signature.push_back(block[dfa.next(state, static_cast<std::uint8_t>(byte))]);
            refined[state] =
                blocks.emplace(signature, static_cast<std::uint32_t>(blocks.size())).first->second;
        }
        block = refined;
        if (blocks.size() == count) return count;
        count = blocks.size();
    }
}

}  // namespace isolates::reference
