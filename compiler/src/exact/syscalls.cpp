// SPDX-License-Identifier: GPL-2.0-only
#include "exact/syscalls.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

namespace isolates::exact {
namespace {

// So many values of one argument, and so many combinations of values, are tried.
constexpr std::size_t kValuesMax = 4096;
constexpr std::size_t kCombinationsMax = std::size_t{1} << 18;

std::set<std::string_view> names_of(const Side& side) {
    std::set<std::string_view> names;
    for (std::uint32_t i = 0; i < side.policy->syscalls.count; i++) {
        const auto& name = side.view->syscalls[side.policy->syscalls.first + i].name;
        names.emplace(isolates_view_text(side.view, name), name.length);
    }
    return names;
}

std::vector<isolates_argument> conditions_on(const Side& side, std::string_view name,
                                             std::uint32_t index) {
    std::vector<isolates_argument> conditions;
    const isolates_range rules = isolates_find_syscall(side.view, side.policy, name.data(),
                                                       static_cast<std::uint32_t>(name.size()));
    for (std::uint32_t i = 0; i < rules.count; i++) {
        const isolates_range& range = side.view->syscalls[rules.first + i].arguments;
        for (std::uint32_t k = 0; k < range.count; k++) {
            const isolates_argument& condition = side.view->arguments[range.first + k];
            if (condition.index == index) conditions.push_back(condition);
        }
    }
    return conditions;
}

enum Order : std::uint8_t { equal, less, greater };

// A value for each combination of the conditions that any value satisfies. Nothing if
// they are too many.
std::optional<std::vector<std::uint64_t>> values_for(
    const std::vector<isolates_argument>& conditions) {
    using Orders = std::vector<Order>;  // by condition
    std::map<Orders, std::uint64_t> values = {{Orders(conditions.size(), equal), 0}};
    for (int bit = 63; bit >= 0; bit--) {
        std::map<Orders, std::uint64_t> next;
        for (const auto& [orders, value] : values) {
            for (const std::uint64_t digit : {0u, 1u}) {
                Orders after = orders;
                for (std::size_t i = 0; i < conditions.size(); i++) {
                    if (after[i] != equal || !(conditions[i].mask >> bit & 1)) continue;
                    const std::uint64_t other = conditions[i].value >> bit & 1;
                    if (digit != other) after[i] = digit < other ? less : greater;
                }
                next.emplace(std::move(after), value | digit << bit);
            }
        }
        if (next.size() > kValuesMax) return std::nullopt;
        values = std::move(next);
    }
    std::map<std::vector<bool>, std::uint64_t> by_truth;
    for (const auto& [orders, value] : values) {
        std::vector<bool> truth;
        for (const isolates_argument& condition : conditions)
            truth.push_back(isolates_argument_holds(&condition, value));
        by_truth.emplace(std::move(truth), value);
    }
    std::vector<std::uint64_t> result;
    for (const auto& [truth, value] : by_truth) result.push_back(value);
    std::ranges::sort(result);
    return result;
}

bool allows(const Side& side, std::string_view name, const decide::SyscallArguments& arguments) {
    isolates_syscall_verdict verdict{};
    isolates_syscall_arguments values{};
    std::ranges::copy(arguments, values.values);
    isolates_decide_syscall(side.view, side.policy, name.data(),
                            static_cast<std::uint32_t>(name.size()), &values, &verdict);
    return !verdict.denied;
}

// Tries all combinations of values. Nothing of them may be lost, some, or all.
class CallComparison {
  public:
    CallComparison(const Side& before, const Side& after, std::string_view name)
        : before_(before), after_(after), name_(name) {}

    // False if it takes too much.
    bool run() {
        std::size_t combinations = 1;
        for (std::uint32_t i = 0; i < ISOLATES_ARGUMENTS; i++) {
            auto conditions = conditions_on(before_, name_, i);
            const auto more = conditions_on(after_, name_, i);
            conditions.insert(conditions.end(), more.begin(), more.end());
            auto values = values_for(conditions);
            if (!values) return false;
            combinations *= values->size();
            if (combinations > kCombinationsMax) return false;
            values_[i] = std::move(*values);
        }
        decide::SyscallArguments arguments{};
        try_all(0, arguments);
        return true;
    }

    [[nodiscard]] std::optional<SyscallDifference> result() const {
        if (!example_) return std::nullopt;
        return SyscallDifference{std::string(name_), is_whole_, *example_};
    }

  private:
    void try_all(std::size_t index, decide::SyscallArguments& arguments) {
        if (index == values_.size()) {
            if (!allows(before_, name_, arguments) || allows(after_, name_, arguments))
                is_whole_ = false;
            else if (!example_)
                example_ = arguments;
            return;
        }
        for (const std::uint64_t value : values_[index]) {
            arguments[index] = value;
            try_all(index + 1, arguments);
        }
    }

    const Side& before_;
    const Side& after_;
    const std::string_view name_;
    std::array<std::vector<std::uint64_t>, ISOLATES_ARGUMENTS> values_;
    bool is_whole_ = true;
    std::optional<decide::SyscallArguments> example_;
};

}  // namespace

std::expected<std::vector<SyscallDifference>, TooLarge> lost_syscalls(const Side& before,
                                                                      const Side& after) {
    std::vector<SyscallDifference> result;
    if (!isolates_syscalls_are_closed(before.view, before.policy) &&
        isolates_syscalls_are_closed(after.view, after.policy))
        result.push_back({});
    auto names = names_of(before);
    names.merge(names_of(after));
    for (const std::string_view name : names) {
        CallComparison comparison(before, after, name);
        if (!comparison.run()) return std::unexpected(TooLarge{});
        if (auto found = comparison.result()) result.push_back(std::move(*found));
    }
    return result;
}

std::string describe(const SyscallDifference& difference) {
    if (difference.name.empty()) return "all that no rule names";
    if (difference.is_whole) return difference.name;
    return fmt::format("some of {}, e.g. {}({})", difference.name, difference.name,
                       fmt::join(difference.example, ", "));
}

}  // namespace isolates::exact
