// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "core.hpp"

namespace isolates::exact {

// A policy of a verified blob, which outlives this.
struct Side {
    const isolates_view* view = nullptr;
    const isolates_policy* policy = nullptr;
};

// The policies cannot be compared: too much would have to be told apart.
struct TooLarge {};

}  // namespace isolates::exact
