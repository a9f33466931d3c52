// SPDX-License-Identifier: GPL-2.0-only
// The letters of a file rule: "rwPix".
#pragma once

#include <cstdint>
#include <optional>

#include "parse/ast/text.hpp"
#include "sema/context.hpp"

namespace isolates::sema {

// What an exec mode says, whatever the target.
struct ExecMode {
    enum class Kind { stay, unconfined, policy, child };

    Kind kind = Kind::stay;
    isolates_fallback fallback = ISOLATES_FALLBACK_DENY;
    bool scrubs = false;

    bool operator==(const ExecMode&) const = default;
};

struct FileLetters {
    std::uint32_t operations = 0;  // isolates_file_op mask
    std::optional<ExecMode> exec;  // of an allow rule with an 'x'
};

// Reads letters as AppArmor does. Nothing if any is wrong; that is reported.
std::optional<FileLetters> read_letters(const Context& context, const ast::Text& letters,
                                        bool denies);

}  // namespace isolates::sema
