// SPDX-License-Identifier: GPL-2.0-only
#include "lint/lint.hpp"

#include "lint/dangerous_files.hpp"
#include "lint/other_calls.hpp"
#include "lint/ring_calls.hpp"
#include "lint/useless_rules.hpp"

namespace isolates::lint {

void lint(const model::Program& program, const decide::Blob& blob, const diag::Sources& sources,
          diag::Report& report) {
    Warner warner(sources, report);
    for (const model::Policy& policy : program.policies) {
        warn_of_useless_rules(policy, warner);
        if (const auto decided = blob.find(policy.name))
            warn_of_dangerous_files(policy, *decided, warner);
        warn_of_other_calls(policy, warner);
        warn_of_ring_calls(policy, warner);
    }
}

}  // namespace isolates::lint
