// SPDX-License-Identifier: GPL-2.0-only
// A difference told by the globs of the rules it comes from, where its own automaton
// has no short text.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "exact/difference.hpp"
#include "sema/model.hpp"

namespace isolates::exact {

struct RuleGlob {
    std::string glob;
    bool is_inside = false;  // all that it matches is in the difference
};

struct Cover {
    std::vector<RuleGlob> globs;
    bool is_complete = false;  // all of the difference is matched by one of them
};

// Globs of @allowing's rules that allow facts of @difference, which is one of files, and
// of @denying's that deny them, chosen so that each matches some that those before do
// not. Nothing if there are none, or if it takes too much.
[[nodiscard]] std::optional<Cover> cover_by_rules(const Difference& difference,
                                                  const model::Policy& allowing,
                                                  const model::Policy& denying);

}  // namespace isolates::exact
