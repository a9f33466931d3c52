// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace isolates::sema {

// The number of a signal by AppArmor's names: "kill", "rtmin+3" (that is the
// kernel's first one, 32), and "exists", which is the probe, 0.
std::optional<std::uint8_t> signal_number(std::string_view name);

// A signal's name, of two that it has the usual one.
std::string signal_name(std::uint8_t number);

// All names but those of real-time signals, for suggestions.
std::span<const std::string_view> signal_names();

}  // namespace isolates::sema
