// SPDX-License-Identifier: GPL-2.0-only
#include "reference/blob_changer.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>
#include <vector>

namespace isolates::reference {
namespace {

using emit::count_of;
using emit::Sections;

// Calls @visit with each section, in the order of enum isolates_section.
template <typename Visit>
void for_sections(Sections& sections, const Visit& visit) {
    static_assert(ISOLATES_SECTION_COUNT == 16, "each is visited below");
    visit(sections.policies);
    visit(sections.automata);
    visit(sections.states);
    visit(sections.edges);
    visit(sections.byte_classes);
    visit(sections.perms);
    visit(sections.errors);
    visit(sections.transitions);
    visit(sections.syscalls);
    visit(sections.arguments);
    visit(sections.rlimits);
    visit(sections.bindings);
    visit(sections.rule_refs);
    visit(sections.rules);
    visit(sections.sources);
    visit(sections.strings);
}

// Deals out the elements of one section, front to back.
class Tiler {
  public:
    explicit Tiler(std::size_t count) : left_(static_cast<std::uint32_t>(count)) {}

    void tile(isolates_range& range) {
        range.first = used_;
        range.count = std::min(range.count, left_);
        used_ += range.count;
        left_ -= range.count;
    }
    [[nodiscard]] std::uint32_t used() const { return used_; }

  private:
    std::uint32_t used_ = 0;
    std::uint32_t left_;
};

// A reference to one of @count elements.
void keep_below(std::uint32_t count, std::uint32_t& reference) {
    reference = count ? reference % count : 0;
}

class Mender {
  public:
    explicit Mender(Sections& sections)
        : all_(sections),
          automata_(all_.automata.size()),
          states_(all_.states.size()),
          byte_classes_(all_.byte_classes.size()),
          perms_(all_.perms.size()),
          errors_(all_.errors.size()),
          transitions_(all_.transitions.size()),
          syscalls_(all_.syscalls.size()),
          arguments_(all_.arguments.size()),
          rlimits_(all_.rlimits.size()),
          bindings_(all_.bindings.size()),
          rule_refs_(all_.rule_refs.size()),
          rules_(all_.rules.size()) {}

    void mend() {
        for (auto& policy : all_.policies) mend_policy(policy);
        mend_strings();
        all_.automata.resize(automata_.used());
        all_.states.resize(states_.used());
        all_.edges = std::move(edges_);
        all_.byte_classes.resize(byte_classes_.used());
        all_.perms.resize(perms_.used());
        all_.errors.resize(errors_.used());
        all_.transitions.resize(transitions_.used());
        all_.syscalls.resize(syscalls_.used());
        all_.arguments.resize(arguments_.used());
        all_.rlimits.resize(rlimits_.used());
        all_.bindings.resize(bindings_.used());
        all_.rule_refs.resize(rule_refs_.used());
        all_.rules.resize(rules_.used());
    }

  private:
    void mend_policy(isolates_policy& policy) {
        perms_.tile(policy.perms);
        transitions_.tile(policy.transitions);
        syscalls_.tile(policy.syscalls);
        rlimits_.tile(policy.rlimits);
        bindings_.tile(policy.bindings);
        rules_.tile(policy.rules);
        for (std::uint32_t i = 0; i < policy.perms.count; i++)
            mend_perms(policy, all_.perms[policy.perms.first + i]);
        for (std::uint32_t i = 0; i < policy.rules.count; i++)
            keep_below(count_of(all_.sources), all_.rules[policy.rules.first + i].source);
        const auto mend_rule = [&](std::uint32_t& rule) {
            if (rule != ISOLATES_RULE_NONE && rule >= policy.rules.count) rule = ISOLATES_RULE_NONE;
        };
        for (std::uint32_t i = 0; i < policy.rlimits.count; i++)
            mend_rule(all_.rlimits[policy.rlimits.first + i].rule);
        for (std::uint32_t i = 0; i < policy.bindings.count; i++)
            mend_rule(all_.bindings[policy.bindings.first + i].rule);
        for (std::uint32_t i = 0; i < policy.syscalls.count; i++) {
            auto& call = all_.syscalls[policy.syscalls.first + i];
            mend_rule(call.rule);
            arguments_.tile(call.arguments);
        }
        for (auto& rules : policy.classes) {
            automata_.tile(rules.automata);
            for (std::uint32_t i = 0; i < rules.automata.count; i++)
                mend_automaton(policy, all_.automata[rules.automata.first + i]);
        }
    }

    void mend_perms(const isolates_policy& policy, isolates_perms& perms) {
        errors_.tile(perms.errors);
        rule_refs_.tile(perms.rules);
        for (std::uint32_t i = 0; i < perms.rules.count; i++)
            keep_below(policy.rules.count, all_.rule_refs[perms.rules.first + i]);
        for (auto& exec : perms.exec) exec = std::min(exec, policy.transitions.count);
    }

    void mend_automaton(const isolates_policy& policy, isolates_automaton& automaton) {
        states_.tile(automaton.states);
        const auto old_edges = automaton.edges;
        automaton.edges = {count_of(edges_), 0};
        keep_below(automaton.states.count, automaton.start);
        isolates_range map{0, automaton.byte_classes ? 1u : 0u};
        byte_classes_.tile(map);
        if (!map.count) automaton.byte_classes = 0;
        automaton.byte_classes_map = map.count ? map.first : 0;
        if (map.count) {
            if (automaton.byte_classes > 256) automaton.byte_classes = 256;
            for (auto& byte_class : all_.byte_classes[map.first].of)
                byte_class = static_cast<std::uint8_t>(byte_class % automaton.byte_classes);
        }
        for (std::uint32_t i = 0; i < automaton.states.count; i++)
            mend_state(policy, automaton, old_edges, all_.states[automaton.states.first + i]);
        automaton.edges.count = count_of(edges_) - automaton.edges.first;
    }

    // Its edges are where they were, as far as there were as many.
    void mend_state(const isolates_policy& policy, const isolates_automaton& automaton,
                    isolates_range old_edges, isolates_state& state) {
        keep_below(policy.perms.count, state.perms);
        keep_below(automaton.states.count, state.otherwise);
        std::uint32_t labels = 0;  // words, and where they begin
        std::uint32_t labels_at = 0;
        std::uint32_t targets = 0;
        switch (state.kind) {
            case ISOLATES_STATE_STRING:
                labels = (state.count + 3u) / 4;
                labels_at = 1;
                targets = 1;
                break;
            case ISOLATES_STATE_SPARSE:
                labels = (state.count + 7u) / 8 * 2;
                targets = state.count;
                break;
            case ISOLATES_STATE_DENSE:
                targets = automaton.byte_classes;
                break;
            default:
                break;
        }
        std::vector<std::uint32_t> edges(labels + targets);
        for (std::size_t i = 0; i < edges.size(); i++) {
            const auto from = std::size_t{old_edges.first} + state.edges + i;
            if (from < all_.edges.size()) edges[i] = all_.edges[from];
        }
        for (std::uint32_t i = 0; i < edges.size(); i++)
            if (i < labels_at || i >= labels_at + labels)
                keep_below(automaton.states.count, edges[i]);
        // The padding behind the labels.
        auto* const bytes = reinterpret_cast<std::uint8_t*>(edges.data() + labels_at);
        if (labels) std::fill(bytes + state.count, bytes + labels * 4, std::uint8_t{0});
        state.edges = count_of(edges_) - automaton.edges.first;
        edges_.insert(edges_.end(), edges.begin(), edges.end());
    }

    // Each owner gets the text up to the next NUL.
    void mend_strings() {
        for (auto& policy : all_.policies) take(policy.name);
        for (std::uint32_t i = 0; i < transitions_.used(); i++) take(all_.transitions[i].target);
        for (std::uint32_t i = 0; i < syscalls_.used(); i++) take(all_.syscalls[i].name);
        for (std::uint32_t i = 0; i < bindings_.used(); i++) take(all_.bindings[i].path);
        for (auto& source : all_.sources) {
            take(source.name);
            take(source.text);
        }
        all_.strings.resize(string_);
    }

    void take(isolates_string& string) {
        const auto begin = all_.strings.begin() + string_;
        auto end = std::find(begin, all_.strings.end(), '\0');
        const auto length = static_cast<std::uint32_t>(end - begin);
        if (end == all_.strings.end()) all_.strings.push_back('\0');
        string = {string_, length};
        string_ += length + 1;
    }

    Sections& all_;
    Tiler automata_, states_, byte_classes_, perms_, errors_, transitions_, syscalls_, arguments_,
        rlimits_, bindings_, rule_refs_, rules_;
    std::vector<std::uint32_t> edges_;
    std::uint32_t string_ = 0;
};

}  // namespace

std::optional<emit::Sections> sections_of(std::span<const std::byte> bytes) {
    isolates_header header{};
    if (bytes.size() < sizeof(header)) return std::nullopt;
    std::memcpy(&header, bytes.data(), sizeof(header));
    Sections sections;
    std::size_t section = 0;
    std::size_t at = sizeof(header);
    bool fits = true;
    for_sections(sections, [&](auto& elements) {
        using Element = typename std::remove_reference_t<decltype(elements)>::value_type;
        const std::size_t count = header.count[section++];
        fits = fits && at <= bytes.size() && count <= (bytes.size() - at) / sizeof(Element);
        if (!fits) return;
        elements.resize(count);
        if (count) std::memcpy(elements.data(), &bytes[at], count * sizeof(Element));
        at += (count * sizeof(Element) + 7) / 8 * 8;
    });
    if (!fits) return std::nullopt;
    return sections;
}

void mend(emit::Sections& sections) {
    Mender(sections).mend();
}

std::uint32_t BlobChanger::word(std::uint32_t old) {
    switch (below(8)) {
        case 0:
            return 0;
        case 1:
            return ~0u - static_cast<std::uint32_t>(below(8));
        case 2:
            return old + 1;
        case 3:
            return old - 1;
        case 4:
            return old ^ 1u << below(32);
        case 5:
            return static_cast<std::uint32_t>(random_());
        default:
            return static_cast<std::uint32_t>(below(40));
    }
}

void BlobChanger::change(emit::Sections& sections) {
    auto left = below(ISOLATES_SECTION_COUNT);
    for_sections(sections, [&](auto& elements) {
        using Element = typename std::remove_reference_t<decltype(elements)>::value_type;
        if (left-- || elements.empty()) return;
        const auto at = below(elements.size());
        const auto place = elements.begin() + static_cast<std::ptrdiff_t>(at);
        auto* const bytes = reinterpret_cast<std::uint8_t*>(&elements[at]);
        switch (below(6)) {
            case 0:
                elements.erase(place);
                break;
            case 1: {
                const Element copy = elements[below(elements.size())];
                elements.insert(place, copy);
                break;
            }
            case 2:
                bytes[below(sizeof(Element))] = static_cast<std::uint8_t>(below(256));
                break;
            default:
                if constexpr (sizeof(Element) % sizeof(std::uint32_t) == 0) {
                    auto* const changed = bytes + below(sizeof(Element) / 4) * 4;
                    std::uint32_t value = 0;
                    std::memcpy(&value, changed, sizeof(value));
                    value = word(value);
                    std::memcpy(changed, &value, sizeof(value));
                } else {
                    *bytes = static_cast<std::uint8_t>(below(256));
                }
        }
    });
}

Bytes BlobChanger::changed(std::span<const std::byte> bytes) {
    auto sections = sections_of(bytes);
    if (!sections) return {bytes.begin(), bytes.end()};
    for (auto changes = below(3) + 1; changes; changes--) change(*sections);
    if (below(4)) mend(*sections);
    return *sections->serialise();
}

}  // namespace isolates::reference
