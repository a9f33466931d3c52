// SPDX-License-Identifier: GPL-2.0-only
// Rules on system calls as text. A blob has them one by one, in the order of the calls'
// names and, of one call, in theirs. That is what matters: of several deny rules on one
// call the first that gives an errno counts. So first come the first rules of all calls,
// those that say the same in one, and then the second ones.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>
#include <tuple>

#include "sema/syscall_arguments.hpp"
#include "sema/syscall_groups.hpp"
#include "show/rules.hpp"

namespace isolates::show {
namespace {

constexpr std::array<std::string_view, ISOLATES_COMPARISONS> signs = {"==", "!=", "<",
                                                                      "<=", ">",  ">="};

std::string number(std::uint64_t value) {
    return value < 10 ? fmt::format("{}", value) : fmt::format("{:#x}", value);
}

class Writer {
  public:
    Writer(const isolates_view& view, const isolates_policy& policy)
        : view_(view), calls_(view.syscalls + policy.syscalls.first, policy.syscalls.count) {}

    std::vector<std::string> run() {
        // By the place among the rules on the same call.
        std::vector<std::vector<const isolates_syscall*>> layers;
        std::size_t place = 0;
        for (const isolates_syscall& call : calls_) {
            place = &call != calls_.data() && name(call) == name(*(&call - 1)) ? place + 1 : 0;
            if (layers.size() == place) layers.emplace_back();
            layers[place].push_back(&call);
        }
        for (const auto& layer : layers) write(layer);
        return std::move(lines_);
    }

  private:
    [[nodiscard]] std::string_view name(const isolates_syscall& call) const {
        return {isolates_view_text(&view_, call.name), call.name.length};
    }

    // What the names of one rule have in common.
    struct Saying {
        std::uint32_t action;
        std::uint32_t flags;
        std::uint32_t error;

        auto operator<=>(const Saying&) const = default;
    };

    void write(const std::vector<const isolates_syscall*>& layer) {
        std::map<Saying, std::vector<const isolates_syscall*>> alike;
        for (const isolates_syscall* call : layer) {
            if (call->arguments.count)
                write(*call, {fmt::format("{}({})", name(*call), conditions(*call))});
            else
                alike[{call->action, call->flags & ~std::uint32_t{ISOLATES_SYSCALL_GROUPED},
                       call->error}]
                    .push_back(call);
        }
        for (const auto& [saying, calls] : alike) write(*calls.front(), names(calls));
    }

    void write(const isolates_syscall& call, const std::vector<std::string>& names) {
        const std::string_view action = call.action == ISOLATES_SYSCALL_DENY    ? "deny "
                                        : call.action == ISOLATES_SYSCALL_ALLOW ? "allow "
                                                                                : "";
        const auto list = fmt::format("{}", fmt::join(names, ", "));
        lines_.push_back(fmt::format(
            "{}{}{}syscall {}{}", call.flags & ISOLATES_SYSCALL_REPORT ? "audit " : "",
            call.flags & ISOLATES_SYSCALL_QUIET ? "quiet " : "", action,
            names.size() == 1 ? list : '(' + list + ')', error_condition({.error = call.error})));
    }

    // The names of calls of which all is said alike, groups for those that were.
    [[nodiscard]] std::vector<std::string> names(
        const std::vector<const isolates_syscall*>& calls) const {
        std::set<std::string_view> all, grouped;
        std::vector<std::string> names, single;
        for (const isolates_syscall* call : calls) {
            all.insert(name(*call));
            if (call->flags & ISOLATES_SYSCALL_GROUPED)
                grouped.insert(name(*call));
            else
                single.emplace_back(name(*call));
        }
        while (!grouped.empty()) {
            // The group that says most of what is left, and nothing else.
            std::string_view best;
            std::size_t most = 0;
            for (const auto group : sema::syscall_group_names()) {
                std::size_t count = 0;
                bool is_part = true;
                for (const auto member : sema::syscall_group(group)) {
                    is_part = is_part && all.contains(member);
                    count += grouped.contains(member);
                }
                if (!is_part || count <= most) continue;
                best = group;
                most = count;
            }
            if (!most) break;
            names.emplace_back(best);
            for (const auto member : sema::syscall_group(best)) grouped.erase(member);
        }
        // Without a group that says so the comparison will tell.
        single.insert(single.end(), grouped.begin(), grouped.end());
        std::ranges::sort(names);
        std::ranges::sort(single);
        names.insert(names.end(), single.begin(), single.end());
        return names;
    }

    [[nodiscard]] std::string conditions(const isolates_syscall& call) const {
        std::string text;
        for (std::uint32_t i = 0; i < call.arguments.count; i++) {
            const isolates_argument& argument = view_.arguments[call.arguments.first + i];
            const auto width = sema::syscall_argument_mask(name(call), argument.index);
            const auto mask =
                argument.mask == width ? std::string() : fmt::format(" & {:#x}", argument.mask);
            text += fmt::format("{}{}{} {} {}", i ? ", " : "", argument.index, mask,
                                signs[argument.comparison], number(argument.value));
        }
        return text;
    }

    const isolates_view& view_;
    std::span<const isolates_syscall> calls_;
    std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> show_syscalls(const isolates_view& view, const isolates_policy& policy) {
    return Writer(view, policy).run();
}

}  // namespace isolates::show
