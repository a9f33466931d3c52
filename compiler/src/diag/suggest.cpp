// SPDX-License-Identifier: GPL-2.0-only
#include "diag/suggest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>

namespace isolates::diag {
namespace {

constexpr std::size_t word_max = 64;

// The number of insertions, deletions, replacements and swaps of neighbours that
// lead from one word to the other (optimal string alignment distance: Wagner and
// Fischer's table with Damerau's fourth operation). Both at most word_max long.
std::size_t distance(std::string_view a, std::string_view b) {
    std::array<std::array<std::size_t, word_max + 1>, 3> rows{};
    auto* before = &rows[0];
    auto* last = &rows[1];
    auto* row = &rows[2];
    for (std::size_t j = 0; j <= b.size(); j++) (*last)[j] = j;
    for (std::size_t i = 1; i <= a.size(); i++) {
        (*row)[0] = i;
        for (std::size_t j = 1; j <= b.size(); j++) {
            const std::size_t replaced = (*last)[j - 1] + (a[i - 1] != b[j - 1]);
            (*row)[j] = std::min({(*last)[j] + 1, (*row)[j - 1] + 1, replaced});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                (*row)[j] = std::min((*row)[j], (*before)[j - 2] + 1);
        }
        std::swap(before, last);
        std::swap(last, row);
    }
    return (*last)[b.size()];
}

}  // namespace

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
    if (word.size() > word_max) return {};
    // "net_bind" is meant to be "net_bind_service": a long beginning says more
    // than the distance.
    std::string_view best;
    std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
    for (const auto candidate : candidates) {
        if (candidate.size() > word_max) continue;
        const std::size_t length = distance(word, candidate);
        if (length < best_distance) {
            best = candidate;
            best_distance = length;
        }
    }
    if (best.empty() && word.size() >= 4) {
        const auto longer = std::ranges::find_if(
            candidates, [&](std::string_view candidate) { return candidate.starts_with(word); });
        if (longer != candidates.end()) best = *longer;
    }
    return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
    const auto candidate = nearest(word, candidates);
    return candidate.empty() ? std::string() : fmt::format("did you mean '{}'?", candidate);
}

}  // namespace isolates::diag
