// SPDX-License-Identifier: GPL-2.0-only
#include "sema/context.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>
#include <utility>

#include "automata/pattern/glob.hpp"
#include "diag/suggest.hpp"
#include "sema/errno_names.hpp"

namespace isolates::sema {
namespace {

std::optional<std::uint32_t> error_of(const Context& context, const ast::Condition& condition) {
    const auto* const name = single_value(context, condition);
    if (!name) return std::nullopt;
    const auto number = errno_number(name->text);
    if (!number)
        context.report.error(name->at, fmt::format("unknown errno '{}'", name->text))
            .with_hint(diag::did_you_mean(name->text, errno_names()));
    return number;
}

// AppArmor's bounds.
constexpr std::int32_t priority_max = 1000;

std::optional<std::int32_t> priority_of(const Context& context, const ast::Priority& priority) {
    const std::string_view text = priority.text;
    const auto digits = text.substr(text.starts_with('+') ? 1 : 0);
    std::int32_t value = 0;
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), value);
    if (error == std::errc() && end == digits.end() && value >= -priority_max &&
        value <= priority_max)
        return value;
    context.report.error(priority.at,
                         fmt::format("a priority is from {} to {}", -priority_max, priority_max));
    return std::nullopt;
}

// Variables may end with a slash and so multiply it; no path begins with two. The
// others are the automata's to see to.
std::string from_root(std::string glob) {
    const auto first = glob.find_first_not_of('/');
    if (first == glob.npos)
        glob.resize(std::min<std::size_t>(glob.size(), 1));
    else if (first > 1)
        glob.erase(0, first - 1);
    return glob;
}

// A path begins with a slash, or with alternatives that do.
bool is_path(std::string_view glob) {
    return glob.starts_with('/') || glob.starts_with('{');
}

// Where a set goes on whose '[' is read: behind its ']', if it is one of plain bytes and
// ranges of them; else nowhere.
std::size_t behind_plain_set(std::string_view glob, std::size_t at) {
    const auto is_plain = [&](std::size_t place) {
        return place < glob.size() && !std::string_view("-]\\\0", 4).contains(glob[place]);
    };
    if (at < glob.size() && glob[at] == '^') at++;
    const std::size_t first = at;
    while (is_plain(at)) {
        at++;
        if (at == glob.size() || glob[at] != '-') continue;
        if (!is_plain(at + 1)) return glob.npos;
        at += 2;
    }
    return at != first && at < glob.size() && glob[at] == ']' ? at + 1 : glob.npos;
}

// True only of what parse_glob() takes, which is so asked of few: those with escapes,
// alternations in one another, or mistakes.
bool is_surely_glob(std::string_view glob) {
    static constexpr auto matters = [] {
        std::array<bool, 256> table{};
        for (const char c : std::string_view("{,}[]\\\0", 7))
            table[static_cast<unsigned char>(c)] = true;
        return table;
    }();
    bool is_open = false, has_comma = false;
    for (std::size_t at = 0; at < glob.size();) {
        const char c = glob[at++];
        if (!matters[static_cast<unsigned char>(c)]) continue;
        switch (c) {
            case '{':
                if (std::exchange(is_open, true)) return false;
                has_comma = false;
                break;
            case ',':
                has_comma = true;
                break;
            case '}':
                if (!std::exchange(is_open, false) || !has_comma) return false;
                break;
            case '[':
                at = behind_plain_set(glob, at);
                if (at == glob.npos) return false;
                break;
            default:
                return false;
        }
    }
    return !is_open;
}

void report_glob(const Context& context, const ast::Text& text, const std::string& glob,
                 const automata::GlobError& error) {
    if (glob == text.text) {
        const auto rest = text.text.size() - std::min(error.position, text.text.size());
        context.report.error(part(text, error.position, rest ? 1 : 0), error.message);
    } else {
        context.report.error(text.at, error.message)
            .with_hint(fmt::format("it expands to {}", glob));
    }
}

// Conditions that have a second form, "key in (...)".
bool takes_in(std::string_view key) {
    return key == "options" || key == "option" || key == "fstype" || key == "vfstype";
}

// Conditions that AppArmor takes several times, and unites.
bool may_repeat(std::string_view key) {
    return takes_in(key) || key == "set";
}

}  // namespace

std::uint32_t Context::add_rule(const diag::Span& span) const {
    policy.rules.push_back(origin(span));
    return static_cast<std::uint32_t>(policy.rules.size() - 1);
}

Conditions::Conditions(const Context& context, std::string_view rule,
                       const std::vector<ast::Condition>& conditions,
                       std::initializer_list<std::string_view> known)
    : conditions_(conditions) {
    for (const auto& condition : conditions) {
        const auto& key = condition.key;
        if (std::ranges::find(known, key.text) == known.end()) {
            context.report
                .error(key.at, fmt::format("{} rules have no condition '{}'", rule, key.text))
                .with_hint(diag::did_you_mean(key.text, {known.begin(), known.size()}));
        } else if (condition.is_in && !takes_in(key.text)) {
            context.report.error(key.at, "'in' is for the options and file systems of mounts")
                .with_hint(fmt::format("write {}=...", key.text));
        } else if (find(key.text) != &condition && !may_repeat(key.text)) {
            context.report.error(key.at, fmt::format("'{}' is given twice", key.text))
                .with_note(find(key.text)->key.at, "it is given here first");
        }
    }
}

const ast::Condition* Conditions::find(std::string_view name) const {
    const auto found = std::ranges::find(conditions_, name, [](const ast::Condition& condition) {
        return std::string_view(condition.key.text);
    });
    return found == conditions_.end() ? nullptr : &*found;
}

const ast::Text* single_value(const Context& context, const ast::Condition& condition) {
    if (condition.items.size() != 1) {
        context.report.error(condition.at, fmt::format("'{}' takes one value", condition.key.text));
        return nullptr;
    }
    return plain(context, condition.items.front());
}

const ast::Text* plain(const Context& context, const ast::Item& item) {
    if (!item.key) return &item.value;
    context.report.error(item.key->at, fmt::format("unexpected '{}='", item.key->text));
    return nullptr;
}

std::optional<model::Effect> effect_of(const Context& context, const ast::Qualifiers& qualifiers,
                                       const ast::Condition* error) {
    auto& report = context.report;
    model::Effect effect;
    effect.action =
        qualifiers.deny || qualifiers.prompt ? model::Action::deny : model::Action::allow;
    effect.audit = qualifiers.audit || (context.audits_all && !qualifiers.quiet);
    effect.quiet = qualifiers.quiet.has_value();
    if (qualifiers.priority) {
        const auto priority = priority_of(context, *qualifiers.priority);
        if (!priority) return std::nullopt;
        effect.priority = *priority;
    }
    if (qualifiers.prompt && (qualifiers.allow || qualifiers.deny)) {
        report.error(*qualifiers.prompt, "'prompt' excludes 'allow' and 'deny'");
        return std::nullopt;
    }
    if (qualifiers.prompt)
        report.warning(*qualifiers.prompt,
                       "rules that prompt are not enforced by the kernel yet: what this one is "
                       "about is denied");
    if (qualifiers.allow && qualifiers.deny) {
        report.error(*qualifiers.deny, "'allow' and 'deny' exclude each other");
        return std::nullopt;
    }
    if (qualifiers.audit && qualifiers.quiet) {
        report.error(*qualifiers.quiet, "'audit' and 'quiet' exclude each other");
        return std::nullopt;
    }
    if (effect.quiet && !qualifiers.deny) {
        report.error(*qualifiers.quiet, "'quiet' is for deny rules");
        return std::nullopt;
    }
    if (error) {
        if (!qualifiers.deny) {
            report.error(error->at, "'errno' is for deny rules");
            return std::nullopt;
        }
        const auto number = error_of(context, *error);
        if (!number) return std::nullopt;
        effect.error = *number;
    }
    return effect;
}

void refuse_ownership(const Context& context, const ast::Qualifiers& qualifiers,
                      std::string_view rules) {
    if (qualifiers.owner)
        context.report.error(*qualifiers.owner,
                             fmt::format("'owner' is for file rules, not for {}", rules));
    if (qualifiers.other)
        context.report.error(*qualifiers.other,
                             fmt::format("'other' is for file rules, not for {}", rules));
}

void warn_priority(const Context& context, const ast::Qualifiers& qualifiers,
                   std::string_view rules) {
    if (qualifiers.priority)
        context.report.warning(
            qualifiers.priority->at,
            fmt::format("priorities of {} rules are not enforced yet: any of them that denies "
                        "counts",
                        rules));
}

std::optional<std::vector<std::string>> globs_of(const Context& context, const ast::Text& text) {
    auto globs = context.variables.expand(text, context.policy.name, context.report);
    if (!globs) return std::nullopt;
    for (const auto& glob : *globs) {
        if (glob.size() > glob_size_max) {
            context.report.error(text.at, fmt::format("this is longer than {} bytes, and than all "
                                                      "names of files",
                                                      glob_size_max));
            return std::nullopt;
        }
        if (is_surely_glob(glob)) continue;
        automata::Vocabulary vocabulary;
        if (const auto parsed = automata::parse_glob(glob, vocabulary); !parsed) {
            report_glob(context, text, glob, parsed.error());
            return std::nullopt;
        }
    }
    return globs;
}

std::optional<std::vector<std::string>> paths_of(const Context& context, const ast::Text& text) {
    auto globs = globs_of(context, text);
    if (!globs) return std::nullopt;
    for (auto& glob : *globs) {
        if (!is_path(glob)) {
            context.report.error(text.at, "a path begins with '/'")
                .with_hint(fmt::format("it expands to '{}'", glob));
            return std::nullopt;
        }
        glob = from_root(std::move(glob));
    }
    // What an alias makes of a path no other one changes, as in AppArmor.
    const std::size_t written = globs->size();
    for (const auto& alias : context.aliases)
        for (std::size_t i = 0; i < written; i++)
            if ((*globs)[i].starts_with(alias.from.text))
                globs->push_back(
                    std::string(alias.to.text).append((*globs)[i], alias.from.text.size()));
    return globs;
}

}  // namespace isolates::sema
