// SPDX-License-Identifier: GPL-2.0-only
// A rule as its author wrote it.
#pragma once

#include <cstdint>
#include <string_view>

#include "core.hpp"

namespace isolates::cli {

// The text of a source in a blob, valid as long as the blob; empty if it has none of that name.
std::string_view source_text(const isolates_view& view, std::string_view name);

// A rule as written, as far as its first line goes, without a comment behind it. Lines and
// columns count from 1.
std::string_view rule_text(std::string_view source, std::uint32_t line, std::uint32_t column);

}  // namespace isolates::cli
