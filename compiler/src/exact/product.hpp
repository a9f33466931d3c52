// SPDX-License-Identifier: GPL-2.0-only
// The product of all automata of two policies' class, for one decision.
#pragma once

#include "exact/difference.hpp"

namespace isolates::exact {

// One class of one policy.
struct PolicyClass {
    std::uint32_t open = 0;
    std::vector<Automaton> automata;
};

struct Policies {
    PolicyClass before;
    PolicyClass after;
};

[[nodiscard]] PolicyClass class_of(const Side& side, isolates_class class_id);

// The class of files, for execs that lead to one of the policy's transitions only:
// see Reading::exec_to.
[[nodiscard]] PolicyClass execs_of(const Side& side, std::uint32_t transition);

// Whether both sides' bytes say the same, but for what is only reported. If not,
// they may still decide the same.
[[nodiscard]] bool are_identical(const Side& a, const Side& b, isolates_class class_id);

// The facts for which "before" allows the decision of that number (a bit of
// Decisions) and "after" does not. No states: there are none.
[[nodiscard]] std::expected<Difference, TooLarge> find_lost(const Shape& shape,
                                                            const Policies& policies, int decision,
                                                            std::size_t states_max);

}  // namespace isolates::exact
