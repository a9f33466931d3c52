// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "cli/commands.hpp"
#include "cli/question.hpp"
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

// The text of a source in a blob.
std::string_view text_of(const isolates_view& view, std::string_view name) {
    for (std::uint32_t i = 0; i < isolates_view_count(&view, ISOLATES_SECTION_SOURCES); i++) {
        const auto& source = view.sources[i];
        if (name == isolates_view_text(&view, source.name))
            return {isolates_view_text(&view, source.text), source.text.length};
    }
    return {};
}

// A rule as written, as far as its first line goes, without a comment behind it.
std::string_view rule_text(std::string_view source, std::uint32_t line, std::uint32_t column) {
    for (std::uint32_t i = 1; i < line; i++)
        source.remove_prefix(std::min(source.find('\n'), source.size() - 1) + 1);
    source = source.substr(0, source.find('\n'));
    source.remove_prefix(std::min<std::size_t>(column - 1, source.size()));
    for (const std::string_view comment : {" #", "\t#"})
        source = source.substr(0, source.find(comment));
    const auto last = source.find_last_not_of(" \t\r");
    return source.substr(0, last == source.npos ? 0 : last + 1);
}

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
    template <typename Facts>
    Ruling operator()(const Facts& facts) const {
        return decide(facts);
    }

    Ruling operator()(const SyscallFacts& facts) const {
        const auto verdict = policy_.decide_syscall(facts.name, facts.arguments);
        if (verdict.denied) return {false, verdict.error, 0, verdict.denied_by};
        return {true, 0, 0, allowed_by(facts)};
    }

    // These have no facts to be decided by but that they happen.
    Ruling operator()(const MountFacts& facts) const {
        isolates_request request{};
        request.class_id = ISOLATES_CLASS_MOUNT;
        request.operations = facts.operations;
        isolates_verdict verdict{};
        isolates_decide(&input_.blob.view(), &policy_.raw(), &request, &verdict);
        return {!verdict.denied, verdict.error, 0, std::nullopt};
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
        for (const auto& ruling : decide::rulings(*model_, facts)) {
            if (ruling.effect.action != model::Action::allow) continue;
            return place(ruling.origin);
        }
        return std::nullopt;
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
    const auto rule = rule_text(text_of(input.blob.view(), source), line, column);
    output.set("rule", {{"file", source}, {"line", line}, {"column", column}, {"text", rule}});
    output.line(fmt::format("by {}:{}: {}", source, line, rule));
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

    const auto ruling = std::visit(Explainer(*input, *policy), *question);
    tell(ruling, *input, output);
    return ruling.is_allowed ? exit_done : exit_policy;
}

}  // namespace isolates::cli
