// SPDX-License-Identifier: GPL-2.0-only
// What a policy attaches to, as its header says it.
#pragma once

#include <expected>
#include <string>

#include "core.hpp"
#include "show/language.hpp"

namespace isolates::show {

struct Attachment {
    std::string variable;  // a line that goes before the first policy; empty: there is none
    std::string text;      // behind the policy's name; empty: it attaches to nothing
};

// Fails if no text was found, or if that takes more than @budget. @name: of the variable.
[[nodiscard]] std::expected<Attachment, std::string> show_attachment(const isolates_view& view,
                                                                     const isolates_policy& policy,
                                                                     const std::string& name,
                                                                     Budget& budget);

}  // namespace isolates::show
