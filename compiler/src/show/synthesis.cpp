// SPDX-License-Identifier: GPL-2.0-only
#include "show/synthesis.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>

namespace isolates::show {
namespace {

class Synthesiser {
  public:
    Synthesiser(const Language& language, const Path& path, const Places& places, Budget& budget)
        : language_(language),
          path_(path),
          places_(places),
          budget_(budget),
          known_(path.sets.size() + 1) {}

    Glob run() {
        StateSet states = {path_.states.front()};
        const std::size_t size = path_.sets.size();
        bool is_behind_loop = false;
        for (std::size_t at = 0;;) {
            if (!is_behind_loop && places_[at] != Place::none) {
                if (const auto next = put_loop(at, states)) {
                    at = *next;
                    is_behind_loop = true;
                    continue;
                }
            }
            if (at == size) return std::move(glob_);
            is_behind_loop = false;
            glob_.push_back({path_.sets[at], false});
            states = language_.step(states, path_.sets[at], budget_);
            at++;
        }
    }

  private:
    // A loop, and where the path goes on behind it.
    struct Loop {
        std::size_t next = 0;
        bool is_one_more = false;  // "?*" or "?**": as a component, "*" or "**"
        ByteSet bytes;
        StateSet states;
    };

    // Puts a loop in place of the path's part from @at on, as long a part as can be;
    // of two the one that matches more. Returns where the path goes on behind, and
    // leaves the states there in @states.
    std::optional<std::size_t> put_loop(std::size_t at, StateSet& states) {
        std::optional<Loop> best;
        if (places_[at] == Place::whole)
            best = find_whole(at, states);
        else
            best = find_any(at, states);
        if (!best) return std::nullopt;
        if (best->is_one_more) glob_.push_back({kNameByte, false});
        glob_.push_back({best->bytes, true});
        states = std::move(best->states);
        return best->next;
    }

    std::optional<Loop> find_any(std::size_t at, const StateSet& states) {
        std::optional<Loop> best;
        for (const ByteSet& bytes : {kAnyByte, kNameByte})
            for (const bool is_one_more : {false, true})
                if (auto loop = find_loop(at, states, bytes, is_one_more);
                    loop && (!best || loop->next > best->next))
                    best = std::move(loop);
        return best;
    }

    // "**" in place of all up to the next byte 0.
    std::optional<Loop> find_whole(std::size_t at, const StateSet& states) {
        std::size_t end = at;
        while (end < path_.sets.size() && path_.sets[end] != only(0)) end++;
        StateSet behind = language_.close(states, kAnyByte, budget_);
        const auto is_good = [&](StateId state) { return may_end(state, end); };
        if (budget_.is_spent() || !std::ranges::all_of(behind, is_good)) return std::nullopt;
        return Loop{end, false, kAnyByte, std::move(behind)};
    }

    std::optional<Loop> find_loop(std::size_t at, const StateSet& states, const ByteSet& bytes,
                                  bool is_one_more) {
        const std::size_t size = path_.sets.size();
        const std::size_t least = at + (is_one_more ? 1 : 0);
        if (least > size || budget_.is_spent()) return std::nullopt;
        if (is_one_more && !kNameByte.includes(path_.sets[at])) return std::nullopt;
        StateSet behind = is_one_more ? language_.step(states, kNameByte, budget_) : states;
        const auto survives = [&](StateId state) { return language_.survives(state, bytes); };
        if (!std::ranges::all_of(behind, survives)) return std::nullopt;
        behind = language_.close(std::move(behind), bytes, budget_);

        std::size_t most = least;
        while (most < size && bytes.includes(path_.sets[most])) most++;
        for (std::size_t next = most + 1; next-- > least;) {
            const auto is_good = [&](StateId state) { return may_end(state, next); };
            if (std::ranges::all_of(behind, is_good))
                return Loop{next, is_one_more, bytes, std::move(behind)};
        }
        return std::nullopt;
    }

    // Whether the rest of the path from @at on, taken from @state, may be matched.
    // Follows all ways one step at a time; what is known is kept.
    bool may_end(StateId state, std::size_t at) {
        if (const auto known = known_[at].find(state); known != known_[at].end())
            return known->second;
        StateSet states = {state};
        std::size_t end = at;
        bool may = true;
        for (; may && end < path_.sets.size() && !budget_.is_spent(); end++) {
            states = language_.step(states, path_.sets[end], budget_);
            may = std::ranges::none_of(states, [](StateId id) { return id == automata::kDead; });
        }
        may = may && !budget_.is_spent() &&
              std::ranges::all_of(states, [&](StateId id) { return language_.is_may(id); });
        known_[at].emplace(state, may);
        return may;
    }

    const Language& language_;
    const Path& path_;
    const Places& places_;
    Budget& budget_;
    Glob glob_;
    std::vector<std::unordered_map<StateId, bool>> known_;  // by place in the path
};

}  // namespace

Glob synthesise(const Language& language, const Path& path, const Places& places, Budget& budget) {
    return Synthesiser(language, path, places, budget).run();
}

}  // namespace isolates::show
