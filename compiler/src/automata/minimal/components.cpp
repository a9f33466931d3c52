// SPDX-License-Identifier: GPL-2.0-only
#include "automata/minimal/components.hpp"

#include <algorithm>

namespace isolates::automata {

namespace {

class Search {
  public:
    explicit Search(const Dfa& dfa)
        : dfa_(dfa), order_(dfa.states.size(), kNone), low_(dfa.states.size()) {
        found_.of.assign(dfa.states.size(), kNone);
        found_.states.reserve(dfa.states.size());
        found_.first.push_back(0);
    }

    Components run() {
        visit_from(kDead);
        visit_from(dfa_.start);
        return std::move(found_);
    }

  private:
    struct Frame {
        StateId state;
        std::uint32_t next;  // of its ways: 0 is "otherwise", then the edges
    };

    void visit_from(StateId root) {
        if (order_[root] != kNone) return;
        enter(root);
        while (!frames_.empty()) {
            Frame& frame = frames_.back();
            const Dfa::State& state = dfa_.states[frame.state];
            if (frame.next > state.edge_count) {
                leave();
                continue;
            }
            const StateId target =
                frame.next ? dfa_.edges[state.first_edge + frame.next - 1].target : state.otherwise;
            frame.next++;
            if (order_[target] == kNone)
                enter(target);
            else if (found_.of[target] == kNone)
                low_[frame.state] = std::min(low_[frame.state], order_[target]);
        }
    }

    void enter(StateId state) {
        order_[state] = low_[state] = count_++;
        stack_.push_back(state);
        frames_.push_back({state, 0});
    }

    void leave() {
        const StateId state = frames_.back().state;
        frames_.pop_back();
        if (!frames_.empty()) {
            std::uint32_t& low = low_[frames_.back().state];
            low = std::min(low, low_[state]);
        }
        if (low_[state] != order_[state]) return;
        const auto component = static_cast<std::uint32_t>(found_.first.size() - 1);
        StateId member;
        do {
            member = stack_.back();
            stack_.pop_back();
            found_.of[member] = component;
            found_.states.push_back(member);
        } while (member != state);
        found_.first.push_back(static_cast<std::uint32_t>(found_.states.size()));
    }

    const Dfa& dfa_;
    Components found_;
    std::vector<std::uint32_t> order_;  // by state: when it was entered
    std::vector<std::uint32_t> low_;
    std::vector<StateId> stack_;
    std::vector<Frame> frames_;
    std::uint32_t count_ = 0;
};

}  // namespace

Components find_components(const Dfa& dfa) {
    return Search(dfa).run();
}

}  // namespace isolates::automata
