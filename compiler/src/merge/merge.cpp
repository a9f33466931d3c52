// SPDX-License-Identifier: GPL-2.0-only
#include "merge/merge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "emit/sections.hpp"

namespace isolates::merge {
namespace {

using emit::count_of;

std::string_view text_of(const isolates_view& view, isolates_string string) {
    return {isolates_view_text(&view, string), string.length};
}

const isolates_policy& policy_of(const Part& part) {
    return part.blob->view().policies[part.policy];
}

std::string_view name_of(const Part& part) {
    return text_of(part.blob->view(), policy_of(part).name);
}

template <typename Element>
void append(std::vector<Element>& section, const Element* from, isolates_range range) {
    section.insert(section.end(), from + range.first, from + range.first + range.count);
}

// The sources of all blobs, each text once, and where those of each blob went.
class SourceList {
  public:
    void add(const decide::Blob& blob) {
        if (moved_.contains(&blob)) return;
        const auto& view = blob.view();
        auto& moved = moved_[&blob];
        for (std::uint32_t i = 0; i < isolates_view_count(&view, ISOLATES_SECTION_SOURCES); i++) {
            const std::pair source{text_of(view, view.sources[i].name),
                                   text_of(view, view.sources[i].text)};
            const auto [entry, is_new] = index_.emplace(source, count_of(list_));
            if (is_new) list_.push_back(source);
            moved.push_back(entry->second);
        }
    }

    [[nodiscard]] std::uint32_t index(const decide::Blob& blob, std::uint32_t source) const {
        return moved_.at(&blob)[source];
    }

    void write(emit::Sections& sections) const {
        for (const auto& [name, text] : list_) {
            const auto written = sections.add_string(name);
            sections.sources.push_back({written, sections.add_string(text)});
        }
    }

  private:
    using Source = std::pair<std::string_view, std::string_view>;

    std::vector<Source> list_;
    std::map<Source, std::uint32_t> index_;
    std::map<const decide::Blob*, std::vector<std::uint32_t>> moved_;
};

class PolicyCopier {
  public:
    PolicyCopier(const Part& part, const SourceList& sources, bool strip, emit::Sections& out)
        : strip_(strip),
          blob_(*part.blob),
          view_(part.blob->view()),
          from_(policy_of(part)),
          sources_(sources),
          out_(out) {}

    // All but what owns strings; its name was written before.
    void copy(isolates_string name) {
        isolates_policy policy = from_;
        policy.name = name;
        for (auto& rules : policy.classes) copy_automata(rules.automata);
        copy_perms(policy.perms);
        copy_rlimits(policy.rlimits);
        copy_rules(policy.rules);
        out_.policies.push_back(policy);
    }

    void copy_transitions(isolates_policy& policy) {
        policy.transitions.first = count_of(out_.transitions);
        for (std::uint32_t i = 0; i < from_.transitions.count; i++) {
            isolates_transition transition = view_.transitions[from_.transitions.first + i];
            transition.target = out_.add_string(text_of(view_, transition.target));
            out_.transitions.push_back(transition);
        }
    }

    void copy_syscalls(isolates_policy& policy) {
        policy.syscalls.first = count_of(out_.syscalls);
        for (std::uint32_t i = 0; i < from_.syscalls.count; i++) {
            isolates_syscall call = view_.syscalls[from_.syscalls.first + i];
            call.name = out_.add_string(text_of(view_, call.name));
            append(out_.arguments, view_.arguments, call.arguments);
            call.arguments.first = count_of(out_.arguments) - call.arguments.count;
            if (strip_) call.rule = ISOLATES_RULE_NONE;
            out_.syscalls.push_back(call);
        }
    }

    void copy_bindings(isolates_policy& policy) {
        policy.bindings.first = count_of(out_.bindings);
        for (std::uint32_t i = 0; i < from_.bindings.count; i++) {
            isolates_binding binding = view_.bindings[from_.bindings.first + i];
            binding.path = out_.add_string(text_of(view_, binding.path));
            if (strip_) binding.rule = ISOLATES_RULE_NONE;
            out_.bindings.push_back(binding);
        }
    }

  private:
    void copy_automata(isolates_range& automata) {
        const auto first = std::exchange(automata.first, count_of(out_.automata));
        for (std::uint32_t i = 0; i < automata.count; i++) {
            isolates_automaton automaton = view_.automata[first + i];
            append(out_.states, view_.states, automaton.states);
            append(out_.edges, view_.edges, automaton.edges);
            automaton.states.first = count_of(out_.states) - automaton.states.count;
            automaton.edges.first = count_of(out_.edges) - automaton.edges.count;
            if (automaton.byte_classes) {
                append(out_.byte_classes, view_.byte_classes, {automaton.byte_classes_map, 1});
                automaton.byte_classes_map = count_of(out_.byte_classes) - 1;
            }
            out_.automata.push_back(automaton);
        }
    }

    void copy_perms(isolates_range& perms) {
        const auto first = std::exchange(perms.first, count_of(out_.perms));
        for (std::uint32_t i = 0; i < perms.count; i++) {
            isolates_perms one = view_.perms[first + i];
            append(out_.errors, view_.errors, one.errors);
            if (strip_) one.rules.count = 0;
            append(out_.rule_refs, view_.rule_refs, one.rules);
            one.errors.first = count_of(out_.errors) - one.errors.count;
            one.rules.first = count_of(out_.rule_refs) - one.rules.count;
            out_.perms.push_back(one);
        }
    }

    void copy_rlimits(isolates_range& rlimits) {
        const auto first = std::exchange(rlimits.first, count_of(out_.rlimits));
        for (std::uint32_t i = 0; i < rlimits.count; i++) {
            isolates_rlimit rlimit = view_.rlimits[first + i];
            if (strip_) rlimit.rule = ISOLATES_RULE_NONE;
            out_.rlimits.push_back(rlimit);
        }
    }

    void copy_rules(isolates_range& rules) {
        if (strip_) rules.count = 0;
        const auto first = std::exchange(rules.first, count_of(out_.rules));
        for (std::uint32_t i = 0; i < rules.count; i++) {
            isolates_rule rule = view_.rules[first + i];
            rule.source = sources_.index(blob_, rule.source);
            out_.rules.push_back(rule);
        }
    }

    bool strip_;
    const decide::Blob& blob_;
    const isolates_view& view_;
    const isolates_policy& from_;
    const SourceList& sources_;
    emit::Sections& out_;
};

}  // namespace

std::vector<Part> parts_of(const decide::Blob& blob) {
    std::vector<Part> parts;
    for (std::uint32_t i = 0; i < isolates_view_count(&blob.view(), ISOLATES_SECTION_POLICIES); i++)
        parts.push_back({&blob, i});
    return parts;
}

std::expected<std::vector<std::byte>, std::string> merge(std::vector<Part> parts, bool strip) {
    std::ranges::stable_sort(parts, {}, name_of);
    const auto twice = std::ranges::adjacent_find(parts, {}, name_of);
    if (twice != parts.end())
        return std::unexpected(fmt::format("there are two policies '{}'", name_of(*twice)));
    if (parts.size() > ISOLATES_POLICIES_MAX)
        return std::unexpected(
            fmt::format("there are more than {} policies", ISOLATES_POLICIES_MAX));

    SourceList sources;
    for (const auto& part : parts)
        if (!strip) sources.add(*part.blob);

    // Section by section, so that the strings lie in the order the format wants.
    emit::Sections sections;
    std::vector<isolates_string> names;
    std::vector<PolicyCopier> copiers;
    for (const auto& part : parts) names.push_back(sections.add_string(name_of(part)));
    for (const auto& part : parts) copiers.emplace_back(part, sources, strip, sections);
    for (std::size_t i = 0; i < parts.size(); i++) copiers[i].copy(names[i]);
    for (std::size_t i = 0; i < parts.size(); i++)
        copiers[i].copy_transitions(sections.policies[i]);
    for (std::size_t i = 0; i < parts.size(); i++) copiers[i].copy_syscalls(sections.policies[i]);
    for (std::size_t i = 0; i < parts.size(); i++) copiers[i].copy_bindings(sections.policies[i]);
    sources.write(sections);

    auto blob = sections.serialise();
    if (!blob)
        return std::unexpected(std::string("together the policies are larger than a blob may be"));
    if (const auto verified = decide::Blob::load(*blob); !verified)
        return std::unexpected(
            fmt::format("internal error: the verifier refuses what was merged: {}",
                        verified.error().why.reason));
    return std::move(*blob);
}

}  // namespace isolates::merge
