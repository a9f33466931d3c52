// SPDX-License-Identifier: GPL-2.0-only
// What becomes of who violates a policy that is in force.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "cli/commands.hpp"
#include "diag/suggest.hpp"
#include "kernel/securityfs.hpp"
#include "sema/mode_names.hpp"

namespace isolates::cli {

ExitStatus mode(const std::string& policy, const std::string& name, Output& output) {
    if (!name.empty() && std::ranges::find(sema::mode_names, name) == sema::mode_names.end()) {
        const auto hint = diag::did_you_mean(name, sema::mode_names);
        return output.fail(exit_usage,
                           fmt::format("unknown mode '{}'; {}", name,
                                       hint.empty() ? fmt::format("there are {}",
                                                                  fmt::join(sema::mode_names, ", "))
                                                    : hint));
    }
    const auto files = kernel::Securityfs::open();
    if (!files) return output.fail(exit_refused, files.error().reason);
    const auto present = files->list();
    if (!present) return output.fail(exit_refused, present.error().reason);
    const auto found = std::ranges::find(*present, policy, &kernel::LoadedPolicy::name);
    if (found == present->end())
        return output.fail(exit_refused, fmt::format("no policy '{}' is loaded", policy));
    if (!name.empty())
        if (const auto done = files->set_mode(*found, name); !done)
            return output.fail(exit_refused, done.error().reason);
    output.set("policy", policy);
    output.set("mode", name.empty() ? found->mode : name);
    output.line(name.empty() ? found->mode : fmt::format("{} is in mode {}", policy, name));
    return exit_done;
}

}  // namespace isolates::cli
