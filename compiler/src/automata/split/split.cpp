// SPDX-License-Identifier: GPL-2.0-only
#include "automata/split/split.hpp"

#include <algorithm>

#include "automata/minimal/minimise.hpp"

namespace isolates::automata {

namespace {

using Share = std::vector<std::uint32_t>;  // patterns, in the order of their items

// What an automaton may take: in proportion to its patterns, and some for free.
constexpr DfaLimits kPerNode = {.states = 4, .words = 64, .visits = 256};
constexpr DfaLimits kFairFree = {.states = 1u << 12, .words = 1u << 20, .visits = 1u << 22};
// However strange the patterns are, this is the bound.
constexpr DfaLimits kLargeFree = {.states = 1u << 18, .words = 1u << 23, .visits = 1u << 24};

enum class Size { fair, large };

DfaLimits limits_of(const Nfa& nfa, Size size) {
    const DfaLimits& free = size == Size::fair ? kFairFree : kLargeFree;
    return {free.states + kPerNode.states * nfa.size(), free.words + kPerNode.words * nfa.size(),
            free.visits + kPerNode.visits * nfa.size()};
}

// How a pattern behaves beside others.
enum class Manner {
    settled,    // no loop but at its end
    lingering,  // a loop within a component
    roaming,    // a loop across components
};

class Splitter {
  public:
    Splitter(const Patterns& patterns, Labels& labels) : patterns_(patterns), labels_(labels) {}

    std::expected<std::vector<Dfa>, SplitError> run() {
        Share all;
        for (std::uint32_t i = 0; i < patterns_.patterns.size(); i++)
            if (patterns_.patterns[i].label != kNoLabel) all.push_back(i);
        std::ranges::sort(all, [&](std::uint32_t a, std::uint32_t b) {
            const auto x = items(a), y = items(b);
            const auto order =
                std::lexicographical_compare_three_way(x.begin(), x.end(), y.begin(), y.end());
            return order != 0 ? order < 0 : a < b;
        });
        if (all.empty()) return std::vector<Dfa>{};
        if (auto built = build({all}, Size::fair)) return std::move(*built);
        const bool is_bound = std::ranges::all_of(
            all, [&](std::uint32_t pattern) { return patterns_.patterns[pattern].is_bound; });
        if (!is_bound) return divide(all);
        if (auto built = build({all}, Size::large)) return std::move(*built);
        return std::unexpected(SplitError{suspects(), true});
    }

  private:
    std::expected<std::vector<Dfa>, SplitError> divide(const Share& all) {
        constexpr std::size_t kMost = ISOLATES_AUTOMATA_MAX;
        Share settled, calm, lively, roaming, bound, free;
        for (const std::uint32_t pattern : all) {
            const Manner manner = manner_of(items(pattern));
            const bool is_bound = patterns_.patterns[pattern].is_bound;
            (is_bound || manner == Manner::settled ? settled : lively).push_back(pattern);
            (is_bound || manner != Manner::roaming ? calm : roaming).push_back(pattern);
            (is_bound ? bound : free).push_back(pattern);
        }
        for (const std::size_t parts : {std::size_t{1}, std::size_t{2}, std::size_t{4}, kMost - 1})
            if (auto built = build(deal(calm, roaming, parts), Size::fair))
                return std::move(*built);
        for (const Size size : {Size::fair, Size::large})
            if (auto built = build(deal(settled, lively, kMost - 1), size))
                return std::move(*built);
        const std::size_t parts = bound.empty() ? kMost : kMost - 1;
        if (auto built = build(deal(bound, free, parts), Size::large)) return std::move(*built);
        return std::unexpected(SplitError{suspects(), !bound.empty()});
    }

    // One share of @together, and @apart dealt out to @parts others.
    static std::vector<Share> deal(const Share& together, const Share& apart, std::size_t parts) {
        std::vector<Share> shares(parts + 1);
        shares[0] = together;
        for (std::size_t i = 0; i < apart.size(); i++) shares[1 + i % parts].push_back(apart[i]);
        std::erase_if(shares, [](const Share& share) { return share.empty(); });
        return shares;
    }

    // An automaton for each share, if all of them stay within bounds. What has
    // failed once is not tried again.
    std::optional<std::vector<Dfa>> build(const std::vector<Share>& shares, Size size) {
        std::vector<Dfa> automata;
        for (const Share& share : shares)
            if (std::ranges::find(failed_, std::pair(share, size)) != failed_.end())
                return std::nullopt;
        for (const Share& share : shares) {
            auto dfa = build_one(share, size);
            if (!dfa) {
                failed_.emplace_back(share, size);
                return std::nullopt;
            }
            automata.push_back(std::move(*dfa));
        }
        return automata;
    }

    std::optional<Dfa> build_one(const Share& share, Size size) {
        std::optional<Nfa> nfa = build_nfa(patterns_, share, labels_);
        if (!nfa) return std::nullopt;
        if (nfa->is_plain()) return settled(as_dfa(*nfa));
        std::optional<Dfa> dfa = determinise(*nfa, labels_, limits_of(*nfa, size));
        nfa.reset();
        if (!dfa) return std::nullopt;
        return minimise(settled(std::move(*dfa)));
    }

    // Labels are not united any more.
    Dfa settled(Dfa dfa) {
        for (Dfa::State& state : dfa.states)
            if (state.label != kNoLabel) state.label = labels_.settled(state.label);
        return dfa;
    }

    // The patterns of the share that failed, the liveliest first.
    [[nodiscard]] Share suspects() const {
        Share suspects = failed_.back().first;
        std::ranges::stable_sort(suspects, std::ranges::greater{}, [&](std::uint32_t pattern) {
            return std::pair(manner_of(items(pattern)), items(pattern).size());
        });
        return suspects;
    }

    [[nodiscard]] std::span<const Item> items(std::uint32_t pattern) const {
        return patterns_.items_of(patterns_.patterns[pattern]);
    }

    [[nodiscard]] Manner manner_of(std::span<const Item> items) const {
        Manner manner = Manner::settled;
        for (std::size_t i = 0; i < items.size(); i++) {
            if (items[i].kind() == ItemKind::group)
                for (const Sequence& alternative : patterns_.vocabulary.alternatives(items[i]))
                    manner = std::max(manner, manner_of(alternative));
            if (items[i].kind() != ItemKind::loop || i + 1 == items.size()) continue;
            manner =
                std::max(manner, patterns_.vocabulary.bytes(items[i]).has('/') ? Manner::roaming
                                                                               : Manner::lingering);
        }
        return manner;
    }

    const Patterns& patterns_;
    Labels& labels_;
    std::vector<std::pair<Share, Size>> failed_;
};

}  // namespace

std::expected<std::vector<Dfa>, SplitError> build_automata(const Patterns& patterns,
                                                           Labels& labels) {
    return Splitter(patterns, labels).run();
}

}  // namespace isolates::automata
