// SPDX-License-Identifier: GPL-2.0-only
// "change_profile [safe|unsafe] [PROGRAM] [-> NAME],"
#include <fmt/format.h>

#include <utility>

#include "sema/enforcement.hpp"
#include "sema/permissions.hpp"
#include "sema/rules.hpp"

namespace isolates::sema {
namespace {

constexpr std::string_view anything = "**";

// The programs a rule is about, and what goes before them.
struct Programs {
    std::vector<std::string> globs{std::string(anything)};
    const ast::Text* mode = nullptr;  // "safe" or "unsafe"
    bool is_named = false;
};

std::optional<Programs> programs_of(const Context& context, const ast::ChangeProfileRule& rule) {
    Programs programs;
    std::size_t next = 0;
    const auto& words = rule.words;
    if (!words.empty() && (words[0].text == "safe" || words[0].text == "unsafe"))
        programs.mode = &words[next++];
    if (next < words.size()) {
        const auto& program = words[next++];
        auto globs = globs_of(context, program);
        if (!globs) return std::nullopt;
        for (const auto& glob : *globs)
            if (!glob.starts_with('/') && !glob.starts_with('{')) {
                context.report.error(program.at, "the program of a change_profile rule is a path");
                return std::nullopt;
            }
        programs.globs = std::move(*globs);
        programs.is_named = true;
    }
    if (next < words.size()) {
        context.report.error(words[next].at, fmt::format("unexpected '{}'", words[next].text));
        return std::nullopt;
    }
    if (programs.mode && !programs.is_named) {
        context.report.error(programs.mode->at,
                             fmt::format("'{}' needs a program", programs.mode->text));
        return std::nullopt;
    }
    return programs;
}

}  // namespace

void analyze(const Context& context, const ast::ChangeProfileRule& rule) {
    const Conditions conditions(context, "change_profile", rule.conditions, {"errno"});
    refuse_ownership(context, rule.qualifiers, "change_profile rules");
    const auto effect = effect_of(context, rule.qualifiers, conditions.find("errno"));
    const bool is_right =
        check_shape(context, rule, {.words_max = rule.words.size(), .has_target = true});
    const auto programs = programs_of(context, rule);
    std::vector<std::string> targets{std::string(anything)};
    if (rule.target) {
        if (rule.target->text.starts_with('&')) {
            context.report.error(rule.target->at, "policies are not stacked by change_profile");
            return;
        }
        auto globs = globs_of(context, *rule.target);
        if (!globs) return;
        targets = std::move(*globs);
    }
    if (rule.has_list || rule.arguments) {
        context.report.error(rule.keyword.at, "a change_profile rule has no list");
        return;
    }
    if (!effect || !is_right || !programs) return;

    if (programs->mode && programs->mode->text == "unsafe")
        warn_unenforced(context, programs->mode->at,
                        "'unsafe' is taken for 'safe': an environment that is left alone is");
    // A rule that names a program is about the change that its exec makes, as in
    // AppArmor; one without is about both.
    const std::uint32_t operations = programs->is_named
                                         ? std::uint32_t{ISOLATES_CHANGE_PROFILE_ONEXEC}
                                         : std::uint32_t{ISOLATES_CHANGE_PROFILE_OPS};
    model::ChangeRule made{*effect, operations, {}, {}};
    made.effect.rule = context.add_rule(rule.at);
    for (const auto& program : programs->globs)
        for (const auto& target : targets) {
            made.program = program;
            made.target = target;
            context.policy.changes.push_back(made);
        }
}

}  // namespace isolates::sema
