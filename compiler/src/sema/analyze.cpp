// SPDX-License-Identifier: GPL-2.0-only
#include "sema/analyze.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>

#include "diag/suggest.hpp"
#include "sema/rules.hpp"

namespace isolates::sema {
namespace {

// AppArmor's flags of profiles, and the modes that the kernel side is to learn.
constexpr std::array<std::string_view, 17> unenforced_flags = {"complain",
                                                               "kill",
                                                               "disabled",
                                                               "unconfined",
                                                               "prompt",
                                                               "audit",
                                                               "mediate_deleted",
                                                               "delegate_deleted",
                                                               "attach_disconnected",
                                                               "no_attach_disconnected",
                                                               "chroot_attach",
                                                               "chroot_no_attach",
                                                               "chroot_relative",
                                                               "namespace_relative",
                                                               "interruptible",
                                                               "debug",
                                                               "allow"};

constexpr std::array<std::string_view, 5> enforced_flags = {"enforce", "default_allow", "complain",
                                                            "kill", "disabled"};

void open_all(model::Policy& policy) {
    policy.open[ISOLATES_CLASS_FILE] = ISOLATES_FILE_OPS;
    policy.open[ISOLATES_CLASS_SIGNAL] = ISOLATES_SIGNAL_OPS;
    policy.open[ISOLATES_CLASS_NETWORK] = ISOLATES_NETWORK_OPS;
    policy.open[ISOLATES_CLASS_MOUNT] = ISOLATES_MOUNT_OPS;
    policy.open[ISOLATES_CLASS_CAPABILITY] = ISOLATES_CAPABILITY_OPS;
    policy.open[ISOLATES_CLASS_PTRACE] = ISOLATES_PTRACE_OPS;
    policy.open[ISOLATES_CLASS_NAMESPACE] = ISOLATES_NAMESPACE_OPS;
    policy.open[ISOLATES_CLASS_IO_URING] = ISOLATES_IO_URING_OPS;
    policy.open[ISOLATES_CLASS_UNIX] = ISOLATES_NETWORK_OPS;
    policy.open[ISOLATES_CLASS_TRANSITION] = ISOLATES_TRANSITION_OPS;
    policy.open[ISOLATES_CLASS_LINK] = ISOLATES_LINK_OPS;
}

void read_flags(const ast::Policy& syntax, diag::Report& report, model::Policy& policy) {
    for (const auto& flag : syntax.flags) {
        const auto& text = flag.key ? flag.key->text : flag.value.text;
        const auto& at = flag.key ? flag.key->at : flag.value.at;
        if (text == "enforce") continue;
        if (text == "default_allow")
            open_all(policy);
        else if (std::ranges::find(unenforced_flags, text) != unenforced_flags.end())
            report.error(at, fmt::format("the flag '{}' is not enforced yet", text));
        else
            report.error(at, fmt::format("unknown flag '{}'", text))
                .with_hint(diag::did_you_mean(text, enforced_flags));
    }
}

void check_name(const ast::Text& name, diag::Report& report) {
    const auto& text = name.text;
    const auto is_control = [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    };
    if (text.empty())
        report.error(name.at, "a policy needs a name");
    else if (text.size() > ISOLATES_NAME_MAX)
        report.error(name.at,
                     fmt::format("a policy's name has at most {} bytes", ISOLATES_NAME_MAX));
    else if (text == ISOLATES_UNCONFINED)
        report.error(name.at, fmt::format("'{}' is what tasks without a policy are called", text));
    else if (Variables::has_variable(text))
        report.error(name.at, "variables in the names of policies are not supported yet");
    else if (std::ranges::any_of(text, is_control) || text.find_first_of("\\*?[]{}\"") != text.npos)
        report.error(
            name.at,
            "a policy's name has no backslash, quote or control character, and no sign of globs");
    else if (text.starts_with(':') || text.starts_with('&'))
        report.error(name.at, "namespaces of policies are not supported yet");
    else if (text.starts_with('/'))
        report.error(name.at, "attachments are not enforced yet")
            .with_hint("a policy that is named by a path attaches to it: give it another name");
}

// The policies by their names.
using Names = std::unordered_map<std::string, std::size_t>;

void check_unique(const ast::Text& name, const diag::Sources& sources, diag::Report& report,
                  const model::Program& program, Names& names) {
    const auto [entry, is_new] = names.emplace(name.text, program.policies.size());
    if (is_new || name.text.empty()) return;
    const auto& first = program.policies[entry->second].origin;
    report.error(name.at, fmt::format("there is a policy '{}' already", name.text))
        .with_note(sources.span_at(first.source, {first.line, first.column}), "it is here");
}

}  // namespace

void analyze(const ast::Document& document, const std::vector<Definition>& definitions,
             const diag::Sources& sources, diag::Report& report, model::Program& program) {
    Variables variables(definitions);
    for (const auto& assignment : document.assignments) variables.assign(assignment, report);

    Names names;
    for (std::size_t i = 0; i < program.policies.size(); i++)
        names.emplace(program.policies[i].name, i);

    for (const auto& syntax : document.policies) {
        check_name(syntax.name, report);
        check_unique(syntax.name, sources, report, program, names);
        model::Policy policy;
        policy.name = syntax.name.text;
        std::uint32_t denied_mounts = 0;
        const Context context{sources, report, variables, policy, denied_mounts};
        policy.origin = context.origin(syntax.name.at);
        read_flags(syntax, report, policy);
        for (const auto& rule : syntax.rules) {
            std::visit(
                [&](const auto& typed) {
                    if constexpr (!std::is_same_v<decltype(typed), const std::monostate&>)
                        analyze(context, typed);
                },
                rule);
        }
        policy.open[ISOLATES_CLASS_MOUNT] &= ~denied_mounts;
        program.policies.push_back(std::move(policy));
    }
}

}  // namespace isolates::sema
