// SPDX-License-Identifier: GPL-2.0-only
#include "exact/assertions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "emit/emit.hpp"
#include "exact/describe.hpp"
#include "exact/difference.hpp"
#include "exact/syscalls.hpp"
#include "sema/file_operations.hpp"

namespace isolates::exact {
namespace {

// More would not be read.
constexpr std::size_t kNamedRulesMax = 8;

class Checker {
  public:
    Checker(const model::Policy& policy, const Side& side, const diag::Sources& sources,
            diag::Report& report)
        : policy_(policy), side_(side), sources_(sources), report_(report) {}

    void check(const model::Assertion& assertion) {
        const auto blob = compile(assertion);
        if (!blob) return;
        const Side all_else = {&blob->view(), blob->view().policies};
        for (std::uint32_t id = 0; id < ISOLATES_CLASS_COUNT; id++) {
            const auto class_id = static_cast<isolates_class>(id);
            // What a policy attaches to allows nothing.
            if (class_id == ISOLATES_CLASS_ATTACH) continue;
            const isolates_class_rules& rules = all_else.policy->classes[id];
            // Of most classes an assertion says nothing.
            if (!rules.automata.count && rules.open == open_everywhere(class_id)) continue;
            const auto differences = lost(side_, all_else, class_id);
            if (!differences) return report_excess(assertion);
            if (!differences->empty()) return report(assertion, *differences);
        }
        check_syscalls(assertion, all_else);
    }

  private:
    // The policy that denies what is asserted, and nothing else.
    std::optional<decide::Blob> compile(const model::Assertion& assertion) {
        model::Program program;
        program.policies = {assertion.denies};
        auto blob = emit::build_blob(program, {.strip = true});
        if (!blob) {
            report_.error(assertion.at, blob.error().message);
            return std::nullopt;
        }
        return std::move(*blob);
    }

    [[nodiscard]] static std::uint32_t open_everywhere(isolates_class class_id) {
        return shape_of(class_id).operations;
    }

    [[nodiscard]] diag::Span place(const model::Origin& origin) const {
        return sources_.span_at(origin.source, {origin.line, origin.column});
    }

    // Of all that differs, what does so on one example.
    void report(const model::Assertion& assertion, const std::vector<Difference>& differences) {
        const Difference& first = differences.front();
        Decisions decisions = 0;
        for (const Difference& difference : differences)
            if (difference.contains(first.example)) decisions |= difference.decisions;
        const auto other = static_cast<std::uint32_t>(decisions);
        const auto owner = static_cast<std::uint32_t>(decisions >> 32);
        std::optional<model::Whose> whose;
        if (shape_of(first.class_id).has_owner)
            whose = other & owner ? model::Whose::anyone
                    : other       ? model::Whose::other
                                  : model::Whose::owner;
        const std::uint32_t operations = other & owner ? other & owner : other | owner;
        auto& diagnostic = report_.error(
            assertion.at,
            fmt::format("policy {} allows {}", policy_.name,
                        describe_operation(first.class_id, whose, operations,
                                           describe_facts(first.class_id, first.example))));
        name_rules(first, operations, whose == model::Whose::owner, diagnostic);
    }

    // Those that allow any of the operations on the example.
    void name_rules(const Difference& difference, std::uint32_t operations, bool owner,
                    diag::Diagnostic& diagnostic) const {
        // By rules no policy opens all operations on files.
        if (policy_.open[ISOLATES_CLASS_FILE] & sema::bare_file_operations)
            diagnostic.with_note(place(policy_.origin), "this policy allows what no rule denies");
        std::size_t named = 0;
        for (const auto& ruling :
             decide::rulings(policy_, difference.class_id, operations, difference.example, owner)) {
            if (ruling.effect.action != model::Action::allow) continue;
            if (named++ == kNamedRulesMax) return;
            diagnostic.with_note(place(ruling.origin), "this rule allows it");
        }
    }

    void check_syscalls(const model::Assertion& assertion, const Side& all_else) {
        const auto differences = lost_syscalls(side_, all_else);
        if (!differences) return report_excess(assertion);
        if (differences->empty()) return;
        const SyscallDifference& first = differences->front();
        auto& diagnostic = report_.error(assertion.at, fmt::format("policy {} allows syscall {}",
                                                                   policy_.name, describe(first)));
        for (const model::SyscallRule& rule : policy_.syscalls)
            if (rule.name == first.name && rule.effect.action == model::Action::allow &&
                !rule.only_audits)
                diagnostic.with_note(place(policy_.rules.at(rule.effect.rule)),
                                     "this rule allows it");
    }

    void report_excess(const model::Assertion& assertion) {
        report_.error(assertion.at,
                      fmt::format("the rules of policy {} are too much for this to be checked: "
                                  "they have too many combinations",
                                  policy_.name));
    }

    const model::Policy& policy_;
    const Side side_;
    const diag::Sources& sources_;
    diag::Report& report_;
};

}  // namespace

void check_assertions(const model::Program& program, const decide::Blob& blob,
                      const diag::Sources& sources, diag::Report& report) {
    for (const model::Policy& policy : program.policies) {
        if (policy.assertions.empty()) continue;
        const auto compiled = blob.find(policy.name);
        const Side side = {&blob.view(), &compiled->raw()};
        Checker checker(policy, side, sources, report);
        for (const model::Assertion& assertion : policy.assertions) checker.check(assertion);
    }
}

}  // namespace isolates::exact
