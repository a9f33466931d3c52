// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>
#include <unistd.h>

#include <cstring>
#include <numeric>

#include "cli/commands.hpp"
#include "cli/file.hpp"
#include "cli/kept.hpp"

namespace isolates::cli {
namespace {

std::size_t rule_count(const decide::Blob& blob) {
    const auto policies = blob.policies();
    return std::accumulate(policies.begin(), policies.end(), std::size_t{0},
                           [](std::size_t sum, const decide::Policy& policy) {
                               return sum + policy.raw().rules.count;
                           });
}

nlohmann::json describe(const decide::Blob& blob) {
    auto list = nlohmann::json::array();
    for (const auto& policy : blob.policies())
        list.push_back({{"name", policy.name()}, {"rules", policy.raw().rules.count}});
    return list;
}

}  // namespace

ExitStatus check(const CompileArguments& arguments, Output& output) {
    const auto input = read_input(arguments, output);
    if (!input) return input.error();
    const auto policies = input->blob.policies().size();
    const auto rules = rule_count(input->blob);
    output.set("policies", describe(input->blob));
    output.line(fmt::format("ok: {} {}, {} {}", policies, policies == 1 ? "policy" : "policies",
                            rules, rules == 1 ? "rule" : "rules"));
    return exit_done;
}

ExitStatus compile_to(const CompileArguments& arguments, const std::string& file, Output& output) {
    if (file == "-" && output.is_json())
        return output.fail(exit_usage, "-o - and --json both want the standard output");
    const auto& input = kept<std::expected<Input, ExitStatus>>(read_input(arguments, output));
    if (!input) return input.error();
    const auto bytes = input->blob.bytes();
    const int error = file == "-" ? write_all(STDOUT_FILENO, bytes) : write_file(file, bytes);
    if (error)
        return output.fail(exit_refused,
                           fmt::format("cannot write {}: {}", file, std::strerror(error)));
    output.set("policies", describe(input->blob));
    output.set("output", file);
    output.set("size", bytes.size());
    return exit_done;
}

}  // namespace isolates::cli
