// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include "sema/rules.hpp"

namespace isolates::sema {
namespace {

void refuse(const Context& context, const ast::ClassRule& rule) {
    context.report.error(rule.keyword.at,
                         fmt::format("{} rules are not enforced yet", rule.keyword.text));
}

}  // namespace

void analyze(const Context& context, const ast::UnixRule& rule) {
    refuse(context, rule);
}
void analyze(const Context& context, const ast::ChangeProfileRule& rule) {
    refuse(context, rule);
}
void analyze(const Context& context, const ast::RlimitRule& rule) {
    refuse(context, rule);
}
void analyze(const Context& context, const ast::DbusRule& rule) {
    refuse(context, rule);
}
void analyze(const Context& context, const ast::MqueueRule& rule) {
    refuse(context, rule);
}

}  // namespace isolates::sema
