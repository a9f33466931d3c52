// SPDX-License-Identifier: GPL-2.0-only
#include "show/search.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "automata/hash.hpp"
#include "show/cover.hpp"
#include "show/synthesis.hpp"

namespace isolates::show {
namespace {

class Search {
  public:
    Search(const Language& language, const ByteSet& bytes, const Maker& make,
           const std::vector<Glob>& known, Budget& budget)
        : language_(language), bytes_(bytes), make_(make), budget_(budget) {
        for (const Glob& glob : known) cover_.add(glob, kKnown);
    }

    // False if the budget is spent, or nothing was made.
    bool run() {
        if (!language_.leads_to_must(language_.start())) return true;
        std::size_t before = 0;
        do {
            before = globs_.size();
            walk();
            if (budget_.is_spent() || failed_) return false;
        } while (globs_.size() > before);
        return true;
    }

    std::vector<Glob> globs() {
        drop_matched();
        return std::move(globs_);
    }

  private:
    static constexpr std::uint32_t kKnown = Cover::kNone - 1;

    // All bytes that lead to one state.
    struct Way {
        ByteSet bytes;
        StateId target = 0;
    };

    // A state of the walk, and how far it has got there.
    struct Frame {
        StateId state = 0;
        Cover::Active active;
        std::vector<Way> ways;  // what is left, the last one first
        Way way;                // the one that is being taken
        std::uint8_t byte = 0;  // with this byte
        ByteSet rest;           // of its bytes, those still to be taken
    };

    void walk() {
        hashes_.clear();
        seen_.assign(language_.dfa().states.size(), {});
        stack_.clear();
        enter(language_.start(), cover_.start());
        while (!stack_.empty() && !budget_.is_spent() && !failed_) {
            Frame& frame = stack_.back();
            if (frame.rest.empty()) {
                if (frame.ways.empty()) {
                    stack_.pop_back();
                    continue;
                }
                frame.way = frame.ways.back();
                frame.rest = frame.way.bytes;
                frame.ways.pop_back();
            }
            frame.byte = first_of(frame.rest);
            budget_.spend(4 * frame.active.size());
            const ByteSet alike = cover_.alike(frame.active, frame.byte, frame.rest);
            frame.rest = common(frame.rest, alike.complement());
            const StateId target = frame.way.target;
            enter(target, cover_.step(frame.active, frame.byte));
        }
    }

    // Where the walk has been in one state. What texts behind a smaller set of globs
    // under way have left to find, texts behind a larger one have not more of: so only
    // the smallest sets need be kept (De Wulf, Doyen, Henzinger, Raskin: "Antichains: a
    // new algorithm for checking universality of finite automata", 2006). All are kept
    // by their hash, and the smallest of some to compare with.
    struct Seen {
        std::vector<Cover::Active> smallest;
    };
    static constexpr std::size_t kSmallestMax = 48;

    // Two that hash alike would at worst leave something out, and the comparison of what
    // is printed with what was given would tell. The start is far from all small
    // numbers, as two of them cancel each other out.
    static std::uint64_t hash_of(StateId state, const Cover::Active& active) {
        constexpr std::uint64_t start = 0x9e3779b97f4a7c15ull;
        std::uint64_t hash = automata::hash_mix(start, state);
        for (const std::uint32_t node : active) hash = automata::hash_mix(hash, node + 1);
        return hash;
    }

    // Notes a place of the walk; false if there is nothing to be found from there on.
    bool see(StateId state, const Cover::Active& active) {
        if (!hashes_.insert(hash_of(state, active)).second) return false;
        auto& smallest = seen_[state].smallest;
        for (const auto& other : smallest) {
            budget_.spend(1 + other.size());
            if (std::ranges::includes(active, other)) return false;
        }
        std::erase_if(smallest, [&](const Cover::Active& other) {
            return std::ranges::includes(other, active);
        });
        if (smallest.size() < kSmallestMax) {
            smallest.push_back(active);
        } else {
            auto largest = std::ranges::max_element(smallest, {}, &Cover::Active::size);
            if (largest->size() > active.size()) *largest = active;
        }
        return true;
    }

    void forget(StateId state, const Cover::Active& active) {
        hashes_.erase(hash_of(state, active));
        std::erase(seen_[state].smallest, active);
    }

    void enter(StateId state, Cover::Active active) {
        budget_.spend(1 + 4 * active.size());
        if (cover_.matches_all(active) || !see(state, active)) return;
        Frame& frame = stack_.emplace_back();
        frame.state = state;
        frame.active = std::move(active);
        frame.ways = ways_of(state);
        if (language_.is_must(state) && cover_.matched(frame.active) == Cover::kNone) add_glob();
    }

    // The ways that lead to what must be matched: the wide ones last, to be taken first,
    // since they show the most common form of what is to come.
    [[nodiscard]] std::vector<Way> ways_of(StateId id) {
        const Dfa::State& state = language_.dfa().states[id];
        std::vector<Way> ways = {{bytes_, state.otherwise}};
        for (const Dfa::Edge& edge : language_.dfa().edges_of(state)) {
            ways[0].bytes.remove(edge.byte);
            if (bytes_.has(edge.byte)) ways.push_back({only(edge.byte), edge.target});
        }
        budget_.spend(ways.size());
        std::ranges::stable_sort(ways, {}, &Way::target);
        std::size_t count = 0;
        for (const Way& way : ways) {
            if (count && ways[count - 1].target == way.target)
                ways[count - 1].bytes.add(way.bytes);
            else if (!way.bytes.empty())
                ways[count++] = way;
        }
        ways.resize(count);
        std::erase_if(ways, [&](const Way& way) { return !language_.leads_to_must(way.target); });
        std::ranges::stable_sort(ways, [](const Way& a, const Way& b) {
            const unsigned x = a.bytes.size(), y = b.bytes.size();
            return x != y ? x < y : first_of(a.bytes) > first_of(b.bytes);
        });
        return ways;
    }

    // For the way that the stack shows.
    void add_glob() {
        Path path;
        std::vector<std::uint8_t> text;
        for (std::size_t i = 0; i < stack_.size(); i++) {
            path.states.push_back(stack_[i].state);
            if (i + 1 == stack_.size()) break;
            path.sets.push_back(stack_[i].way.bytes);
            text.push_back(stack_[i].byte);
        }
        shorten(path, text);
        std::vector<Glob> made = make_(path, text);
        failed_ = made.empty();
        if (budget_.is_spent() || failed_) return;
        for (Glob& glob : made) {
            cover_.add(glob, static_cast<std::uint32_t>(globs_.size()));
            globs_.push_back(std::move(glob));
        }
        // The new glob is under way in all of them. What was seen without it is seen no
        // more: elsewhere it may not be under way, and so have something left to find.
        Cover::Active active = cover_.start();
        for (Frame& frame : stack_) {
            forget(frame.state, frame.active);
            frame.active = std::move(active);
            see(frame.state, frame.active);
            active = cover_.step(frame.active, frame.byte);
        }
    }

    // Takes detours out of a way that no glob matches, if none matches it without.
    void shorten(Path& path, std::vector<std::uint8_t>& text) {
        for (std::size_t from = 0; from < path.states.size(); from++) {
            std::size_t to = path.states.size() - 1;
            while (path.states[to] != path.states[from]) to--;
            if (to == from) continue;
            std::vector<std::uint8_t> shorter(text);
            shorter.erase(shorter.begin() + offset(from), shorter.begin() + offset(to));
            if (is_matched(shorter)) continue;
            text = std::move(shorter);
            path.states.erase(path.states.begin() + offset(from), path.states.begin() + offset(to));
            path.sets.erase(path.sets.begin() + offset(from), path.sets.begin() + offset(to));
        }
    }

    [[nodiscard]] bool is_matched(const std::vector<std::uint8_t>& text) {
        Cover::Active active = cover_.start();
        for (const std::uint8_t byte : text) {
            active = cover_.step(active, byte);
            budget_.spend(1 + active.size());
        }
        return cover_.matched(active) != Cover::kNone;
    }

    // Drops what other globs match as a whole.
    void drop_matched() {
        std::vector<Glob> kept;
        for (Glob& glob : globs_) {
            const auto number = static_cast<std::uint32_t>(&glob - globs_.data());
            cover_.remove(glob);
            Cover::Active active = cover_.start();
            for (const Element& element : glob) active = cover_.step(active, element);
            if (cover_.matched(active) != Cover::kNone) continue;
            cover_.add(glob, number);
            kept.push_back(glob);
        }
        globs_ = std::move(kept);
    }

    static std::ptrdiff_t offset(std::size_t index) { return static_cast<std::ptrdiff_t>(index); }

    static std::uint8_t first_of(const ByteSet& set) {
        for (unsigned byte = 0; byte < 256; byte++)
            if (set.has(static_cast<std::uint8_t>(byte))) return static_cast<std::uint8_t>(byte);
        return 0;
    }

    const Language& language_;
    const ByteSet bytes_;
    const Maker& make_;
    Budget& budget_;
    bool failed_ = false;
    Cover cover_;
    std::vector<Glob> globs_;
    std::unordered_set<std::uint64_t> hashes_;
    std::vector<Seen> seen_;  // by state
    std::vector<Frame> stack_;
};

}  // namespace

std::optional<std::vector<Glob>> find_globs(const Language& language, std::size_t first_loop,
                                            Budget& budget) {
    const Maker make = [&](const Path& path, const std::vector<std::uint8_t>&) {
        Places places(path.states.size(), Place::any);
        std::fill_n(places.begin(), std::min(first_loop, places.size()), Place::none);
        return std::vector<Glob>{synthesise(language, path, places, budget)};
    };
    return cover(language, kAnyByte, make, {}, budget);
}

std::optional<std::vector<Glob>> cover(const Language& language, const ByteSet& bytes,
                                       const Maker& make, const std::vector<Glob>& known,
                                       Budget& budget) {
    Search search(language, bytes, make, known, budget);
    if (!search.run()) return std::nullopt;
    return search.globs();
}

}  // namespace isolates::show
