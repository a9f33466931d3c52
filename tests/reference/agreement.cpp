// SPDX-License-Identifier: GPL-2.0-only
#include "reference/agreement.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "reference/reference.hpp"

namespace isolates::reference {
namespace {

std::string in_words(const Verdict& verdict, const std::string& rule) {
    return fmt::format("allowed {:#x} denied {:#x} reported {:#x} errno {} by {}", verdict.allowed,
                       verdict.denied, verdict.reported, verdict.error, rule);
}

class Examination {
  public:
    Examination(const model::Program& program, const model::Policy& model,
                const decide::Policy& compiled, Generator& generator)
        : program_(program), model_(model), compiled_(compiled), generator_(generator) {}

    void ask_all() {
        ask(generator_.file_facts(model_));
        ask(generator_.signal_facts(model_));
        ask(generator_.network_facts(model_));
        ask(generator_.capability_facts());
        ask(generator_.ptrace_facts(model_));
        ask(generator_.namespace_facts());
        ask(generator_.io_uring_facts(model_));
        ask(generator_.mount_facts(model_));
        ask(generator_.unix_facts(model_));
        ask(generator_.change_facts(model_));
        if (!model_.links.empty()) ask(generator_.link_facts(model_));
        ask_exec();
        ask_attach();
        ask_syscall();
    }
    [[nodiscard]] const std::string& difference() const { return difference_; }

  private:
    void note(const std::string& facts, const std::string& expected, const std::string& got) {
        if (difference_.empty())
            difference_ = fmt::format("{}\n  asked: {}\n  expected: {}\n  got: {}",
                                      describe(model_), facts, expected, got);
    }

    // Blobs without the places of rules name none.
    [[nodiscard]] std::string place(const std::optional<std::uint32_t>& rule) const {
        if (!rule || !compiled_.raw().rules.count) return "none";
        const model::Origin& origin = model_.rules[*rule];
        return place(
            decide::Place{program_.sources[origin.source].name, origin.line, origin.column});
    }
    static std::string place(const std::optional<decide::Place>& rule) {
        if (!rule) return "none";
        return fmt::format("{}:{}:{}", rule->source, rule->line, rule->column);
    }

    template <typename Facts>
    void ask(const Facts& facts) {
        const Verdict expected = judge(model_, facts);
        const decide::Verdict got = compiled_.decide(facts);
        const auto first = in_words(expected, place(expected.denied_by));
        const auto second =
            in_words({got.allowed, got.denied, got.reported, got.error, {}}, place(got.denied_by));
        if (first != second) note(describe(facts), first, second);
    }

    void ask_exec() {
        decide::FileFacts facts = generator_.file_facts(model_);
        facts.operations = ISOLATES_FILE_EXEC;
        // A directory is no program.
        facts.directory = false;
        if (facts.path.ends_with('/')) facts.path += 'a';
        const auto expected = judge_exec(model_, facts);
        const auto got = compiled_.transition(facts);
        if (expected.size() > 1)
            return note(describe(facts), "an error of the compiler", "a policy");
        const auto number = expected.empty() ? 0 : *expected.begin();
        if (!number) {
            if (got) note(describe(facts), "to stay", std::string(got->target));
            return;
        }
        const auto& transition = model_.transitions[number - 1];
        if (!got || got->kind != transition.kind || got->fallback != transition.fallback ||
            got->scrubs != transition.scrubs || got->target != transition.target)
            note(describe(facts), fmt::format("transition {}", number), "another one");
    }

    void ask_attach() {
        const auto& globs = model_.attachments;
        auto path = globs.empty() || generator_.chance(4)
                        ? generator_.path()
                        : "/" + generator_.text_like(globs[generator_.below(globs.size())]);
        while (path.ends_with('/')) path.pop_back();
        if (path.empty()) path = "/a";
        if (compiled_.attaches(path) != judge_attach(model_, path))
            note(path, "the other of attached or not", "one of them");
    }

    void ask_syscall() {
        const auto& rules = model_.syscalls;
        const auto name = rules.empty() || generator_.chance(4)
                              ? generator_.syscall_name()
                              : rules[generator_.below(rules.size())].name;
        const auto arguments = generator_.syscall_arguments(model_);
        const auto expected = judge_syscall(model_, name, arguments);
        const auto got = compiled_.decide_syscall(name, arguments);
        const auto first = in_words(expected, place(expected.denied_by));
        const auto second =
            in_words({0, got.denied, got.reported, got.error, {}}, place(got.denied_by));
        if (first != second)
            note(fmt::format("{}({})", name, fmt::join(arguments, ", ")), first, second);
    }

    const model::Program& program_;
    const model::Policy& model_;
    const decide::Policy& compiled_;
    Generator& generator_;
    std::string difference_;
};

}  // namespace

std::string disagreement(const model::Program& program, const decide::Policy& compiled,
                         std::size_t count, Generator& generator) {
    const auto model = std::ranges::find(program.policies, compiled.name(), &model::Policy::name);
    if (model == program.policies.end()) return "no policy of the program has its name";
    Examination examination(program, *model, compiled, generator);
    for (; count && examination.difference().empty(); count--) examination.ask_all();
    return examination.difference();
}

}  // namespace isolates::reference
