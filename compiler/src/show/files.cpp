// SPDX-License-Identifier: GPL-2.0-only
// File rules as text.
#include <fmt/format.h>

#include <map>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>

#include "sema/file_operations.hpp"
#include "show/exec.hpp"
#include "show/rules.hpp"

namespace isolates::show {
namespace {

// What a line says of one path, of the files of some or all owners.
struct Permissions {
    std::uint32_t operations = 0;
    std::uint32_t exec = 0;  // where it leads
};

// The letters that say them; nothing if there are none.
std::optional<std::string> letters_of(std::uint32_t operations, std::string_view exec_mode) {
    std::string letters;
    std::uint32_t said = 0;
    for (const char letter : std::string_view("rwaxmkl")) {
        const std::uint32_t bits = sema::file_letter(letter);
        // 'w' includes 'a', and they exclude each other.
        if ((bits & operations) != bits || (bits & said) == bits) continue;
        said |= bits;
        letters += letter == 'x' ? exec_mode : std::string_view(&letter, 1);
    }
    if (said != operations) return std::nullopt;
    return letters;
}

// The rule's operations, with those added that make its text shorter: what is denied
// anyway may stand in an allow rule.
automata::MaskPair rounded(const Rule& rule) {
    automata::MaskPair rounded = rule.operations;
    for (std::size_t whose = 0; whose < rounded.size(); whose++) {
        const auto add = [&](std::uint32_t part, std::uint32_t whole) {
            if ((rounded[whose] & part) && !(whole & ~rule.more[whose])) rounded[whose] |= whole;
        };
        add(sema::file_letter('w'), sema::file_letter('w'));
        add(ISOLATES_FILE_CHROOT, sema::bare_file_operations);
    }
    const std::uint32_t all = rounded[ISOLATES_OTHER] | rounded[ISOLATES_OWNER];
    if (!(all & ~rule.more[ISOLATES_OTHER]) && !(all & ~rule.more[ISOLATES_OWNER]))
        rounded = {all, all};
    return rounded;
}

class FileWriter {
  public:
    FileWriter(const isolates_view& view, const isolates_policy& policy)
        : view_(view), policy_(policy) {}

    // @kind: of all that it says, where an exec leads may be told for other rules too.
    void add(RuleKind kind, std::string_view whose, const std::string& path,
             std::uint32_t operations) {
        if (!operations) return;
        const std::uint32_t exec = std::exchange(kind.exec, 0);
        auto& all = found_[{kind, whose, path}];
        // One path leads to one policy, so the rest may stand beside it.
        if (all.exec && exec && all.exec != exec) return put(kind, whose, path, {operations, exec});
        all.operations |= operations;
        if (exec) all.exec = exec;
    }

    std::vector<Line> run() {
        for (const auto& [key, permissions] : found_) {
            const auto& [kind, whose, path] = key;
            put(kind, whose, path, permissions);
        }
        return std::move(lines_);
    }

  private:
    void put(const RuleKind& kind, std::string_view whose, const std::string& path,
             const Permissions& said) {
        const ExecText exec = exec_text(view_, policy_, said.exec);
        const auto letters =
            letters_of(said.operations, kind.denies ? std::string_view("x") : exec.mode);
        // "->" behind a link means its file, and no operation that is named has a mode.
        const bool is_link = said.operations & ISOLATES_FILE_LINK;
        const std::uint32_t rest = said.operations & ~std::uint32_t{ISOLATES_FILE_EXEC};
        if (said.exec && rest && (!letters || (is_link && !exec.target.empty()))) {
            put(kind, whose, path, {ISOLATES_FILE_EXEC, said.exec});
            return put(kind, whose, path, {rest, 0});
        }
        std::string about;
        if (path == "/{,**}" && said.operations == sema::bare_file_operations && !said.exec)
            about = "file";
        else if (letters)
            about = fmt::format("{} {}", quoted(path), *letters);
        else
            about = fmt::format("{} ({})", quoted(path),
                                sema::describe_file_operations(said.operations));
        if (!exec.target.empty()) about += " -> " + escaped_name(exec.target);
        lines_.push_back(
            {kind, fmt::format("{}{}{}{}", qualifiers(kind), whose, about, error_condition(kind))});
    }

    const isolates_view& view_;
    const isolates_policy& policy_;
    std::map<std::tuple<RuleKind, std::string_view, std::string>, Permissions> found_;
    std::vector<Line> lines_;
};

}  // namespace

FoundLines show_files(const isolates_view& view, const isolates_policy& policy,
                      bool is_open_by_flag, std::vector<Rule>& found, Budget& budget) {
    const std::uint32_t open = policy.classes[ISOLATES_CLASS_FILE].open;
    const AtomOptions atoms{ISOLATES_FILE_OPS, true, open, policy.transitions.count != 0};
    auto rules = find_rules(view, policy, {ISOLATES_CLASS_FILE, atoms, 1}, budget);
    if (!rules) return std::unexpected(rules.error());
    found = std::move(*rules);
    FileWriter writer(view, policy);
    writer.add({}, "", "/{,**}", is_open_by_flag ? 0 : open & sema::bare_file_operations);
    for (const Rule& rule : found) {
        const std::string path = text_of(rule.glob, true);
        const auto [other, owner] = rounded(rule);
        writer.add(rule.kind, "", path, owner & other);
        writer.add(rule.kind, "owner ", path, owner & ~other);
        writer.add(rule.kind, "other ", path, other & ~owner);
    }
    return writer.run();
}

}  // namespace isolates::show
