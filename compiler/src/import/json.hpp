// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>

#include "diag/report.hpp"
#include "diag/sources.hpp"

namespace isolates::import {

// How deep arrays and objects may nest.
inline constexpr std::size_t json_depth_max = 32;

// A file of "sources" as JSON. Nothing, and an error with its place, if it is none, if an
// object has a key twice (parsers differ in which one counts), or if it nests too deep.
std::optional<nlohmann::json> parse_json(const diag::Sources& sources, std::uint32_t file,
                                         std::uint32_t inclusion, diag::Report& report);

}  // namespace isolates::import
