// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/commands.hpp"
#include "exact/compare.hpp"
#include "exact/describe.hpp"
#include "exact/shape.hpp"

namespace isolates::cli {
namespace {

using exact::Change;
using exact::Comparison;
using exact::Item;
using exact::PolicyChanges;
using Json = nlohmann::json;

// Of one side; a policy that is wrong is no answer, and is told from "allows more".
std::expected<Input, ExitStatus> read_side(CompileArguments arguments, const std::string& file,
                                           Output& output) {
    arguments.files = {file};
    auto input = read_input(arguments, output);
    if (!input && input.error() == exit_policy) return std::unexpected(exit_usage);
    return input;
}

std::string_view owner_word(model::Whose whose) {
    if (whose == model::Whose::anyone) return "anyone";
    return whose == model::Whose::owner ? "owner" : "other";
}

std::string text_of(const Change& change) {
    std::vector<std::string> patterns;
    for (const exact::Pattern& pattern : change.patterns)
        patterns.push_back(pattern.is_exact ? pattern.text
                                            : fmt::format("some of {}", pattern.text));
    if (!change.is_complete) patterns.emplace_back("and more");
    const auto list = fmt::format("{}", fmt::join(patterns, ", "));
    auto text = exact::describe_operation(change.class_id, change.whose, change.operations, list);
    if (!change.target.empty()) text += " -> " + change.target;
    if (!change.example.empty() && list != change.example)
        text += fmt::format("   e.g. {}", change.example);
    return text;
}

// The lines of one sign: what the new side allows more, or what it denies.
void tell(const Comparison& comparison, bool is_allowed, const Output& output) {
    const char sign = is_allowed ? '+' : '-';
    const auto line = [&](std::string_view policy, std::string_view text) {
        output.line(fmt::format("{} {}: {}", sign, policy, text));
    };
    for (const std::string& name : is_allowed ? comparison.removed : comparison.added)
        line(name, is_allowed ? "the policy is gone" : "the policy is new");
    for (const PolicyChanges& policy : comparison.changed) {
        for (const Change& change : policy.changes)
            if (change.is_allowed == is_allowed) line(policy.name, text_of(change));
        for (const Item& item : policy.modes)
            if (item.is_allowed == is_allowed) line(policy.name, "mode " + item.text);
        for (const Item& item : policy.syscalls)
            if (item.is_allowed == is_allowed) line(policy.name, "syscall " + item.text);
        for (const Item& item : policy.rlimits)
            if (item.is_allowed == is_allowed) line(policy.name, "rlimit " + item.text);
        for (const Item& item : policy.bindings)
            if (item.is_allowed == is_allowed)
                line(policy.name,
                     fmt::format("{}bound to {}", is_allowed ? "no longer " : "", item.text));
    }
}

Json describe(const Change& change) {
    auto patterns = Json::array();
    for (const exact::Pattern& pattern : change.patterns)
        patterns.push_back({{"text", pattern.text}, {"exact", pattern.is_exact}});
    Json json = {{"change", change.is_allowed ? "allowed" : "denied"},
                 {"class", exact::shape_of(change.class_id).name},
                 {"operations", exact::operation_names(change.class_id, change.operations)},
                 {"patterns", std::move(patterns)},
                 {"complete", change.is_complete},
                 {"example", change.example}};
    if (!change.target.empty()) json["target"] = change.target;
    if (change.whose) json["whose"] = owner_word(*change.whose);
    return json;
}

Json describe(const std::vector<Item>& items) {
    auto list = Json::array();
    for (const Item& item : items)
        list.push_back({{"change", item.is_allowed ? "allowed" : "denied"}, {"text", item.text}});
    return list;
}

Json describe(const Comparison& comparison) {
    auto list = Json::array();
    for (const PolicyChanges& policy : comparison.changed) {
        auto changes = Json::array();
        for (const Change& change : policy.changes) changes.push_back(describe(change));
        list.push_back({{"name", policy.name},
                        {"changes", std::move(changes)},
                        {"modes", describe(policy.modes)},
                        {"syscalls", describe(policy.syscalls)},
                        {"rlimits", describe(policy.rlimits)},
                        {"bindings", describe(policy.bindings)}});
    }
    return list;
}

}  // namespace

ExitStatus diff(const CompileArguments& arguments, const std::string& before,
                const std::string& after, Output& output) {
    const auto old_side = read_side(arguments, before, output);
    const auto new_side = read_side(arguments, after, output);
    if (!old_side) return old_side.error();
    if (!new_side) return new_side.error();
    const auto comparison = exact::compare({&old_side->blob, &old_side->compilation.program},
                                           {&new_side->blob, &new_side->compilation.program});
    if (!comparison) return output.fail(exit_usage, comparison.error());

    const bool allows_more = comparison->allows_more();
    output.set("allows_more", allows_more);
    output.set("added", comparison->added);
    output.set("removed", comparison->removed);
    output.set("policies", describe(*comparison));
    if (allows_more)
        output.line(fmt::format("{} allows more than {}:", after, before));
    else if (!comparison->changed.empty() || !comparison->added.empty())
        output.line(fmt::format("{} allows nothing more than {}:", after, before));
    else
        output.line("no difference in what is allowed");
    tell(*comparison, true, output);
    tell(*comparison, false, output);
    return allows_more ? exit_policy : exit_done;
}

}  // namespace isolates::cli
