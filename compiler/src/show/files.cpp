// SPDX-License-Identifier: GPL-2.0-only
// File rules as text.
#include <fmt/format.h>

#include <string_view>

#include "sema/file_operations.hpp"
#include "show/rules.hpp"

namespace isolates::show {
namespace {

// "rw" or "(chmod, chown)".
std::string permissions(std::uint32_t operations, bool denies) {
    std::string letters;
    std::uint32_t said = 0;
    for (const char letter : std::string_view("rwaxmkl")) {
        const std::uint32_t bits = sema::file_letter(letter);
        // 'w' includes 'a', and they exclude each other.
        if ((bits & operations) != bits || (bits & said) == bits) continue;
        said |= bits;
        letters += letter == 'x' && !denies ? std::string("ix") : std::string(1, letter);
    }
    if (said == operations) return letters;
    return fmt::format("({})", sema::describe_file_operations(operations));
}

// The rule's operations, with those added that make its text shorter: what is denied
// anyway may stand in an allow rule.
automata::MaskPair rounded(const Rule& rule) {
    automata::MaskPair rounded = rule.operations;
    constexpr std::uint32_t all_files = ISOLATES_FILE_OPS;  // what "file," is about
    for (std::size_t whose = 0; whose < rounded.size(); whose++) {
        const auto add = [&](std::uint32_t part, std::uint32_t whole) {
            if ((rounded[whose] & part) && !(whole & ~rule.more[whose])) rounded[whose] |= whole;
        };
        add(sema::file_letter('w'), sema::file_letter('w'));
        add(ISOLATES_FILE_CHROOT, all_files);
    }
    const std::uint32_t all = rounded[ISOLATES_OTHER] | rounded[ISOLATES_OWNER];
    if (!(all & ~rule.more[ISOLATES_OTHER]) && !(all & ~rule.more[ISOLATES_OWNER]))
        rounded = {all, all};
    return rounded;
}

void add_lines(const RuleKind& kind, std::string_view whose, const std::string& path,
               std::uint32_t operations, std::vector<Line>& lines) {
    if (!operations) return;
    const auto about =
        path == "/{,**}" && operations == ISOLATES_FILE_OPS
            ? std::string("file")
            : fmt::format("{} {}", quoted(path), permissions(operations, kind.denies));
    lines.push_back(
        {kind, fmt::format("{}{}{}{}", qualifiers(kind), whose, about, error_condition(kind))});
}

}  // namespace

Lines show_files(const isolates_view& view, const isolates_policy& policy, bool is_open_by_flag,
                 Budget& budget) {
    const std::uint32_t open = policy.classes[ISOLATES_CLASS_FILE].open;
    const auto rules =
        find_rules(view, policy, {ISOLATES_CLASS_FILE, {ISOLATES_FILE_OPS, true, open}, 1}, budget);
    if (!rules) return std::unexpected(rules.error());
    std::vector<Line> lines;
    add_lines({}, "", "/{,**}", is_open_by_flag ? 0 : open, lines);
    for (const Rule& rule : *rules) {
        const std::string path = text_of(rule.glob, true);
        const auto [other, owner] = rounded(rule);
        add_lines(rule.kind, "", path, owner & other, lines);
        add_lines(rule.kind, "owner ", path, owner & ~other, lines);
        add_lines(rule.kind, "other ", path, other & ~owner, lines);
    }
    return in_order(std::move(lines));
}

}  // namespace isolates::show
