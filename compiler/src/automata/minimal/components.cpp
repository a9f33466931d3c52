// SPDX-License-Identifier: GPL-2.0-only
#include "automata/minimal/components.hpp"

#include <algorithm>

namespace isolates::automata {

namespace {

class Search {
  public:
    explicit Search(const Dfa& dfa) : dfa_(dfa), order_(dfa.states.size(), kUnseen) {
        found_.states.reserve(dfa.states.size());
        stack_.reserve(dfa.states.size());
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
        std::uint32_t low;   // of the states entered that it can reach, the first one
    };

    void visit_from(StateId root) {
        if (order_[root] != kUnseen) return;
        enter(root);
        while (!frames_.empty()) {
            Frame& frame = frames_.back();
            const StateId next = follow(frame);
            if (next != kNone)
                enter(next);
            else
                leave(frame);
        }
    }

    // The next state to enter from a frame; kNone if there is none any more.
    StateId follow(Frame& frame) const {
        const Dfa::State& state = dfa_.states[frame.state];
        const Dfa::Edge* const edges = dfa_.edges.data() + state.first_edge;
        // By value: the compiler would store both for each way.
        std::uint32_t next = frame.next, low = frame.low;
        StateId unseen = kNone;
        for (; next <= state.edge_count; next++) {
            const StateId target = next ? edges[next - 1].target : state.otherwise;
            if (order_[target] == kUnseen) {
                unseen = target;
                break;
            }
            low = std::min(low, order_[target]);
        }
        frame.next = next;
        frame.low = low;
        return unseen;
    }

    void enter(StateId state) {
        order_[state] = ++count_;
        stack_.push_back(state);
        frames_.push_back({state, 0, count_});
    }

    void leave(const Frame& frame) {
        const auto [state, next, low] = frame;
        frames_.pop_back();
        if (low != order_[state]) {
            // Not the first of its component, so there is a frame below.
            frames_.back().low = std::min(frames_.back().low, low);
            return;
        }
        StateId member;
        do {
            member = stack_.back();
            stack_.pop_back();
            order_[member] = kFound;
            found_.states.push_back(member);
        } while (member != state);
        found_.first.push_back(static_cast<std::uint32_t>(found_.states.size()));
    }

    // What is found is before nothing.
    static constexpr std::uint32_t kUnseen = 0, kFound = kNone;

    const Dfa& dfa_;
    Components found_;
    std::vector<std::uint32_t> order_;  // by state: when it was entered
    std::vector<StateId> stack_;
    std::vector<Frame> frames_;
    std::uint32_t count_ = 0;
};

}  // namespace

Components find_components(const Dfa& dfa) {
    return Search(dfa).run();
}

}  // namespace isolates::automata
