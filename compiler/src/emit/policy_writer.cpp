// SPDX-License-Identifier: GPL-2.0-only
#include "emit/policy_writer.hpp"

#include <algorithm>
#include <map>

#include "automata/automata.hpp"
#include "automata/pattern/patterns.hpp"

namespace isolates::emit {

namespace {

using automata::CompactAutomaton;
using automata::Label;
using automata::LabelId;
using automata::MaskPair;

class PolicyWriter {
  public:
    PolicyWriter(const model::Policy& policy, const Options& options, Sections& sections)
        : policy_(policy), options_(options), sections_(sections), labels_(!options.strip) {}

    std::expected<void, Error> write(isolates_string name) {
        isolates_policy written{};
        written.name = name;
        written.mode = policy_.mode;
        for (std::uint32_t id = 0; id < ISOLATES_CLASS_COUNT; id++)
            if (auto result = write_class(static_cast<isolates_class>(id), written.classes[id]);
                !result)
                return result;
        written.perms = write_perms();
        written.rules = write_rules();
        sections_.policies.push_back(written);
        return {};
    }

  private:
    std::expected<void, Error> write_class(isolates_class id, isolates_class_rules& written) {
        auto automata = automata::build_class(policy_, id, labels_);
        if (!automata)
            return std::unexpected(
                rule_error(policy_, std::move(automata.error().message), automata.error().rules));
        written.open = policy_.open[id];
        written.automata = {count_of(sections_.automata), count_of(*automata)};
        for (const CompactAutomaton& automaton : *automata) write_automaton(automaton);
        return {};
    }

    void write_automaton(const CompactAutomaton& automaton) {
        isolates_automaton written{};
        written.states = {count_of(sections_.states), count_of(automaton.states)};
        written.edges = {count_of(sections_.edges), count_of(automaton.edges)};
        written.start = automaton.start;
        if (automaton.byte_classes) {
            written.byte_classes = automaton.byte_classes;
            written.byte_classes_map = count_of(sections_.byte_classes);
            sections_.byte_classes.push_back(automaton.map);
        }
        sections_.automata.push_back(written);
        for (isolates_state state : automaton.states) {
            state.perms = perms_of(state.perms);
            sections_.states.push_back(state);
        }
        sections_.edges.insert(sections_.edges.end(), automaton.edges.begin(),
                               automaton.edges.end());
    }

    // The number of a label among the policy's permissions, in order of first use.
    std::uint32_t perms_of(LabelId label) {
        if (perms_.size() <= label) perms_.resize(label + 1, 0);
        if (label != automata::kNoLabel && !perms_[label]) {
            used_.push_back(label);
            perms_[label] = count_of(used_);
        }
        return perms_[label];
    }

    isolates_range write_perms() {
        const std::uint32_t first = count_of(sections_.perms);
        write_label({});
        for (const LabelId label : used_) write_label(labels_[label]);
        return {first, count_of(sections_.perms) - first};
    }

    void write_label(const Label& label) {
        isolates_perms written{};
        std::ranges::copy(label.allow, written.allow);
        std::ranges::copy(label.deny, written.deny);
        std::ranges::copy(label.audit, written.audit);
        std::ranges::copy(label.quiet, written.quiet);
        written.errors = {count_of(sections_.errors), count_of(label.errors)};
        for (const automata::ErrorMark& mark : label.errors)
            sections_.errors.push_back(
                {{mark.operations[0], mark.operations[1]}, mark.error, mark.rule});
        written.rules = {count_of(sections_.rule_refs), count_of(label.rules)};
        for (const automata::RuleMark& mark : label.rules) sections_.rule_refs.push_back(mark.rule);
        sections_.perms.push_back(written);
    }

    isolates_range write_rules() {
        const std::uint32_t first = count_of(sections_.rules);
        if (options_.strip) return {first, 0};
        for (const model::Origin& origin : policy_.rules)
            sections_.rules.push_back({origin.source, origin.line, origin.column, {}, {}});
        const auto note = [&](const model::Effect& effect, const MaskPair& operations) {
            if (effect.rule >= policy_.rules.size()) return;  // the verifier will refuse
            isolates_rule& rule = sections_.rules[first + effect.rule];
            for (std::size_t whose = 0; whose < operations.size(); whose++) {
                if (effect.action == model::Action::deny) rule.deny[whose] |= operations[whose];
                if (effect.audit) rule.audit[whose] |= operations[whose];
            }
        };
        model::for_each_class(policy_, [&](isolates_class, const auto& rules) {
            for (const auto& rule : rules) note(rule.effect, automata::masks_of(rule));
        });
        return {first, count_of(policy_.rules)};
    }

    const model::Policy& policy_;
    const Options& options_;
    Sections& sections_;
    automata::Labels labels_;
    std::vector<std::uint32_t> perms_;  // by label; 0: not used yet
    std::vector<LabelId> used_;
};

std::uint32_t rule_ref(std::uint32_t rule, const Options& options) {
    return options.strip ? ISOLATES_RULE_NONE : rule;
}

}  // namespace

Error rule_error(const model::Policy& policy, std::string message,
                 const std::vector<std::uint32_t>& rules) {
    Error error{std::move(message), {}};
    for (const std::uint32_t rule : rules)
        if (rule < policy.rules.size()) error.origins.push_back(policy.rules[rule]);
    if (error.origins.empty()) error.origins.push_back(policy.origin);
    return error;
}

std::expected<void, Error> write_policy(const model::Policy& policy, isolates_string name,
                                        const Options& options, Sections& sections) {
    return PolicyWriter(policy, options, sections).write(name);
}

std::expected<void, Error> write_syscalls(const model::Policy& policy, const Options& options,
                                          isolates_policy& written, Sections& sections) {
    // Of several rules on one call the first counts that gives an errno, or else
    // the first, as for operations.
    std::map<std::string_view, const model::SyscallRule*> calls;
    for (const model::SyscallRule& rule : policy.syscalls) {
        if (rule.effect.action != model::Action::deny)
            return std::unexpected(rule_error(
                policy, "to allow single system calls is not enforced yet", {rule.effect.rule}));
        const auto [known, is_new] = calls.emplace(rule.name, &rule);
        if (!is_new && !known->second->effect.error && rule.effect.error) known->second = &rule;
    }
    written.syscalls = {count_of(sections.syscalls), static_cast<std::uint32_t>(calls.size())};
    for (const auto& [name, rule] : calls) {
        const model::Effect& effect = rule->effect;
        sections.syscalls.push_back({sections.add_string(name),
                                     effect.error ? effect.error : std::uint32_t{EPERM},
                                     rule_ref(effect.rule, options)});
    }
    return {};
}

void write_bindings(const model::Policy& policy, const Options& options, isolates_policy& written,
                    Sections& sections) {
    written.bindings = {count_of(sections.bindings), count_of(policy.bindings)};
    for (const model::Binding& binding : policy.bindings)
        sections.bindings.push_back(
            {static_cast<std::uint32_t>(binding.kind), static_cast<std::uint32_t>(binding.where),
             sections.add_string(binding.path), binding.number, rule_ref(binding.rule, options)});
}

}  // namespace isolates::emit
