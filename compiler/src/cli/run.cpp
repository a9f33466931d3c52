// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.hpp"
#include "diag/suggest.hpp"
#include "kernel/launch.hpp"
#include "sema/namespace_kinds.hpp"

namespace isolates::cli {

ExitStatus run(const std::string& policy, const std::vector<std::string>& kinds,
               const std::vector<std::string>& command, Output& output) {
    kernel::Launch what{policy, {}, command};
    for (const auto& name : kinds) {
        const auto kind = sema::namespace_kind(name);
        if (!kind) {
            const auto hint = diag::did_you_mean(name, sema::namespace_kinds());
            return output.fail(exit_usage, fmt::format("unknown kind of namespace '{}'{}{}", name,
                                                       hint.empty() ? "" : "; ", hint));
        }
        if (std::ranges::find(what.kinds, *kind) == what.kinds.end()) what.kinds.push_back(*kind);
    }
    const auto files = kernel::Securityfs::open();
    if (!files) return output.fail(exit_refused, files.error().reason);
    const auto status = kernel::launch(*files, what);
    if (!status) return output.fail(exit_refused, status.error());
    return static_cast<ExitStatus>(*status);
}

}  // namespace isolates::cli
