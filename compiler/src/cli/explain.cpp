// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "cli/commands.hpp"
#include "cli/question.hpp"
#include "cli/rule_text.hpp"
#include "sema/errno_names.hpp"
#include "sema/file_operations.hpp"

namespace isolates::cli {
namespace {

// What a policy says, and by which rule.
struct Ruling {
    bool is_allowed = false;
    std::uint32_t error = 0;
    std::uint32_t denied_files = 0;  // of several file operations, those denied
    std::optional<decide::Place> rule;
};

class Explainer {
  public:
    Explainer(const Input& input, const decide::Policy& policy) : input_(input), policy_(policy) {
        for (const auto& candidate : input.compilation.program.policies)
            if (candidate.name == policy.name()) model_ = &candidate;
    }

    Ruling operator()(const decide::FileFacts& facts) const {
        auto ruling = decide(facts);
        ruling.denied_files = policy_.decide(facts).denied;
        return ruling;
    }
    // Of a policy that has no pairs the name says all.
    Ruling operator()(const decide::LinkFacts& facts) const {
        if (policy_.has_pairs()) return decide(facts);
        return (*this)(decide::FileFacts{ISOLATES_FILE_LINK, facts.name, facts.owner});
    }
    template <typename Facts>
    Ruling operator()(const Facts& facts) const {
        return decide(facts);
    }

    Ruling operator()(const SyscallFacts& facts) const {
        const auto verdict = policy_.decide_syscall(facts.name, facts.arguments);
        if (verdict.denied) return {false, verdict.error, 0, verdict.denied_by};
        return {true, 0, 0, allowed_by(facts)};
    }

  private:
    template <typename Facts>
    Ruling decide(const Facts& facts) const {
        const auto verdict = policy_.decide(facts);
        if (verdict.denied) return {false, verdict.error, 0, verdict.denied_by};
        return {true, 0, 0, allowed_by(facts)};
    }

    // The blob keeps no allow rules: those of the source are asked one by one.
    template <typename Facts>
    std::optional<decide::Place> allowed_by(const Facts& facts) const {
        if (!model_) return std::nullopt;
        // Of those that allow it the first one of the highest priority.
        auto rulings = decide::rulings(*model_, facts);
        std::erase_if(rulings, [](const decide::Ruling& ruling) {
            return ruling.effect.action != model::Action::allow;
        });
        const auto found =
            std::ranges::max_element(rulings, {}, [](const auto& r) { return r.effect.priority; });
        if (found == rulings.end()) return std::nullopt;
        return place(found->origin);
    }

    [[nodiscard]] decide::Place place(const model::Origin& origin) const {
        const auto& source = input_.compilation.program.sources[origin.source];
        return {source.name, origin.line, origin.column};
    }

    [[nodiscard]] std::optional<decide::Place> allowed_by(const SyscallFacts& facts) const {
        if (!model_) return std::nullopt;
        for (const auto& rule : model_->syscalls) {
            const bool holds = rule.name == facts.name &&
                               std::ranges::all_of(rule.arguments, [&](const auto& argument) {
                                   return holds_of(argument, facts.arguments);
                               });
            if (holds && !rule.only_audits && rule.effect.action == model::Action::allow)
                return place(model_->rules[rule.effect.rule]);
        }
        return std::nullopt;
    }

    static bool holds_of(const model::Argument& argument,
                         const decide::SyscallArguments& arguments) {
        const isolates_argument condition{argument.index, static_cast<__u32>(argument.comparison),
                                          argument.mask, argument.value};
        return isolates_argument_holds(&condition, arguments[argument.index]);
    }

    const Input& input_;
    const decide::Policy& policy_;
    const model::Policy* model_ = nullptr;
};

// The policy that is asked.
std::expected<decide::Policy, std::string> choose(const decide::Blob& blob, const std::string& name,
                                                  const std::string& file) {
    if (!name.empty()) {
        if (const auto found = blob.find(name)) return *found;
    }
    const auto policies = blob.policies();
    if (name.empty() && policies.size() == 1) return policies.front();
    std::string names;
    for (const auto& policy : policies)
        names += fmt::format("{}{}", names.empty() ? "" : ", ", policy.name());
    if (name.empty())
        return std::unexpected(
            fmt::format("{} has several policies; choose with --policy: {}", file, names));
    return std::unexpected(
        fmt::format("there is no policy '{}' in {}; it has {}", name, file, names));
}

void tell(const Ruling& ruling, const Input& input, Output& output) {
    std::string text =
        ruling.is_allowed ? "allowed" : fmt::format("denied ({})", sema::errno_name(ruling.error));
    if (ruling.denied_files)
        text += fmt::format(": {}", sema::describe_file_operations(ruling.denied_files));
    output.set("allowed", ruling.is_allowed);
    if (!ruling.is_allowed) output.set("errno", sema::errno_name(ruling.error));
    output.line(text);
    if (!ruling.rule) {
        output.line(ruling.is_allowed ? "no rule denies it" : "no rule allows it");
        return;
    }
    const auto& [source, line, column] = *ruling.rule;
    const auto rule = rule_text(source_text(input.blob.view(), source), line, column);
    output.set("rule", {{"file", source}, {"line", line}, {"column", column}, {"text", rule}});
    output.line(fmt::format("by {}:{}: {}", source, line, rule));
}

std::string_view fallback_text(isolates_fallback fallback) {
    switch (fallback) {
        case ISOLATES_FALLBACK_STAY:
            return "; if there is none, under this one";
        case ISOLATES_FALLBACK_UNCONFINED:
            return "; if there is none, under none";
        default:
            return "; if there is none, it does not run";
    }
}

std::string describe(const std::optional<decide::Transition>& transition) {
    if (!transition) return "the program stays under this policy";
    std::string text;
    if (transition->kind == ISOLATES_TRANSITION_UNCONFINED)
        text = "the program runs under no policy";
    else if (!transition->target.empty())
        text = fmt::format("the program runs under the policy '{}'{}", transition->target,
                           fallback_text(transition->fallback));
    else
        text = fmt::format("the program runs under the {} that attaches to it{}",
                           transition->kind == ISOLATES_TRANSITION_CHILD ? "child" : "policy",
                           fallback_text(transition->fallback));
    if (transition->scrubs) text += "; its environment is scrubbed";
    return text;
}

// Where an exec leads that is allowed.
void tell_transition(const decide::Policy& policy, const decide::FileFacts& facts, Output& output) {
    const auto transition = policy.transition(facts);
    output.line(describe(transition));
    if (!transition) return;
    static constexpr std::array<std::string_view, ISOLATES_TRANSITION_COUNT> kinds = {
        "unconfined", "policy", "child"};
    static constexpr std::array<std::string_view, ISOLATES_FALLBACK_COUNT> fallbacks = {
        "deny", "stay", "unconfined"};
    output.set("transition", {{"kind", kinds[transition->kind]},
                              {"fallback", fallbacks[transition->fallback]},
                              {"target", transition->target},
                              {"scrubs", transition->scrubs}});
}

}  // namespace

ExitStatus explain(const CompileArguments& arguments, const std::string& name,
                   const std::vector<std::string>& words, Output& output) {
    const auto question = parse_question(words);
    if (!question) return output.fail(exit_usage, question.error());
    const auto input = read_input(arguments, output);
    if (!input) return input.error();
    const auto policy = choose(input->blob, name, arguments.files.front());
    if (!policy) return output.fail(exit_usage, policy.error());

    const auto* const file = std::get_if<decide::FileFacts>(&*question);
    if (file && file->operations & ISOLATES_FILE_LINK && policy->has_pairs())
        return output.fail(exit_usage,
                           "the policy has rules on links as pairs: write link NAME FILE");

    const auto ruling = std::visit(Explainer(*input, *policy), *question);
    tell(ruling, *input, output);
    if (file && ruling.is_allowed && file->operations & ISOLATES_FILE_EXEC)
        tell_transition(*policy, *file, output);
    return ruling.is_allowed ? exit_done : exit_policy;
}

}  // namespace isolates::cli
