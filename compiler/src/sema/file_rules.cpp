// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <array>
#include <utility>

#include "diag/suggest.hpp"
#include "sema/file_letters.hpp"
#include "sema/file_operations.hpp"
#include "sema/links.hpp"
#include "sema/rules.hpp"
#include "sema/transitions.hpp"

namespace isolates::sema {
namespace {

// What "file," is about, as in AppArmor: every path.
constexpr std::string_view every_path = "/{**,}";

constexpr std::array<std::string_view, 1> subset_words = {"subset"};

std::optional<std::uint32_t> named_operations(const Context& context,
                                              const std::vector<ast::Item>& names) {
    std::uint32_t operations = 0;
    bool is_wrong = false;
    for (const auto& item : names) {
        const auto* const name = plain(context, item);
        if (!name) return std::nullopt;
        const auto bit = file_operation(name->text);
        if (bit) {
            operations |= *bit;
            continue;
        }
        is_wrong = true;
        context.report.error(name->at, fmt::format("unknown file operation '{}'", name->text))
            .with_hint(diag::did_you_mean(name->text, file_operation_names()));
    }
    if (is_wrong) return std::nullopt;
    return operations;
}

std::optional<FileLetters> permissions_of(const Context& context, const ast::FileRule& rule,
                                          bool denies) {
    if (!rule.path) return FileLetters{bare_file_operations, std::nullopt};
    if (rule.letters) return read_letters(context, *rule.letters, denies);
    if (rule.operations.empty()) {
        context.report.error(rule.at, "no operation is named");
        return std::nullopt;
    }
    const auto operations = named_operations(context, rule.operations);
    if (!operations) return std::nullopt;
    return FileLetters{*operations, std::nullopt};
}

// Whether the rule's "->" names the file of a link, and what is wrong with it.
bool check_target(const Context& context, const ast::FileRule& rule, const FileLetters& letters) {
    auto& report = context.report;
    const bool links = letters.operations & ISOLATES_FILE_LINK;
    const bool moves = letters.exec && letters.exec->kind != ExecMode::Kind::stay &&
                       letters.exec->kind != ExecMode::Kind::unconfined;
    if (rule.subset && rule.subset->text != "subset")
        report.error(rule.subset->at, fmt::format("unexpected '{}'", rule.subset->text))
            .with_hint(diag::did_you_mean(rule.subset->text, subset_words));
    else if (rule.subset && !links)
        report.error(rule.subset->at, "'subset' is for links");
    if (!rule.target) return false;
    if (links && moves)
        report.error(rule.target->at, "is this the file of a link, or where an exec leads?")
            .with_hint("write two rules");
    else if (!links && !moves)
        report.warning(rule.target->at,
                       "no permission of this rule has a target: it means nothing");
    return links;
}

}  // namespace

model::Whose whose(const Context& context, const ast::Qualifiers& qualifiers) {
    if (qualifiers.owner && qualifiers.other)
        context.report.error(*qualifiers.other, "'owner' and 'other' exclude each other");
    if (qualifiers.owner) return model::Whose::owner;
    return qualifiers.other ? model::Whose::other : model::Whose::anyone;
}

void analyze(const Context& context, const ast::FileRule& rule) {
    const Conditions conditions(context, "file", rule.conditions, {"errno"});
    const auto effect = effect_of(context, rule.qualifiers, conditions.find("errno"));
    const bool denies = rule.qualifiers->deny || rule.qualifiers->prompt;
    const auto letters = permissions_of(context, rule, denies);
    const auto owner = whose(context, rule.qualifiers);

    auto globs =
        rule.path ? paths_of(context, *rule.path) : std::vector(1, std::string(every_path));
    if (!effect || !letters || !globs) return;
    const bool links = check_target(context, rule, *letters);
    if (rule.is_safe && !(letters->operations & ISOLATES_FILE_EXEC))
        context.report.error(rule.at, "'safe' and 'unsafe' are for exec");

    model::FileRule file{*effect, {}, letters->operations, owner, 0};
    file.effect.rule = context.add_rule(rule.at);
    if (letters->exec) {
        ExecMode mode = *letters->exec;
        if (rule.is_safe) mode.scrubs = *rule.is_safe;
        const bool has_target = rule.target && !links;
        const auto transition = transition_of(context, mode, has_target ? &*rule.target : nullptr);
        if (!transition) return;
        file.transition = *transition;
    }
    if (links) {
        file.operations &= ~std::uint32_t{ISOLATES_FILE_LINK};
        add_links(context, file.effect, owner, static_cast<bool>(rule.subset), *globs,
                  *rule.target);
    }
    if (!file.operations) return;
    for (auto& glob : *globs) context.policy.files.emplace_back(file).glob = std::move(glob);
}

}  // namespace isolates::sema
