// SPDX-License-Identifier: GPL-2.0-only
#include "sema/assertions.hpp"

#include <algorithm>

#include "sema/open.hpp"

namespace isolates::sema {
namespace {

std::size_t findings(const diag::Report& report) {
    return report.errors() + report.warnings();
}

// Whether any rule gives an errno, which means nothing here.
bool has_errno(const model::Policy& policy) {
    const auto gives = [](const auto& rule) { return rule.effect.error != 0; };
    bool found = std::ranges::any_of(policy.syscalls, gives);
    model::for_each_class(policy, [&](isolates_class, const auto& rules) {
        found = found || std::ranges::any_of(rules, gives);
    });
    return found;
}

bool has_rules(const model::Policy& policy) {
    bool found = !policy.syscalls.empty();
    model::for_each_class(
        policy, [&](isolates_class, const auto& rules) { found = found || !rules.empty(); });
    return found;
}

}  // namespace

AssertionReading::AssertionReading(const Context& context)
    : outer_(context),
      findings_(findings(context.report)),
      inner_{context.sources, context.report, context.variables, denies_, context.aliases} {
    denies_.name = context.policy.name;
    denies_.origin = context.policy.origin;
    open_all(denies_);
}

ast::Qualifiers AssertionReading::qualifiers(const ast::Qualifiers& written) const {
    for (const auto& stray :
         {written.allow, written.deny, written.audit, written.quiet, written.prompt})
        if (stray)
            outer_.report.error(*stray, "an assertion says what is never allowed, and no more")
                .with_hint("write assert never RULE");
    if (written.priority) outer_.report.error(written.priority->at, "an assertion has no priority");
    ast::Qualifiers result;
    result.deny = written.assertion;
    result.owner = written.owner;
    result.other = written.other;
    return result;
}

void AssertionReading::finish(const diag::Span& at) {
    auto& report = outer_.report;
    // A policy may allow links as pairs, whatever its rules on names say.
    for (const auto& file : denies_.files)
        if (file.operations & ISOLATES_FILE_LINK)
            denies_.links.push_back({file.effect, file.glob, "/**", ISOLATES_LINK_OPS, file.whose});
    if (has_errno(denies_)) {
        report.error(at, "an assertion has no errno");
    } else if (has_rules(denies_)) {
        outer_.policy.assertions.push_back({at, std::move(denies_)});
    } else if (findings(report) == findings_) {
        report.error(at, "nothing that could be allowed is asserted never to be");
    }
}

}  // namespace isolates::sema
