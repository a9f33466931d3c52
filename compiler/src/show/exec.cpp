// SPDX-License-Identifier: GPL-2.0-only
#include "show/exec.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace isolates::show {
namespace {

// Texts that one state, and all marked states together, may stand for.
constexpr std::uint64_t kTextsOfState = 4096;
constexpr std::uint64_t kTexts = std::uint64_t{1} << 17;

// Calls visit(target, count) for each way on from a state, by @count bytes.
template <typename Visitor>
void for_ways(const Dfa& dfa, StateId id, Visitor visit) {
    const Dfa::State& state = dfa.states[id];
    for (const Dfa::Edge& edge : dfa.edges_of(state)) visit(edge.target, std::uint64_t{1});
    if (state.edge_count < 256) visit(state.otherwise, std::uint64_t{256} - state.edge_count);
}

// How many texts lead to each state, counted up to kTextsOfState and one more. What is
// behind a cycle no count is found for, and so it has the highest.
std::vector<std::uint64_t> count_texts(const Dfa& dfa) {
    std::vector<StateId> reached = {dfa.start};
    std::vector<bool> is_reached(dfa.states.size());
    std::vector<std::uint32_t> ways_in(dfa.states.size());
    is_reached[dfa.start] = true;
    for (std::size_t i = 0; i < reached.size(); i++)
        for_ways(dfa, reached[i], [&](StateId target, std::uint64_t) {
            ways_in[target]++;
            if (is_reached[target]) return;
            is_reached[target] = true;
            reached.push_back(target);
        });

    constexpr std::uint64_t most = kTextsOfState + 1;
    std::vector<std::uint64_t> counts(dfa.states.size(), most), sums(dfa.states.size());
    std::vector<StateId> ready;
    sums[dfa.start] = 1;
    if (!ways_in[dfa.start]) ready.push_back(dfa.start);
    while (!ready.empty()) {
        const StateId id = ready.back();
        ready.pop_back();
        counts[id] = std::min(sums[id], most);
        for_ways(dfa, id, [&](StateId target, std::uint64_t bytes) {
            sums[target] = std::min(sums[target] + counts[id] * bytes, most);
            if (!--ways_in[target]) ready.push_back(target);
        });
    }
    return counts;
}

// Which states lead to one with a label of an exact path. These are in no cycle.
class TextFinder {
  public:
    TextFinder(const Dfa& dfa, LabelSpace labels)
        : dfa_(dfa), labels_(labels), leads_(dfa.states.size(), kUnknown) {}

    std::vector<std::pair<std::string, LabelId>> run() {
        if (!leads(dfa_.start)) return {};
        stack_.push_back({dfa_.start, 0});
        take(dfa_.start);
        while (!stack_.empty()) {
            auto& [state, byte] = stack_.back();
            if (byte == 256) {
                stack_.pop_back();
                if (!text_.empty()) text_.pop_back();
                continue;
            }
            const auto next = static_cast<std::uint8_t>(byte++);
            const StateId target = dfa_.next(state, next);
            // No path has a byte 0.
            if (!next || !leads(target)) continue;
            text_ += static_cast<char>(next);
            take(target);
            stack_.push_back({target, 0});
        }
        return std::move(texts_);
    }

  private:
    static constexpr std::uint8_t kUnknown = 2, kUnderWay = 3;

    [[nodiscard]] bool is_exact(StateId state) const {
        const LabelId label = dfa_.states[state].label;
        return label > labels_.outside() && label < labels_.of_apart(0);
    }

    void take(StateId state) {
        if (is_exact(state))
            texts_.emplace_back(text_, dfa_.states[state].label - labels_.of_exact(0));
    }

    // Depth first, without recursion, as paths are long.
    bool leads(StateId start) {
        std::vector<StateId> stack = {start};
        while (!stack.empty()) {
            const StateId id = stack.back();
            if (leads_[id] == kUnknown) {
                leads_[id] = kUnderWay;
                for_ways(dfa_, id, [&](StateId target, std::uint64_t) {
                    if (leads_[target] == kUnknown) stack.push_back(target);
                });
                continue;
            }
            stack.pop_back();
            if (leads_[id] != kUnderWay) continue;
            bool found = is_exact(id);
            for_ways(dfa_, id,
                     [&](StateId target, std::uint64_t) { found = found || leads_[target] == 1; });
            leads_[id] = found;
        }
        return leads_[start] == 1;
    }

    const Dfa& dfa_;
    const LabelSpace labels_;
    std::vector<std::uint8_t> leads_;
    std::vector<std::pair<StateId, unsigned>> stack_;
    std::string text_;
    std::vector<std::pair<std::string, LabelId>> texts_;
};

}  // namespace

void mark_exact(Dfa& dfa, std::span<const isolates_perms> perms) {
    const LabelSpace labels{perms.size()};
    const auto counts = count_texts(dfa);
    std::vector<StateId> found;
    for (StateId id = 0; id < dfa.states.size(); id++) {
        LabelId& label = dfa.states[id].label;
        if (label == labels.outside()) continue;
        const bool is_directory = label > labels.outside();
        const LabelId plain = is_directory ? label - labels.of_apart(0) : label;
        const isolates_perms& said = perms[plain];
        const bool is_allowed = (said.allow[0] | said.allow[1]) & ISOLATES_FILE_EXEC;
        if (!is_allowed)
            label = plain;
        else if (!is_directory && counts[id] <= kTextsOfState)
            found.push_back(id);
    }
    std::ranges::stable_sort(found, {}, [&](StateId id) { return counts[id]; });
    std::uint64_t all = 0;
    for (const StateId id : found) {
        all += counts[id];
        if (all > kTexts) break;
        dfa.states[id].label = labels.of_exact(dfa.states[id].label);
    }
}

std::vector<std::pair<std::string, LabelId>> exact_texts(const Dfa& dfa, LabelSpace labels) {
    return TextFinder(dfa, labels).run();
}

ExecText exec_text(const isolates_view& view, const isolates_policy& policy, std::uint32_t exec) {
    if (!exec) return {};
    const isolates_transition& transition = view.transitions[policy.transitions.first + exec - 1];
    std::string_view target(isolates_view_text(&view, transition.target), transition.target.length);
    ExecText text;
    switch (transition.kind) {
        case ISOLATES_TRANSITION_UNCONFINED:
            text.mode = "u";
            break;
        case ISOLATES_TRANSITION_CHILD: {
            text.mode = "c";
            // What goes before a child's name goes without saying, but before another one.
            const std::string parent =
                std::string(isolates_view_text(&view, policy.name), policy.name.length) + "//";
            if (target.starts_with(parent) && !target.substr(parent.size()).starts_with(parent))
                target.remove_prefix(parent.size());
            break;
        }
        default:
            text.mode = "p";
    }
    const bool scrubs = transition.flags & ISOLATES_TRANSITION_SCRUB;
    if (scrubs) text.mode[0] = static_cast<char>(text.mode[0] - 'a' + 'A');
    if (transition.fallback == ISOLATES_FALLBACK_STAY) text.mode += 'i';
    if (transition.fallback == ISOLATES_FALLBACK_UNCONFINED) text.mode += scrubs ? 'U' : 'u';
    text.mode += 'x';
    text.target = target;
    return text;
}

}  // namespace isolates::show
