// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <array>
#include <iterator>

#include "diag/render.hpp"
#include "dump/dump.hpp"

namespace isolates::dump {
namespace {

constexpr std::array<std::string_view, ISOLATES_SECTION_COUNT> section_names = {
    "policies", "automata",  "states",      "edges",    "byte classes",
    "perms",    "errors",    "transitions", "syscalls", "arguments",
    "bindings", "rule refs", "rules",       "sources",  "strings"};

constexpr std::array<std::string_view, ISOLATES_STATE_KINDS> state_kinds = {"sink", "string",
                                                                            "sparse", "dense"};

class Writer {
  public:
    explicit Writer(const isolates_view& view) : view_(view) {}

    std::string run() {
        const auto& header = *view_.header;
        line("blob: version {}, {} bytes, checksum {:#010x}", header.version, header.size,
             header.checksum);
        for (std::size_t i = 0; i < section_names.size(); i++)
            line("  {}: {}", section_names[i], header.count[i]);
        for (std::uint32_t i = 0; i < count(ISOLATES_SECTION_POLICIES); i++)
            policy(view_.policies[i]);
        for (std::uint32_t i = 0; i < count(ISOLATES_SECTION_SOURCES); i++)
            line("source {}: {}", i, text(view_.sources[i].name));
        return std::move(out_);
    }

  private:
    template <typename... Parts>
    void line(fmt::format_string<Parts...> format, Parts&&... parts) {
        fmt::format_to(std::back_inserter(out_), format, std::forward<Parts>(parts)...);
        out_ += '\n';
    }
    [[nodiscard]] std::uint32_t count(isolates_section section) const {
        return isolates_view_count(&view_, section);
    }
    [[nodiscard]] std::string text(isolates_string string) const {
        return diag::printable({isolates_view_text(&view_, string), string.length});
    }

    void policy(const isolates_policy& policy) {
        line("policy {}: mode {}", text(policy.name), policy.mode);
        for (std::uint32_t i = 0; i < policy.bindings.count; i++) {
            const auto& binding = view_.bindings[policy.bindings.first + i];
            line("  binding {}: kind {}, where {}, number {}, flags {}, path \"{}\"", i,
                 binding.kind, binding.where, binding.number, binding.flags, text(binding.path));
        }
        for (std::uint32_t i = 0; i < policy.transitions.count; i++) {
            const auto& transition = view_.transitions[policy.transitions.first + i];
            line("  transition {}: kind {}, fallback {}, flags {:#x}, target \"{}\"", i + 1,
                 transition.kind, transition.fallback, transition.flags, text(transition.target));
        }
        for (std::uint32_t i = 0; i < policy.syscalls.count; i++)
            syscall(view_.syscalls[policy.syscalls.first + i]);
        for (std::uint32_t i = 1; i < policy.perms.count; i++)
            perms(i, view_.perms[policy.perms.first + i]);
        for (std::size_t i = 0; i < std::size(policy.classes); i++) {
            const auto& rules = policy.classes[i];
            if (!rules.open && !rules.automata.count) continue;
            line("  class {}: open {:#x}", i, rules.open);
            for (std::uint32_t k = 0; k < rules.automata.count; k++)
                automaton(rules.automata.first + k);
        }
    }

    void syscall(const isolates_syscall& call) {
        line("  syscall {}: action {}, flags {:#x}, errno {}", text(call.name), call.action,
             call.flags, call.error);
        for (std::uint32_t i = 0; i < call.arguments.count; i++) {
            const auto& argument = view_.arguments[call.arguments.first + i];
            line("    argument {} & {:#x}, comparison {}, {:#x}", argument.index, argument.mask,
                 argument.comparison, argument.value);
        }
    }

    void perms(std::uint32_t number, const isolates_perms& perms) {
        line(
            "  perms {}: allow {:#x}/{:#x} deny {:#x}/{:#x} audit {:#x}/{:#x} quiet {:#x}/{:#x} "
            "exec {}/{}",
            number, perms.allow[0], perms.allow[1], perms.deny[0], perms.deny[1], perms.audit[0],
            perms.audit[1], perms.quiet[0], perms.quiet[1], perms.exec[0], perms.exec[1]);
        for (std::uint32_t i = 0; i < perms.errors.count; i++) {
            const auto& error = view_.errors[perms.errors.first + i];
            line("    errno {} for {:#x}/{:#x}", error.error, error.operations[0],
                 error.operations[1]);
        }
    }

    void automaton(std::uint32_t number) {
        const auto& automaton = view_.automata[number];
        line("    automaton {}: {} states, {} edge words, start {}, {} byte classes", number,
             automaton.states.count, automaton.edges.count, automaton.start,
             automaton.byte_classes);
        const auto* const edges = view_.edges + automaton.edges.first;
        for (std::uint32_t i = 0; i < automaton.states.count; i++) {
            const auto& state = view_.states[automaton.states.first + i];
            const auto kind = static_cast<isolates_state_kind>(state.kind);
            std::string ways;
            if (kind == ISOLATES_STATE_STRING) {
                for (std::uint32_t k = 0; k < state.count; k++)
                    ways += byte_of(edges + state.edges + 1, k) + " ";
                ways += fmt::format("-> {}", edges[state.edges]);
            } else if (kind == ISOLATES_STATE_SPARSE) {
                // The bytes take up a multiple of two words.
                const auto* const targets = edges + state.edges + (state.count + 7U) / 8U * 2U;
                for (std::uint32_t k = 0; k < state.count; k++)
                    ways += fmt::format("{}{} -> {}", k ? ", " : "",
                                        byte_of(edges + state.edges, k), targets[k]);
            } else if (kind == ISOLATES_STATE_DENSE) {
                for (std::uint32_t k = 0; k < automaton.byte_classes; k++)
                    ways +=
                        fmt::format("{}class {} -> {}", k ? ", " : "", k, edges[state.edges + k]);
            }
            line("      {} {}, perms {}, otherwise {}{}{}", i, state_kinds[state.kind], state.perms,
                 state.otherwise, ways.empty() ? "" : ": ", ways);
        }
        if (!automaton.byte_classes) return;
        std::array<automata::ByteSet, 256> classes;
        for (std::size_t i = 0; i < 256; i++)
            classes[view_.byte_classes[automaton.byte_classes_map].of[i]].add(
                static_cast<std::uint8_t>(i));
        for (std::uint32_t k = 0; k < automaton.byte_classes; k++)
            line("      byte class {}: {}", k, bytes(classes[k]));
    }

    // Four bytes are in a word, the first one lowest.
    static std::string byte_of(const std::uint32_t* words, std::uint32_t index) {
        return byte(static_cast<std::uint8_t>(words[index / 4] >> (index % 4 * 8)));
    }

    const isolates_view& view_;
    std::string out_;
};

}  // namespace

std::string blob(const decide::Blob& blob) {
    return Writer(blob.view()).run();
}

}  // namespace isolates::dump
