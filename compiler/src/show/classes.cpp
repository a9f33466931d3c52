// SPDX-License-Identifier: GPL-2.0-only
// Rules about numbers (signals, capabilities, kinds of namespaces) and about peers as
// text. The facts are a byte for the number, if the class has one, and a name, if it
// has that.
#include <fmt/format.h>

#include <array>
#include <bitset>
#include <map>
#include <tuple>
#include <utility>

#include "exact/describe.hpp"
#include "sema/capability_names.hpp"
#include "sema/namespace_kinds.hpp"
#include "sema/signal_names.hpp"
#include "show/domains.hpp"
#include "show/rules.hpp"
#include "show/search.hpp"

namespace isolates::show {
namespace {

using Numbers = std::bitset<256>;

std::string signal_name(unsigned number) {
    return sema::signal_name(static_cast<std::uint8_t>(number));
}

std::string capability_name(unsigned number) {
    const auto names = sema::capability_names();
    return number < names.size() ? std::string(names[number]) : std::string();
}

std::string namespace_name(unsigned number) {
    return std::string(sema::namespace_kind_names[number]);
}

// How the rules of one class are written.
struct Form {
    isolates_class class_id;
    std::string_view keyword;
    unsigned numbers;  // how many there can be; 0: the facts have none
    std::string (*name)(unsigned number);
    std::string_view set;   // what stands before the numbers
    std::string_view peer;  // and before the peer; empty: the facts have none
};

constexpr auto forms = std::to_array<Form>({
    {ISOLATES_CLASS_SIGNAL, "signal", 65, signal_name, "set=", "peer="},
    {ISOLATES_CLASS_CAPABILITY, "capability", 256, capability_name, "", ""},
    {ISOLATES_CLASS_PTRACE, "ptrace", 0, nullptr, "", "peer="},
    {ISOLATES_CLASS_NAMESPACE, "namespace", ISOLATES_NAMESPACE_COUNT, namespace_name, "", ""},
    {ISOLATES_CLASS_IO_URING, "io_uring", 0, nullptr, "", "label="},
});

std::string list(const std::vector<std::string>& names) {
    return names.size() == 1 ? names.front() : fmt::format("({})", fmt::join(names, ", "));
}

class ClassFinder {
  public:
    ClassFinder(const isolates_view& view, const isolates_policy& policy, const Form& form,
                Budget& budget)
        : view_(view), policy_(policy), form_(form), budget_(budget) {}

    Lines run(bool is_open_by_flag) {
        const auto& rules = policy_.classes[form_.class_id];
        const auto domain = domain_of(form_.class_id, 0, Nul::like_others);
        const AtomOptions atoms{.operations = isolates_class_operations(form_.class_id),
                                .open = rules.open};
        for (std::uint32_t i = 0; i < rules.automata.count; i++) {
            const Dfa dfa = restrict_to(expand(view_, view_.automata[rules.automata.first + i]),
                                        *domain, policy_.perms.count);
            const std::span perms(view_.perms + policy_.perms.first, policy_.perms.count);
            for (const Group& group :
                 groups_of(view_, perms, labels_of(dfa, {perms.size()}), atoms)) {
                if (!group.is_needed) continue;
                Language language(relabel(dfa, group.values));
                if (!find(language, group))
                    return std::unexpected("it takes too much to find globs for its automata");
            }
        }
        if (rules.open && !is_open_by_flag)
            found_[{{}, Numbers().set(), {{kAnyByte, true}}}] |= rules.open;
        return lines();
    }

  private:
    bool find(Language& language, const Group& group) {
        if (!form_.numbers) {
            const auto globs = find_globs(language, 0, budget_);
            if (!globs) return false;
            for (const Glob& glob : *globs)
                found_[{group.kind, Numbers().set(), glob}] |= group.operations[0];
            return true;
        }
        const StateId start = language.start();
        std::map<StateId, Numbers> behind;  // the numbers that lead there
        for (unsigned number = 0; number < form_.numbers; number++)
            behind[language.dfa().next(start, static_cast<std::uint8_t>(number))].set(number);
        for (const auto& [state, numbers] : behind) {
            if (!language.leads_to_must(state)) continue;
            language.set_start(state);
            const auto globs = globs_behind(language);
            if (!globs) return false;
            for (const Glob& glob : *globs) {
                const Numbers all = numbers_of(language, behind, glob);
                if (all.none()) return false;
                found_[{group.kind, all, glob}] |= group.operations[0];
            }
        }
        return !budget_.is_spent();
    }

    // What follows the number.
    std::optional<std::vector<Glob>> globs_behind(Language& language) {
        if (form_.peer.empty()) return std::vector<Glob>{{}};
        return find_globs(language, 0, budget_);
    }

    // The numbers for which a peer is to be matched; all, if it may be for all.
    Numbers numbers_of(const Language& language, const std::map<StateId, Numbers>& behind,
                       const Glob& glob) {
        Numbers all, needed;
        for (const auto& [state, numbers] : behind) {
            const Match found = match(language, {state}, glob, budget_);
            if (found.may) all |= numbers;
            if (found.may && found.must) needed |= numbers;
        }
        return all.count() == form_.numbers ? Numbers().set() : needed;
    }

    Lines lines() {
        std::vector<Line> lines;
        for (const auto& [key, operations] : found_) {
            const auto& [kind, numbers, glob] = key;
            std::string text = qualifiers(kind) + std::string(form_.keyword);
            // A capability can but be used.
            if (operations != isolates_class_operations(form_.class_id))
                text += fmt::format(
                    " ({})", fmt::join(exact::operation_names(form_.class_id, operations), ", "));
            if (!numbers.all()) {
                const auto names = names_of(numbers);
                if (!names) return std::unexpected("a number has no name");
                text += fmt::format(" {}{}", form_.set, list(*names));
            }
            if (!form_.peer.empty() && glob != Glob{{kAnyByte, true}})
                text += fmt::format(" {}{}", form_.peer, quoted(text_of(glob, false)));
            lines.push_back({kind, text + error_condition(kind)});
        }
        return in_order(std::move(lines));
    }

    [[nodiscard]] std::optional<std::vector<std::string>> names_of(const Numbers& numbers) const {
        std::vector<std::string> names;
        for (unsigned number = 0; number < form_.numbers; number++) {
            if (!numbers[number]) continue;
            names.push_back(form_.name(number));
            if (names.back().empty()) return std::nullopt;
        }
        return names;
    }

    struct Key {
        RuleKind kind;
        Numbers numbers;
        Glob glob;

        bool operator<(const Key& other) const {
            return std::tuple(kind, numbers.to_string(), glob) <
                   std::tuple(other.kind, other.numbers.to_string(), other.glob);
        }
    };

    const isolates_view& view_;
    const isolates_policy& policy_;
    const Form& form_;
    Budget& budget_;
    std::map<Key, std::uint32_t> found_;  // and the operations
};

}  // namespace

Lines show_class(const isolates_view& view, const isolates_policy& policy, isolates_class class_id,
                 bool is_open_by_flag, Budget& budget) {
    for (const Form& form : forms)
        if (form.class_id == class_id)
            return ClassFinder(view, policy, form, budget).run(is_open_by_flag);
    const auto& rules = policy.classes[class_id];
    if (!rules.automata.count && (!rules.open || is_open_by_flag))
        return std::vector<std::string>{};
    return std::unexpected("rules of this class cannot be shown yet");
}

}  // namespace isolates::show
