// SPDX-License-Identifier: GPL-2.0-only
// What the kernel side enforces of the language. The compiler takes all of it; a rule
// of which something is not enforced is warned about, once, and by name. This table
// is the one place to change when the kernel side learns more.
#pragma once

#include <cstdint>
#include <string_view>

#include "core.hpp"
#include "diag/span.hpp"
#include "sema/context.hpp"
#include "sema/permissions.hpp"

namespace isolates::sema {

// The operations of a class that the kernel asks policies about.
std::uint32_t enforced_operations(isolates_class class_id);

// What the language has beside the operations of classes.
enum class Feature : std::uint8_t {
    pivot_transitions,  // "pivot_root -> policy"
    rlimits,
    pending_bindings,     // "on exec"
    network_interface,    // "interface="
    network_labels,       // "label=" of sockets that are not unix ones
    unbound_endpoints,    // "ip=none"
    unsafe_change,        // "change_profile unsafe"
};
bool is_enforced(Feature feature);

// Warns of a rule, at its keyword, if the kernel does not enforce all the operations
// that it names: the class as a whole, or some of its operations. False if it warned.
bool warn_unenforced(const Context& context, const diag::Span& keyword, std::string_view rules,
                     isolates_class class_id, std::uint32_t operations,
                     std::span<const Permission> permissions);

// Warns that "what" is not enforced yet, unless it is. False if it warned.
bool warn_unenforced(const Context& context, const diag::Span& at, Feature feature,
                     std::string_view what);

// Warns of a rule about what isolates leaves to others for good.
void warn_unmediated(const Context& context, const diag::Span& keyword, std::string_view rules);

}  // namespace isolates::sema
