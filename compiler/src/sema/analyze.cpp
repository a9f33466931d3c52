// SPDX-License-Identifier: GPL-2.0-only
#include "sema/analyze.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>
#include <variant>

#include "sema/assertions.hpp"
#include "sema/booleans.hpp"
#include "sema/flags.hpp"
#include "sema/links.hpp"
#include "sema/policy_names.hpp"
#include "sema/rules.hpp"

namespace isolates::sema {
namespace {

// What goes for all rules of a block goes for each of them.
void inherit(ast::Qualifiers& qualifiers, const ast::Qualifiers& outer) {
    const auto take = [](auto& own, const auto& given) {
        if (!own) own = given;
    };
    take(qualifiers.allow, outer.allow);
    take(qualifiers.deny, outer.deny);
    take(qualifiers.audit, outer.audit);
    take(qualifiers.quiet, outer.quiet);
    take(qualifiers.owner, outer.owner);
    take(qualifiers.other, outer.other);
    take(qualifiers.prompt, outer.prompt);
    take(qualifiers.priority, outer.priority);
    take(qualifiers.assertion, outer.assertion);
}

bool is_any(const ast::Qualifiers& qualifiers) {
    return qualifiers.allow || qualifiers.deny || qualifiers.audit || qualifiers.quiet ||
           qualifiers.owner || qualifiers.other || qualifiers.prompt || qualifiers.priority ||
           qualifiers.assertion;
}

// A policy without conditions on mounts needs no automaton for them: it leaves each
// operation open, or not.
void complete_mounts(model::Policy& policy) {
    const auto is_plain = [](const model::MountRule& rule) {
        const model::Effect& effect = rule.effect;
        return rule.is_unconditional() && !effect.audit && !effect.quiet && !effect.error &&
               !effect.priority;
    };
    if (!std::ranges::all_of(policy.mounts, is_plain)) return;
    std::uint32_t denied = 0;
    for (const model::MountRule& rule : policy.mounts) {
        if (rule.effect.action == model::Action::deny)
            denied |= rule.operations;
        else
            policy.open[ISOLATES_CLASS_MOUNT] |= rule.operations;
    }
    policy.open[ISOLATES_CLASS_MOUNT] &= ~denied;
    policy.mounts.clear();
}

bool has_flag(const ast::Policy& syntax, std::string_view name) {
    return std::ranges::any_of(syntax.flags,
                               [&](const ast::Item& flag) { return flag.value.text == name; });
}

class Analyzer {
  public:
    Analyzer(const ast::Document& document, const std::vector<Definition>& definitions,
             const diag::Sources& sources, diag::Report& report, model::Program& program)
        : document_(document),
          sources_(sources),
          report_(report),
          program_(program),
          variables_(definitions),
          names_(program) {}

    void run() {
        for (const auto& assignment : document_.assignments) variables_.assign(assignment, report_);
        for (const auto& boolean : document_.booleans) booleans_.assign(boolean, report_);
        for (const auto& alias : document_.aliases) check_alias(alias);
        for (const auto& policy : document_.policies) analyze_policy(policy, {});
    }

  private:
    void check_alias(const ast::Alias& alias) {
        for (const auto* const path : {&alias.from, &alias.to})
            if (!path->text.starts_with('/'))
                report_.error(path->at, "an alias is of paths, which begin with '/'");
    }

    // "parent" is the full name of the policy that this one stands in, if any.
    void analyze_policy(const ast::Policy& syntax, const std::string& parent) {
        model::Policy policy;
        Context context{sources_, report_, variables_, policy, document_.aliases};
        policy.origin = context.origin(syntax.name.at);
        variables_.set_attachment({});
        policy.name = names_.name_of(context, syntax, parent);
        names_.add(context, syntax.name, program_);
        policy.attachments = attachments_of(context, syntax, !parent.empty());
        variables_.set_attachment(policy.attachments);
        if (syntax.xattrs) {
            report_.warning(*syntax.xattrs,
                            "conditions on extended attributes are not enforced by the kernel yet: "
                            "this policy attaches to no program");
            policy.attachments.clear();
        }
        context.audits_all = read_flags(syntax, report_, policy);

        // Its place is before its children's.
        const std::size_t place = program_.policies.size();
        program_.policies.push_back({});
        program_.policies[place].name = policy.name;
        program_.policies[place].origin = policy.origin;
        analyze_rules(context, syntax.rules, {});
        complete_links(policy);
        complete_mounts(policy);
        program_.policies[place] = std::move(policy);
    }

    // Who is under a policy may put its hats on: the kernel takes that for any other change.
    static void allow_hat(const Context& context, const ast::Policy& hat, std::string_view name) {
        model::ChangeRule rule;
        rule.effect.rule = context.add_rule(hat.name.at);
        rule.operations = ISOLATES_CHANGE_PROFILE_OPS;
        rule.program = "**";
        rule.target = escape_glob(name);
        context.policy.changes.push_back(rule);
    }

    // Blocks nest no deeper than the lexer lets them.
    void analyze_rules(const Context& context, const ast::Rules& rules,
                       const ast::Qualifiers& outer) {
        for (const auto& rule : rules)
            std::visit([&](const auto& typed) { analyze_one(context, typed, outer); }, rule);
    }

    template <typename Rule>
    void analyze_one(const Context& context, const Rule& rule, const ast::Qualifiers& outer) {
        if constexpr (std::is_same_v<Rule, std::monostate>) {
            return;
        } else if constexpr (std::is_same_v<Rule, ast::Policy>) {
            if (is_any(outer)) report_.error(rule.name.at, "a policy takes no qualifiers");
            const std::size_t place = program_.policies.size();
            analyze_policy(rule, context.policy.name);
            if (rule.is_hat || has_flag(rule, "hat"))
                allow_hat(context, rule, program_.policies[place].name);
            variables_.set_attachment(context.policy.attachments);
        } else if constexpr (std::is_same_v<Rule, ast::IfRule>) {
            for (const auto& branch : rule.branches) {
                const auto holds = branch.condition
                                       ? booleans_.value(*branch.condition, variables_, report_)
                                       : std::optional(true);
                if (!holds) return;
                if (*holds) return analyze_rules(context, branch.rules, outer);
            }
        } else if constexpr (std::is_same_v<Rule, ast::Block>) {
            ast::Qualifiers qualifiers = rule.qualifiers;
            inherit(qualifiers, outer);
            analyze_rules(context, rule.rules, qualifiers);
        } else if (is_any(outer)) {
            Rule qualified = rule;
            inherit(qualified.qualifiers.change(), outer);
            analyze_single(context, qualified);
        } else {
            analyze_single(context, rule);
        }
    }

    template <typename Rule>
    void analyze_single(const Context& context, const Rule& rule) {
        if (rule.qualifiers->assertion)
            analyze_assertion(context, rule);
        else
            analyze(context, rule);
    }

    const ast::Document& document_;
    const diag::Sources& sources_;
    diag::Report& report_;
    model::Program& program_;
    Variables variables_;
    Booleans booleans_;
    PolicyNames names_;
};

}  // namespace

void analyze(const ast::Document& document, const std::vector<Definition>& definitions,
             const diag::Sources& sources, diag::Report& report, model::Program& program) {
    Analyzer(document, definitions, sources, report, program).run();
}

}  // namespace isolates::sema
