// SPDX-License-Identifier: GPL-2.0-only
// The exact difference of two policies in their rules on system calls.
//
// A rule's conditions are about single arguments, so what counts of an argument is
// which of them hold. All combinations that some value of it gives are found bit by
// bit, from the highest one down: for each condition all that matters is whether the
// bits so far are equal to those it compares with, or less, or greater. The kernel's
// own decision is then asked about a value for each combination.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "decide/decide.hpp"
#include "exact/side.hpp"

namespace isolates::exact {

// A call that some arguments, or all, make a difference to.
struct SyscallDifference {
    std::string name;  // empty: all calls that no rule names
    bool is_whole = true;
    decide::SyscallArguments example{};  // of the arguments, if it is not whole
};

// Calls, in the order of their names, that @before allows and @after does not.
[[nodiscard]] std::expected<std::vector<SyscallDifference>, TooLarge> lost_syscalls(
    const Side& before, const Side& after);

// "mkdirat", "some of socket, e.g. socket(17, 0, 0, 0, 0, 0)".
[[nodiscard]] std::string describe(const SyscallDifference& difference);

}  // namespace isolates::exact
