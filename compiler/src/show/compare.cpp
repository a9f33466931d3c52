// SPDX-License-Identifier: GPL-2.0-only
#include "show/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "show/domains.hpp"

namespace isolates::show {
namespace {

// Pairs of states that are looked at before giving up.
constexpr std::size_t kProductMax = std::size_t{1} << 24;

// What one label says of one operation; an errno with its rule's place.
struct Saying {
    bool allow = false;
    bool deny = false;
    bool audit = false;
    bool quiet = false;
    std::uint32_t error = 0;
    std::uint32_t order = 0;
    std::uint32_t exec = 0;  // where an allowed exec leads, by a number; 0: it stays

    auto operator<=>(const Saying&) const = default;
};

// All sayings, each once. 0 is that nothing is said, 1 that there is no such fact.
class Sayings {
  public:
    static constexpr LabelId kNoFact = 1;

    Sayings() : all_(2) { numbers_.emplace(Saying{}, automata::kNoLabel); }

    LabelId number(const Saying& saying) {
        const auto [entry, is_new] = numbers_.emplace(saying, static_cast<LabelId>(all_.size()));
        if (is_new) all_.push_back(saying);
        return entry->second;
    }
    [[nodiscard]] const Saying& operator[](LabelId id) const { return all_[id]; }

  private:
    std::vector<Saying> all_;
    std::map<Saying, LabelId> numbers_;
};

Saying saying_of(const isolates_view& view, const isolates_perms& perms, std::uint32_t operation,
                 unsigned whose) {
    Saying said{(perms.allow[whose] & operation) != 0,
                (perms.deny[whose] & operation) != 0,
                (perms.audit[whose] & operation) != 0,
                (perms.quiet[whose] & operation) != 0,
                0,
                0,
                0};
    for (std::uint32_t i = 0; i < perms.errors.count && !said.error; i++) {
        const isolates_error& error = view.errors[perms.errors.first + i];
        if (!(error.operations[whose] & operation)) continue;
        said.error = error.error;
        said.order = error.order;
    }
    return said;
}

// What all automata of one side say together.
struct Outcome {
    bool is_allowed = false;
    bool is_reported = false;
    std::uint32_t error = 0;  // 0: the class's own
    std::uint32_t order = 0;
    std::uint32_t exec = 0;
};

std::string_view text(const PolicyView& side, isolates_string string) {
    return {isolates_view_text(side.view, string), string.length};
}

// The transitions of both sides, each with a number that those alike share.
class Transitions {
  public:
    // @exec: as isolates_perms::exec. 0 stays what it is.
    std::uint32_t number(const PolicyView& side, std::uint32_t exec) {
        if (!exec) return 0;
        const auto& transition = side.view->transitions[side.policy->transitions.first + exec - 1];
        const auto next = static_cast<std::uint32_t>(numbers_.size() + 1);
        return numbers_
            .emplace(std::tuple(transition.kind, transition.fallback, transition.flags,
                                text(side, transition.target)),
                     next)
            .first->second;
    }

  private:
    using Transition = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::string_view>;

    std::map<Transition, std::uint32_t> numbers_;
};

// The comparison of one class.
class ClassComparison {
  public:
    ClassComparison(const PolicyView& a, const PolicyView& b, isolates_class class_id)
        : sides_{a, b}, class_id_(class_id) {
        for (std::size_t side = 0; side < 2; side++) {
            const auto& automata = sides_[side].policy->classes[class_id].automata;
            for (std::uint32_t i = 0; i < automata.count; i++)
                automata_.push_back(
                    {side,
                     expand(*sides_[side].view, sides_[side].view->automata[automata.first + i])});
        }
    }

    std::expected<void, std::string> run() {
        const bool has_owner = class_id_ == ISOLATES_CLASS_FILE || class_id_ == ISOLATES_CLASS_LINK;
        const unsigned owners = has_owner ? 2 : 1;
        for (unsigned whose = 0; whose < owners; whose++)
            for (std::uint32_t rest = isolates_class_operations(class_id_); rest; rest &= rest - 1)
                if (auto result = compare(rest & -rest, whose); !result) return result;
        if (auto result = compare_transitions(); !result) return result;
        return compare_orders();
    }

  private:
    struct Automaton {
        std::size_t side;
        Dfa dfa;
    };
    using Tuple = std::vector<StateId>;

    [[nodiscard]] bool is_open(std::size_t side, std::uint32_t operation) const {
        return sides_[side].policy->classes[class_id_].open & operation;
    }

    std::unexpected<std::string> differ(std::uint32_t operation, std::string_view how) const {
        return std::unexpected(
            fmt::format("what was found is {} otherwise (class {}, operation {:#x})", how,
                        static_cast<unsigned>(class_id_), operation));
    }

    // Where execs lead, of what can be executed.
    std::expected<void, std::string> compare_transitions() {
        if (class_id_ != ISOLATES_CLASS_FILE) return {};
        if (!sides_[0].policy->transitions.count && !sides_[1].policy->transitions.count) return {};
        compares_transitions_ = true;
        for (unsigned whose = 0; whose < 2; whose++)
            if (auto result = compare(ISOLATES_FILE_EXEC, whose); !result) return result;
        return {};
    }

    std::expected<void, std::string> compare(std::uint32_t operation, unsigned whose) {
        if (automata_.empty()) {
            if (is_open(0, operation) != is_open(1, operation)) return differ(operation, "open");
            return {};
        }
        const auto domain = domain_of(class_id_, operation, Nul::impossible);
        if (!domain) return std::unexpected("rules of a class that cannot be shown yet");

        // What was seen for one operation need not be walked for one that is like it.
        std::vector<std::vector<LabelId>> columns;
        for (const Automaton& automaton : automata_) {
            const PolicyView& side = sides_[automaton.side];
            auto& column = columns.emplace_back();
            for (std::uint32_t i = 0; i < side.policy->perms.count; i++)
                column.push_back(sayings_.number(saying(side, i, operation, whose)));
            column.push_back(Sayings::kNoFact);
        }
        columns.push_back({is_open(0, operation), is_open(1, operation),
                           static_cast<LabelId>(domain_key(operation)), compares_transitions_});
        if (!seen_.insert(columns).second) return {};

        std::vector<Dfa> projected;
        for (std::size_t i = 0; i < automata_.size(); i++)
            projected.push_back(project(automata_[i].dfa, *domain, columns[i]));
        return walk(projected, operation);
    }

    Saying saying(const PolicyView& side, std::uint32_t label, std::uint32_t operation,
                  unsigned whose) {
        const isolates_perms& perms = side.view->perms[side.policy->perms.first + label];
        Saying said = saying_of(*side.view, perms, operation, whose);
        if (compares_transitions_ && said.allow)
            said.exec = transitions_.number(side, perms.exec[whose]);
        return said;
    }

    // @column: what each label says, and that there is no such fact.
    [[nodiscard]] Dfa project(const Dfa& dfa, const Domain& domain,
                              const std::vector<LabelId>& column) const {
        const auto outside = static_cast<LabelId>(column.size() - 1);
        if (!compares_transitions_) return relabel(restrict_to(dfa, domain, outside), column);
        // A directory is no program.
        std::vector<LabelId> values = column;
        values.resize(values.size() + column.size() - 1, Sayings::kNoFact);
        return relabel(restrict_to(dfa, domain, outside, outside + 1), values);
    }

    // Operations of one class may have facts of their own.
    [[nodiscard]] std::uint32_t domain_key(std::uint32_t operation) const {
        const bool has_own = class_id_ == ISOLATES_CLASS_NETWORK ||
                             class_id_ == ISOLATES_CLASS_UNIX || class_id_ == ISOLATES_CLASS_MOUNT;
        return has_own ? operation : 0;
    }

    std::expected<void, std::string> walk(const std::vector<Dfa>& dfas, std::uint32_t operation) {
        std::set<Tuple> seen;
        std::vector<Tuple> queue;
        const auto enter = [&](Tuple tuple) {
            const auto [entry, is_new] = seen.insert(std::move(tuple));
            if (is_new) queue.push_back(*entry);
        };
        Tuple start;
        for (const Dfa& dfa : dfas) start.push_back(dfa.start);
        enter(std::move(start));
        while (!queue.empty()) {
            if (seen.size() > kProductMax)
                return std::unexpected("it takes too much to compare what was found with it");
            const Tuple at = std::move(queue.back());
            queue.pop_back();
            if (auto result = compare_at(dfas, at, operation); !result) return result;
            std::bitset<256> bytes;
            for (std::size_t i = 0; i < at.size(); i++)
                for (const Dfa::Edge& edge : dfas[i].edges_of(dfas[i].states[at[i]]))
                    bytes.set(edge.byte);
            bool has_other = false;
            for (unsigned byte = 0; byte < 256; byte++) {
                // One stands for all that no automaton names.
                if (!bytes[byte] && std::exchange(has_other, true)) continue;
                Tuple next;
                for (std::size_t i = 0; i < at.size(); i++)
                    next.push_back(dfas[i].next(at[i], static_cast<std::uint8_t>(byte)));
                enter(std::move(next));
            }
        }
        return {};
    }

    std::expected<void, std::string> compare_at(const std::vector<Dfa>& dfas, const Tuple& at,
                                                std::uint32_t operation) {
        std::array<Saying, 2> said{};
        for (std::size_t i = 0; i < at.size(); i++) {
            const LabelId label = dfas[i].states[at[i]].label;
            if (label == Sayings::kNoFact) return {};
            const Saying& saying = sayings_[label];
            Saying& all = said[automata_[i].side];
            all.allow |= saying.allow;
            all.deny |= saying.deny;
            all.audit |= saying.audit;
            all.quiet |= saying.quiet;
            if (!all.exec) all.exec = saying.exec;
            if (saying.error && (!all.error || saying.order < all.order)) {
                all.error = saying.error;
                all.order = saying.order;
            }
        }
        std::array<Outcome, 2> outcome{};
        for (std::size_t side = 0; side < 2; side++) {
            const Saying& all = said[side];
            outcome[side].is_allowed = (all.allow || is_open(side, operation)) && !all.deny;
            outcome[side].is_reported = (!outcome[side].is_allowed && !all.quiet) || all.audit;
            if (outcome[side].is_allowed) {
                outcome[side].exec = all.exec;
                continue;
            }
            outcome[side].error = all.error;
            outcome[side].order = all.order;
        }
        if (outcome[0].is_allowed != outcome[1].is_allowed) return differ(operation, "allowed");
        if (outcome[0].is_reported != outcome[1].is_reported) return differ(operation, "reported");
        if (outcome[0].error != outcome[1].error) return differ(operation, "denied");
        if (outcome[0].exec != outcome[1].exec) return differ(operation, "followed by a policy");
        if (outcome[0].error) orders_.emplace(outcome[0].order, outcome[1].order);
        return {};
    }

    // Of two errnos the same one is to be the first on both sides.
    [[nodiscard]] std::expected<void, std::string> compare_orders() const {
        std::optional<std::pair<std::uint32_t, std::uint32_t>> last;  // of those before
        std::uint32_t most = 0;  // of the second ones whose first one is less
        for (const auto& pair : orders_) {
            if (last && last->first != pair.first) most = std::max(most, last->second);
            if (pair.second < most)
                return std::unexpected("what was found has its errnos in another order");
            last = pair;
        }
        return {};
    }

    std::array<PolicyView, 2> sides_;
    isolates_class class_id_;
    std::vector<Automaton> automata_;  // of the one side, and then of the other
    Sayings sayings_;
    Transitions transitions_;
    bool compares_transitions_ = false;
    std::set<std::vector<std::vector<LabelId>>> seen_;
    std::set<std::pair<std::uint32_t, std::uint32_t>> orders_;
};

// What the rules on system calls say, as it is written down: by name, and of one name
// in their order.
using Arguments =
    std::vector<std::tuple<std::uint32_t, std::uint32_t, std::uint64_t, std::uint64_t>>;
using Calls = std::vector<
    std::tuple<std::string_view, std::uint32_t, std::uint32_t, std::uint32_t, Arguments>>;

Calls syscalls(const PolicyView& side) {
    Calls calls;
    for (std::uint32_t i = 0; i < side.policy->syscalls.count; i++) {
        const auto& call = side.view->syscalls[side.policy->syscalls.first + i];
        Arguments arguments;
        for (std::uint32_t k = 0; k < call.arguments.count; k++) {
            const auto& argument = side.view->arguments[call.arguments.first + k];
            arguments.emplace_back(argument.index, argument.comparison, argument.mask,
                                   argument.value);
        }
        calls.emplace_back(text(side, call.name), call.action, call.flags, call.error,
                           std::move(arguments));
    }
    return calls;
}

using Bindings = std::vector<
    std::tuple<std::uint32_t, std::uint32_t, std::string_view, std::uint32_t, std::uint32_t>>;

Bindings bindings(const PolicyView& side) {
    Bindings all;
    for (std::uint32_t i = 0; i < side.policy->bindings.count; i++) {
        const auto& binding = side.view->bindings[side.policy->bindings.first + i];
        all.emplace_back(binding.kind, binding.where, text(side, binding.path), binding.number,
                         binding.flags);
    }
    return all;
}

using Rlimits = std::vector<std::pair<std::uint32_t, std::uint64_t>>;

Rlimits rlimits(const PolicyView& side) {
    Rlimits all;
    for (std::uint32_t i = 0; i < side.policy->rlimits.count; i++) {
        const auto& limit = side.view->rlimits[side.policy->rlimits.first + i];
        all.emplace_back(limit.resource, limit.limit);
    }
    return all;
}

}  // namespace

std::expected<void, std::string> compare(const PolicyView& a, const PolicyView& b) {
    const auto differ = [](std::string_view what) {
        return std::unexpected(fmt::format("internal error: {} are others", what));
    };
    if (text(a, a.policy->name) != text(b, b.policy->name)) return differ("names");
    if (a.policy->mode != b.policy->mode) return differ("modes");
    if (a.policy->attach_prefix != b.policy->attach_prefix) return differ("attachments");
    if (syscalls(a) != syscalls(b)) return differ("system calls");
    if (bindings(a) != bindings(b)) return differ("bindings");
    if (rlimits(a) != rlimits(b)) return differ("limits on resources");
    for (std::uint32_t id = 0; id < ISOLATES_CLASS_COUNT; id++)
        if (auto result = ClassComparison(a, b, static_cast<isolates_class>(id)).run(); !result)
            return result;
    return {};
}

}  // namespace isolates::show
