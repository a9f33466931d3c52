// SPDX-License-Identifier: GPL-2.0-only
#include "dump/dump.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <span>

#include "automata/split/split.hpp"
#include "cli/commands.hpp"
#include "cli/file.hpp"
#include "parse/parse.hpp"
#include "sema/class_names.hpp"

namespace isolates::cli {
namespace {

using Text = std::expected<std::string, ExitStatus>;

// The tokens or the syntax of the text alone: nothing is looked up.
Text dump_source(const CompileArguments& arguments, bool is_syntax, Output& output) {
    auto path = arguments.include_path;
    path.insert(path.end(), arguments.config.include_path.begin(),
                arguments.config.include_path.end());
    diag::Sources sources;
    diag::Report report;
    std::string text;
    for (const auto& file : arguments.files)
        text += is_syntax ? dump::syntax(parse::parse(file, path, sources, report))
                          : dump::tokens(file, path, sources, report);
    output.report(report, sources);
    if (report.errors()) return std::unexpected(exit_policy);
    return text;
}

// The patterns that say anything, in the order in which they are put into an automaton.
std::vector<std::uint32_t> sorted(const automata::Patterns& patterns) {
    std::vector<std::uint32_t> all;
    for (std::uint32_t i = 0; i < patterns.patterns.size(); i++)
        if (patterns.patterns[i].label != automata::kNoLabel) all.push_back(i);
    std::ranges::stable_sort(all, [&](std::uint32_t a, std::uint32_t b) {
        return std::ranges::lexicographical_compare(patterns.items_of(patterns.patterns[a]),
                                                    patterns.items_of(patterns.patterns[b]));
    });
    return all;
}

// The automata of one class of a policy that has compiled: what fails in between has not
// failed then, but for one automaton of all its rules, which may be too large.
std::string dump_class(const model::Policy& policy, std::size_t number, bool is_nfa,
                       dump::Form form) {
    automata::Labels labels(true);
    const auto patterns =
        automata::spell_class(policy, static_cast<isolates_class>(number), labels);
    if (!patterns || patterns->patterns.empty()) return {};
    const auto name = fmt::format("{} {}", policy.name, sema::class_names[number]);
    if (is_nfa) {
        const auto chosen = sorted(*patterns);
        if (chosen.empty()) return {};
        const auto nfa = automata::build_nfa(*patterns, chosen, labels);
        if (nfa) return dump::nfa(*nfa, labels, name, form);
        return fmt::format("{} {}: too large for one automaton\n",
                           form == dump::Form::dot ? "//" : "nfa", name);
    }
    std::string text;
    const auto built = automata::build_automata(*patterns, labels);
    for (std::size_t i = 0; built && i < built->size(); i++)
        text += dump::dfa((*built)[i], labels, fmt::format("{} {}", name, i), form);
    return text;
}

Text dump_automata(const CompileArguments& arguments, bool is_nfa, dump::Form form,
                   Output& output) {
    const auto input = read_input(arguments, output);
    if (!input) return std::unexpected(input.error());
    std::string text;
    for (const auto& policy : input->compilation.program.policies)
        for (std::size_t number = 0; number < ISOLATES_CLASS_COUNT; number++)
            text += dump_class(policy, number, is_nfa, form);
    return text;
}

Text dump_program(const CompileArguments& arguments, Output& output) {
    const auto input = read_input(arguments, output);
    if (!input) return std::unexpected(input.error());
    return dump::program(input->compilation.program);
}

Text dump_blob(const CompileArguments& arguments, Output& output) {
    const auto input = read_input(arguments, output);
    if (!input) return std::unexpected(input.error());
    return dump::blob(input->blob);
}

}  // namespace

ExitStatus dump_stage(const CompileArguments& arguments, const std::string& stage, bool as_graph,
                      Output& output) {
    const bool is_automaton = stage == "nfa" || stage == "dfa";
    if (as_graph && !is_automaton)
        return output.fail(exit_usage, "--dot is for --dump nfa and --dump dfa");
    const auto form = as_graph ? dump::Form::dot : dump::Form::text;
    const auto text = stage == "tokens" || stage == "ast"
                          ? dump_source(arguments, stage == "ast", output)
                      : stage == "policy" ? dump_program(arguments, output)
                      : is_automaton      ? dump_automata(arguments, stage == "nfa", form, output)
                                          : dump_blob(arguments, output);
    if (!text) return text.error();
    if (output.is_json()) {
        output.set(stage, *text);
        return exit_done;
    }
    if (const int error = write_all(STDOUT_FILENO, std::as_bytes(std::span(*text))))
        return output.fail(exit_refused,
                           fmt::format("cannot write the result: {}", std::strerror(error)));
    return exit_done;
}

}  // namespace isolates::cli
