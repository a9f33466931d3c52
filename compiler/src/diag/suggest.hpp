// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace isolates::diag {

// The candidate that "word" most likely is a misspelling of, or an empty view. Of
// equally near ones the first. A word of more than 64 bytes is nobody's
// misspelling.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

// "did you mean 'X'?" for the nearest candidate, or nothing.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace isolates::diag
