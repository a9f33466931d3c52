// SPDX-License-Identifier: GPL-2.0-only
#include "emit/policy_writer.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "automata/automata.hpp"
#include "automata/pattern/patterns.hpp"

namespace isolates::emit {

namespace {

using automata::CompactAutomaton;
using automata::Label;
using automata::LabelId;
using automata::MaskPair;

// Call @visit(effect, operations) for each rule that the automata are made of.
template <typename Visitor>
void for_effects(const model::Policy& policy, Visitor visit) {
    model::for_each_class(policy, [&](isolates_class class_id, const auto& rules) {
        for (const auto& rule : rules) {
            auto operations = automata::masks_of(rule);
            for (auto& mask : operations) mask = isolates_rule_operations(class_id, mask);
            visit(rule.effect, operations);
        }
    });
}

// Where each rule is to be among those written: in source order, but what has a
// higher priority first, as of several rules that deny the first one is told.
std::vector<std::uint32_t> rule_places(const model::Policy& policy) {
    std::vector<std::int32_t> priorities(policy.rules.size());
    for_effects(policy, [&](const model::Effect& effect, const MaskPair&) {
        if (effect.rule < priorities.size()) priorities[effect.rule] = effect.priority;
    });
    std::vector<std::uint32_t> order(policy.rules.size()), places(policy.rules.size());
    std::iota(order.begin(), order.end(), 0u);
    std::ranges::stable_sort(order, std::ranges::greater{},
                             [&](std::uint32_t rule) { return priorities[rule]; });
    for (std::uint32_t i = 0; i < order.size(); i++) places[order[i]] = i;
    return places;
}

class PolicyWriter {
  public:
    PolicyWriter(const model::Policy& policy, const Options& options, Sections& sections)
        : policy_(policy),
          options_(options),
          sections_(sections),
          labels_(!options.strip),
          places_(rule_places(policy)) {}

    std::expected<void, Error> write(isolates_string name) {
        isolates_policy written{};
        written.name = name;
        written.mode = policy_.mode;
        written.attach_prefix = attach_prefix();
        for (std::uint32_t id = 0; id < ISOLATES_CLASS_COUNT; id++)
            if (auto result = write_class(static_cast<isolates_class>(id), written.classes[id]);
                !result)
                return result;
        written.perms = write_perms();
        written.rlimits = write_rlimits();
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

    [[nodiscard]] std::uint32_t attach_prefix() const {
        std::uint32_t least = policy_.attachments.empty() ? 0 : UINT32_MAX;
        for (const std::string& glob : policy_.attachments)
            least = std::min(least, automata::literal_prefix(glob));
        return least;
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
        for (std::size_t whose = 0; whose < label.exec.size(); whose++)
            written.exec[whose] = label.exec[whose].transitions[0];
        write_marks(label, written);
        sections_.perms.push_back(written);
    }

    // By the rules' places, of which the lower counts.
    void write_marks(const Label& label, isolates_perms& written) {
        written.errors = {count_of(sections_.errors), count_of(label.errors)};
        for (const automata::ErrorMark& mark : label.errors)
            sections_.errors.push_back(
                {{mark.operations[0], mark.operations[1]}, mark.error, place_of(mark.rule)});
        std::sort(sections_.errors.begin() + written.errors.first, sections_.errors.end(),
                  [](const auto& a, const auto& b) { return a.order < b.order; });
        written.rules = {count_of(sections_.rule_refs), count_of(label.rules)};
        for (const automata::RuleMark& mark : label.rules)
            sections_.rule_refs.push_back(place_of(mark.rule));
        std::sort(sections_.rule_refs.begin() + written.rules.first, sections_.rule_refs.end());
    }

    [[nodiscard]] std::uint32_t place_of(std::uint32_t rule) const {
        return rule < places_.size() ? places_[rule] : rule;  // the verifier will refuse
    }

    isolates_range write_rlimits() {
        const std::uint32_t first = count_of(sections_.rlimits);
        for (const model::Rlimit& limit : policy_.rlimits) {
            const bool has_place = !options_.strip && limit.rule < places_.size();
            sections_.rlimits.push_back({limit.resource,
                                         has_place ? places_[limit.rule] : ISOLATES_RULE_NONE,
                                         limit.limit});
        }
        std::ranges::sort(sections_.rlimits.begin() + first, sections_.rlimits.end(), {},
                          &isolates_rlimit::resource);
        return {first, count_of(policy_.rlimits)};
    }

    isolates_range write_rules() {
        const std::uint32_t first = count_of(sections_.rules);
        if (options_.strip) return {first, 0};
        sections_.rules.resize(first + policy_.rules.size());
        for (std::uint32_t rule = 0; rule < policy_.rules.size(); rule++) {
            const model::Origin& origin = policy_.rules[rule];
            sections_.rules[first + places_[rule]] = {
                origin.source, origin.line, origin.column, {}, {}};
        }
        for_effects(policy_, [&](const model::Effect& effect, const MaskPair& operations) {
            if (effect.rule >= policy_.rules.size()) return;  // the verifier will refuse
            isolates_rule& rule = sections_.rules[first + places_[effect.rule]];
            for (std::size_t whose = 0; whose < operations.size(); whose++) {
                if (effect.action == model::Action::deny) rule.deny[whose] |= operations[whose];
                if (effect.audit) rule.audit[whose] |= operations[whose];
            }
        });
        return {first, count_of(policy_.rules)};
    }

    const model::Policy& policy_;
    const Options& options_;
    Sections& sections_;
    automata::Labels labels_;
    std::vector<std::uint32_t> perms_;  // by label; 0: not used yet
    std::vector<LabelId> used_;
    std::vector<std::uint32_t> places_;  // by rule
};

std::uint32_t action_of(const model::SyscallRule& rule) {
    if (rule.only_audits) return ISOLATES_SYSCALL_AUDIT;
    return rule.effect.action == model::Action::deny ? ISOLATES_SYSCALL_DENY
                                                     : ISOLATES_SYSCALL_ALLOW;
}

// Where a rule is among those written; one that is none of them the verifier refuses.
std::uint32_t rule_ref(const std::vector<std::uint32_t>& places, std::uint32_t rule,
                       const Options& options) {
    if (options.strip) return ISOLATES_RULE_NONE;
    return rule < places.size() ? places[rule] : rule;
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

void write_syscalls(const model::Policy& policy, const Options& options, isolates_policy& written,
                    Sections& sections) {
    const auto places = rule_places(policy);
    const auto place = [&](const model::SyscallRule* rule) {
        return std::pair(std::string_view(rule->name), rule_ref(places, rule->effect.rule, {}));
    };
    std::vector<const model::SyscallRule*> rules;
    for (const model::SyscallRule& rule : policy.syscalls) rules.push_back(&rule);
    std::ranges::stable_sort(rules, {}, place);
    written.syscalls = {count_of(sections.syscalls), count_of(rules)};
    for (const model::SyscallRule* rule : rules) {
        isolates_syscall call{};
        call.name = sections.add_string(rule->name);
        call.action = action_of(*rule);
        if (rule->effect.audit) call.flags |= ISOLATES_SYSCALL_REPORT;
        if (rule->effect.quiet) call.flags |= ISOLATES_SYSCALL_QUIET;
        if (rule->is_grouped) call.flags |= ISOLATES_SYSCALL_GROUPED;
        call.error = rule->effect.error;
        call.arguments = {count_of(sections.arguments), count_of(rule->arguments)};
        for (const model::Argument& argument : rule->arguments)
            sections.arguments.push_back({argument.index,
                                          static_cast<std::uint32_t>(argument.comparison),
                                          argument.mask, argument.value});
        call.rule = rule_ref(places, rule->effect.rule, options);
        sections.syscalls.push_back(call);
    }
}

void write_transitions(const model::Policy& policy, isolates_policy& written, Sections& sections) {
    written.transitions = {count_of(sections.transitions), count_of(policy.transitions)};
    for (const model::Transition& transition : policy.transitions)
        sections.transitions.push_back(
            {sections.add_string(transition.target), static_cast<std::uint32_t>(transition.kind),
             static_cast<std::uint32_t>(transition.fallback),
             transition.scrubs ? std::uint32_t{ISOLATES_TRANSITION_SCRUB} : 0u, 0});
}

void write_bindings(const model::Policy& policy, const Options& options, isolates_policy& written,
                    Sections& sections) {
    const auto places = rule_places(policy);
    written.bindings = {count_of(sections.bindings), count_of(policy.bindings)};
    for (const model::Binding& binding : policy.bindings)
        sections.bindings.push_back({static_cast<std::uint32_t>(binding.kind),
                                     static_cast<std::uint32_t>(binding.where),
                                     sections.add_string(binding.path), binding.number,
                                     std::uint32_t{binding.on_exec} * ISOLATES_BINDING_ON_EXEC,
                                     rule_ref(places, binding.rule, options)});
}

}  // namespace isolates::emit
