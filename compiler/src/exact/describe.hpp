// SPDX-License-Identifier: GPL-2.0-only
// Facts and operations in words, by class.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "exact/difference.hpp"
#include "sema/model.hpp"

namespace isolates::exact {

// The names of a mask's operations, as rules have them.
[[nodiscard]] std::vector<std::string> operation_names(isolates_class class_id,
                                                       std::uint32_t operations);

// "owner file read,write /etc/passwd": what may be asked of "ipolc explain", nearly. Of a
// class with one operation it is not named. @whose: nothing if objects have no owner.
[[nodiscard]] std::string describe_operation(isolates_class class_id,
                                             std::optional<model::Whose> whose,
                                             std::uint32_t operations, const std::string& facts);

// One fact: "/srv/www/a", "set=kill peer=web", "inet stream protocol=6 peer=(...)".
[[nodiscard]] std::string describe_facts(isolates_class class_id,
                                         std::span<const std::uint8_t> facts);

// The facts of a difference as conditions of rules that together say exactly them, an
// empty text being "all". Nothing if they get too many.
[[nodiscard]] std::optional<std::vector<std::string>> describe_exactly(
    const Difference& difference);

// As far as all facts of a difference begin alike, as one condition.
[[nodiscard]] std::string describe_beginning(const Difference& difference);

}  // namespace isolates::exact
