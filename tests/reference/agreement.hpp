// SPDX-License-Identifier: GPL-2.0-only
// What was compiled, asked beside the reference.
#pragma once

#include <string>

#include "decide/decide.hpp"
#include "reference/generator.hpp"
#include "sema/model.hpp"

namespace isolates::reference {

// Asks @compiled, which was made of the policy of its name in @program, and the reference
// about facts of each class, @count times. Returns the first thing on which they do not
// agree, in words, or nothing.
[[nodiscard]] std::string disagreement(const model::Program& program,
                                       const decide::Policy& compiled, std::size_t count,
                                       Generator& generator);

}  // namespace isolates::reference
