// SPDX-License-Identifier: GPL-2.0-only
#include <array>
#include <string_view>
#include <utility>

#include "sema/rules.hpp"

namespace isolates::sema {
namespace {

template <typename Rule>
void analyze_bare(const Context& context, const ast::AllRule& all, std::string_view keyword) {
    Rule rule;
    rule.qualifiers = all.qualifiers;
    rule.keyword = {keyword, all.at, false};
    rule.at = all.at;
    analyze(context, rule);
}

}  // namespace

// It stands for the bare rule of each class: "file," and "network," and so on.
void analyze(const Context& context, const ast::AllRule& rule) {
    refuse_ownership(context, rule.qualifiers, "all that there is");
    // What is wrong with the qualifiers is said of the files, and not once for each class.
    diag::Report repeated;
    const Context quiet{context.sources, repeated,        context.variables,
                        context.policy,  context.aliases, context.audits_all};

    ast::FileRule files;
    files.qualifiers = rule.qualifiers;
    files.at = rule.at;
    analyze(context, files);
    analyze_bare<ast::SignalRule>(quiet, rule, "signal");
    analyze_bare<ast::NetworkRule>(quiet, rule, "network");
    analyze_bare<ast::UnixRule>(quiet, rule, "unix");
    analyze_bare<ast::CapabilityRule>(quiet, rule, "capability");
    analyze_bare<ast::PtraceRule>(quiet, rule, "ptrace");
    analyze_bare<ast::NamespaceRule>(quiet, rule, "namespace");
    analyze_bare<ast::IoUringRule>(quiet, rule, "io_uring");
    analyze_bare<ast::ChangeProfileRule>(quiet, rule, "change_profile");
    for (const std::string_view mounts : {"mount", "umount", "pivot_root"})
        analyze_bare<ast::MountRule>(quiet, rule, mounts);
}

}  // namespace isolates::sema
