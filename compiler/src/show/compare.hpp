// SPDX-License-Identifier: GPL-2.0-only
// Whether two policies decide the same, whatever is asked.
//
// Class by class and operation by operation, the automata of both sides are walked
// side by side over all facts that there can be. That one operation at a time is
// looked at keeps the product small: of each automaton only what it says of the
// operation is left. An errno is the one of the first rule that denies any operation
// that is asked, so it is compared as well whether the errnos' orders agree.
#pragma once

#include <expected>
#include <string>

#include "core.hpp"

namespace isolates::show {

// A policy and the verified blob it is in.
struct PolicyView {
    const isolates_view* view = nullptr;
    const isolates_policy* policy = nullptr;
};

// Fails with what differs, or if it takes too much to find out.
[[nodiscard]] std::expected<void, std::string> compare(const PolicyView& a, const PolicyView& b);

}  // namespace isolates::show
