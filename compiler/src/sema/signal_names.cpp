// SPDX-License-Identifier: GPL-2.0-only
#include "sema/signal_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>
#include <vector>

namespace isolates::sema {
namespace {

struct Name {
    std::string_view name;
    std::uint8_t number;
};

// Of two names of a signal the usual one first.
constexpr auto names = std::to_array<Name>({
    {"exists", 0}, {"hup", 1},   {"int", 2},   {"quit", 3},    {"ill", 4},     {"trap", 5},
    {"abrt", 6},   {"bus", 7},   {"fpe", 8},   {"kill", 9},    {"usr1", 10},   {"segv", 11},
    {"usr2", 12},  {"pipe", 13}, {"alrm", 14}, {"term", 15},   {"stkflt", 16}, {"chld", 17},
    {"cont", 18},  {"stop", 19}, {"tstp", 20}, {"stp", 20},    {"ttin", 21},   {"ttou", 22},
    {"urg", 23},   {"xcpu", 24}, {"xfsz", 25}, {"vtalrm", 26}, {"prof", 27},   {"winch", 28},
    {"io", 29},    {"poll", 29}, {"pwr", 30},  {"sys", 31},
});

constexpr std::string_view real_time = "rtmin+";
constexpr std::uint8_t real_time_first = 32;  // the kernel's, not libc's
constexpr std::uint8_t real_time_last = 64;

}  // namespace

std::optional<std::uint8_t> signal_number(std::string_view name) {
    if (name.starts_with(real_time)) {
        name.remove_prefix(real_time.size());
        unsigned offset = 0;
        const auto [end, error] = std::from_chars(name.begin(), name.end(), offset);
        if (error != std::errc() || end != name.end() || offset > real_time_last - real_time_first)
            return std::nullopt;
        return static_cast<std::uint8_t>(real_time_first + offset);
    }
    const auto found = std::ranges::find(names, name, &Name::name);
    if (found == names.end()) return std::nullopt;
    return found->number;
}

std::string signal_name(std::uint8_t number) {
    if (number >= real_time_first) return fmt::format("{}{}", real_time, number - real_time_first);
    const auto found = std::ranges::find(names, number, &Name::number);
    return std::string(found->name);
}

std::span<const std::string_view> signal_names() {
    static const auto all = [] {
        std::vector<std::string_view> list;
        for (const auto& entry : names) list.push_back(entry.name);
        return list;
    }();
    return all;
}

}  // namespace isolates::sema
