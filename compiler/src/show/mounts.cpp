// SPDX-License-Identifier: GPL-2.0-only
// Mount rules as text. A policy that has no conditions on mounts leaves each operation open,
// or not. Else rules are found for one operation at a time; those that say the same of all
// operations that one keyword is about are one rule again.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

#include "sema/mount_options.hpp"
#include "show/fields.hpp"
#include "show/rules.hpp"
#include "show/search.hpp"

namespace isolates::show {
namespace {

// What "mount," is about.
constexpr std::uint32_t kMountOperations =
    ISOLATES_MOUNT_OPS & ~(ISOLATES_MOUNT_UMOUNT | ISOLATES_MOUNT_PIVOT_ROOT);
// Those of them that have a source.
constexpr std::uint32_t kWithSource =
    ISOLATES_MOUNT_MOUNT | ISOLATES_MOUNT_BIND | ISOLATES_MOUNT_MOVE;

constexpr std::array<std::pair<std::string_view, std::uint32_t>, 4> keywords = {{
    {"mount", kMountOperations},
    {"remount", ISOLATES_MOUNT_REMOUNT},
    {"umount", ISOLATES_MOUNT_UMOUNT},
    {"pivot_root", ISOLATES_MOUNT_PIVOT_ROOT},
}};

// The flags and the operation, the type, the source, and the target.
const FieldForm form = {
    4, {Wildcards::anywhere, Wildcards::anywhere, Wildcards::whole_or_behind_first}};

// Flags of mount(2): those that must be set, and those that may be; no other one.
struct Flags {
    std::uint32_t set = 0;
    std::uint32_t free = 0;

    auto operator<=>(const Flags&) const = default;
};

std::array<ByteSet, 4> bytes_of(const Flags& flags, std::uint32_t operation) {
    const std::uint32_t fixed = flags.set | static_cast<std::uint32_t>(std::countr_zero(operation))
                                                << 28;
    std::array<ByteSet, 4> bytes;
    for (std::size_t i = 0; i < bytes.size(); i++) {
        const auto shift = static_cast<unsigned>(24 - 8 * i);
        for (unsigned byte = 0; byte < 256; byte++)
            if ((byte & ~(flags.free >> shift)) == (fixed >> shift & 0xff))
                bytes[i].add(static_cast<std::uint8_t>(byte));
    }
    return bytes;
}

// The names of options that together set @flags, and nothing beside @flags and @besides.
std::optional<std::vector<std::string_view>> option_names(std::uint32_t flags,
                                                          std::uint32_t besides) {
    std::vector<std::string_view> names;
    std::uint32_t said = 0;
    // "rbind" says more than "bind".
    for (const bool is_wide : {true, false})
        for (const std::string_view name : sema::mount_option_names()) {
            const std::uint32_t set = sema::mount_option(name)->set;
            const bool is_single = std::has_single_bit(set);
            if (!set || is_single == is_wide || (set & ~(flags | besides)) ||
                !(set & flags & ~said))
                continue;
            said |= set;
            names.push_back(name);
        }
    if (flags & ~said) return std::nullopt;
    return names;
}

struct Conditions {
    Flags flags;
    bool has_all_flags = false;
    Glob fstype;
    Glob source;
    Glob target;

    auto operator<=>(const Conditions&) const = default;
};

class MountFinder {
  public:
    MountFinder(const isolates_view& view, const isolates_policy& policy, Budget& budget)
        : view_(view), policy_(policy), budget_(budget) {}

    Lines run() {
        for (std::uint32_t i = 0; i < policy_.classes[ISOLATES_CLASS_MOUNT].automata.count; i++)
            for (std::uint32_t rest = ISOLATES_MOUNT_OPS; rest; rest &= rest - 1)
                if (!find(i, rest & -rest)) return no_words();
        for (const auto& [kind, bare] : bare_)
            if (!add_bare(kind, bare)) return no_words();
        for (const auto& [key, operations] : found_)
            if (!add(key.first, key.second, operations)) return no_words();
        return in_order(std::move(lines_));
    }

  private:
    // Operations that a rule without conditions must be about, and may be about.
    struct Bare {
        std::uint32_t must = 0;
        std::uint32_t may = 0;
    };

    static std::unexpected<std::string> no_words() {
        return std::unexpected(std::string("the language has no words for some of them"));
    }

    bool find(std::uint32_t index, std::uint32_t operation) {
        const OperationView all =
            view_operation(view_, policy_, ISOLATES_CLASS_MOUNT, index, operation, false);
        const std::uint32_t mask = isolates_facts_mount_mask(operation);
        for (const Group& group : all.groups) {
            Dfa dfa = relabel(all.dfa, group.values);
            const LabelId unknown = dfa.states[dfa.start].label;
            // What has no condition speaks also of mounts that nothing is known of, as does
            // all that denies.
            dfa.states[dfa.start].label = std::min(unknown, kMay);
            const Language language(std::move(dfa));
            RuleKind kind = group.kind;
            if (!kind.denies && unknown != kMustNot && may_be_any(language, operation)) {
                Bare& bare = bare_[kind];
                bare.may |= operation;
                if (unknown == kMust) bare.must |= operation;
                if (unknown == kMust) continue;
            }
            if (!kind.denies && unknown == kMust) return false;
            if (!language.leads_to_must(language.start())) {
                if (unknown == kMust) return false;
                continue;
            }
            if (kind.denies && unknown == kMustNot) {
                // What is denied may be audited by a rule that would allow it.
                if (!kind.audit || kind.error) return false;
                kind = {.audit = true};
            }
            const Maker make = [&](const Path& path, const std::vector<std::uint8_t>& text) {
                const auto glob = find_glob(language, operation, mask, path, text);
                return glob ? std::vector<Glob>{*glob} : std::vector<Glob>{};
            };
            const auto globs = cover(language, ByteSet::all(), make, {}, budget_);
            if (!globs) return false;
            for (const Glob& glob : *globs) found_[{kind, conditions_of(glob, mask)}] |= operation;
        }
        return true;
    }

    bool may_be_any(const Language& language, std::uint32_t operation) {
        Glob glob;
        for (const ByteSet& bytes : bytes_of({0, isolates_facts_mount_mask(operation)}, operation))
            glob.push_back({bytes, false});
        for (std::size_t i = 0; i < form.texts.size(); i++) {
            if (i) glob.push_back({only(0), false});
            glob.push_back({kAnyByte, true});
        }
        return match(language, {language.start()}, glob, budget_).may;
    }

    std::optional<Glob> find_glob(const Language& language, std::uint32_t operation,
                                  std::uint32_t mask, const Path& path,
                                  const std::vector<std::uint8_t>& text) {
        if (text.size() < form.numbers) return std::nullopt;
        const auto find_with = [&](const Flags& flags) {
            return find_fields(language, form, path, text, bytes_of(flags, operation), budget_);
        };
        if (auto glob = find_with({0, mask})) return glob;
        std::uint32_t given = 0;
        for (std::size_t i = 0; i < form.numbers; i++) given = given << 8 | text[i];
        Flags flags{given & mask, 0};
        auto best = find_with(flags);
        for (std::uint32_t rest = mask & ~command_of(operation, flags.set); best && rest;
             rest &= rest - 1) {
            const std::uint32_t bit = rest & -rest;
            const Flags wider{flags.set & ~bit, flags.free | bit};
            if (auto glob = find_with(wider)) {
                best = std::move(glob);
                flags = wider;
            }
        }
        return best;
    }

    // Flags that say what is done, and so are named by every rule that names any.
    static std::uint32_t command_of(std::uint32_t operation, std::uint32_t set) {
        return operation == ISOLATES_MOUNT_PROPAGATE ? set & ISOLATES_MS_TYPES
                                                     : sema::mount_command(operation);
    }

    static Conditions conditions_of(const Glob& glob, std::uint32_t mask) {
        std::uint32_t all = ~std::uint32_t{0}, any = 0;
        for (std::size_t i = 0; i < form.numbers; i++) {
            const auto shift = static_cast<unsigned>(24 - 8 * i);
            std::uint32_t in_all = 0xff, in_any = 0;
            glob[i].bytes.for_each([&](std::uint8_t byte) {
                in_all &= byte;
                in_any |= byte;
            });
            all &= in_all << shift | ~(std::uint32_t{0xff} << shift);
            any |= in_any << shift;
        }
        const auto texts = texts_of(glob, form);
        Conditions made{{all & mask, any & ~all & mask}, false, texts[0], texts[1], texts[2]};
        made.has_all_flags = made.flags.free == mask;
        if (made.has_all_flags) made.flags = {};
        return made;
    }

    void put(const RuleKind& kind, std::string_view keyword, std::string_view conditions) {
        lines_.push_back({kind, fmt::format("{}{}{}{}", qualifiers(kind), keyword, conditions,
                                            error_condition(kind))});
    }

    // Rules without conditions that allow.
    bool add_bare(const RuleKind& kind, const Bare& bare) {
        std::uint32_t left = bare.must;
        const std::uint32_t mounts = left & kMountOperations;
        if (mounts == kMountOperations || (mounts & ~std::uint32_t{ISOLATES_MOUNT_REMOUNT})) {
            if (kMountOperations & ~bare.may) return false;
            put(kind, "mount", "");
            left &= ~kMountOperations;
        }
        for (const auto& [keyword, operations] : keywords)
            if ((left & operations) == operations) {
                put(kind, keyword, "");
                left &= ~operations;
            }
        return true;
    }

    static std::string condition(std::string_view before, const Glob& glob) {
        return is_anything(glob) ? std::string()
                                 : fmt::format(" {}{}", before, quoted(text_of(glob, false)));
    }

    // A rule for each keyword that has these conditions.
    bool add(const RuleKind& kind, const Conditions& given, std::uint32_t operations) {
        // A rule that allows says so that it has a condition; else it would speak of more.
        Conditions conditions = given;
        const bool is_bare = conditions.has_all_flags && is_anything(conditions.fstype) &&
                             is_anything(conditions.source);
        if (!kind.denies && is_bare && is_anything(conditions.target))
            conditions.target = {{only('/'), false}, {kAnyByte, true}};
        const std::string source = condition("", conditions.source);
        const std::string target = condition("-> ", conditions.target);
        const std::string path = condition("", conditions.target);
        if (operations & ISOLATES_MOUNT_UMOUNT) put(kind, "umount", path);
        if (operations & ISOLATES_MOUNT_PIVOT_ROOT)
            put(kind, "pivot_root", condition("oldroot=", conditions.source) + path);
        operations &= kMountOperations;
        if (conditions.has_all_flags && is_anything(conditions.fstype)) {
            const std::uint32_t all = source.empty() ? kMountOperations : kWithSource;
            if ((operations & all) == all) {
                put(kind, "mount", source + target);
                operations &= ~all;
            }
        }
        for (; operations; operations &= operations - 1)
            if (!add_one(kind, conditions, operations & -operations, source + target, path))
                return false;
        return true;
    }

    bool add_one(const RuleKind& kind, const Conditions& conditions, std::uint32_t operation,
                 const std::string& paths, const std::string& path) {
        const bool has_all = conditions.has_all_flags;
        switch (operation) {
            case ISOLATES_MOUNT_REMOUNT:
                if (has_all) return put(kind, "remount", path), true;
                return add_options(kind, "remount", conditions.flags, path);
            case ISOLATES_MOUNT_MOUNT: {
                const std::string rest = condition("fstype=", conditions.fstype) + paths;
                if (!has_all) return add_options(kind, "mount", conditions.flags, rest);
                // A type is what new file systems alone have.
                const bool has_type = !is_anything(conditions.fstype);
                return put(kind, "mount", has_type ? rest : " fstype=**" + rest), true;
            }
            case ISOLATES_MOUNT_PROPAGATE:
                if (!has_all) return add_options(kind, "mount", conditions.flags, paths);
                // There is one of them at least.
                for (std::uint32_t rest = ISOLATES_MS_TYPES; rest; rest &= rest - 1) {
                    const std::uint32_t type = rest & -rest;
                    const Flags flags{type, (ISOLATES_MS_TYPES | ISOLATES_MS_REC) & ~type};
                    if (!add_options(kind, "mount", flags, paths)) return false;
                }
                return true;
            case ISOLATES_MOUNT_BIND:
                return add_options(
                    kind, "mount",
                    has_all ? Flags{ISOLATES_MS_BIND, ISOLATES_MS_REC} : conditions.flags, paths);
            default:
                return add_options(kind, "mount", {ISOLATES_MS_MOVE, 0}, paths);
        }
    }

    // " options=(rw, nosuid) options in (nodev)"
    bool add_options(const RuleKind& kind, std::string_view keyword, const Flags& flags,
                     std::string_view rest) {
        const bool is_remount = keyword == "remount";
        const std::uint32_t set =
            is_remount ? flags.set & ~std::uint32_t{ISOLATES_MS_REMOUNT} : flags.set;
        const auto exactly = option_names(set, 0);
        const auto besides = option_names(flags.free, flags.set);
        if (!exactly || !besides) return false;
        std::string text;
        if (!exactly->empty() || besides->empty())
            text +=
                fmt::format(" options=({})",
                            exactly->empty() ? "rw" : fmt::format("{}", fmt::join(*exactly, ", ")));
        if (!besides->empty()) text += fmt::format(" options in ({})", fmt::join(*besides, ", "));
        put(kind, keyword, text.append(rest));
        return true;
    }

    const isolates_view& view_;
    const isolates_policy& policy_;
    Budget& budget_;
    std::map<RuleKind, Bare> bare_;
    std::map<std::pair<RuleKind, Conditions>, std::uint32_t> found_;  // and the operations
    std::vector<Line> lines_;
};

Lines show_open(std::uint32_t open, bool is_open_by_flag) {
    std::vector<std::string> lines;
    std::uint32_t left = is_open_by_flag ? ISOLATES_MOUNT_OPS & ~open : open;
    for (const auto& [keyword, operations] : keywords) {
        if ((left & operations) != operations) continue;
        left &= ~operations;
        lines.push_back((is_open_by_flag ? "deny " : "") + std::string(keyword));
    }
    if (!left) return lines;
    // What no keyword is about is denied of all that one is about.
    if (is_open_by_flag ||
        (left & kMountOperations) != (kMountOperations & ~std::uint32_t{ISOLATES_MOUNT_REMOUNT}))
        return std::unexpected("the language has no words for some of its mounts");
    lines.insert(lines.begin(), {"mount", "deny remount"});
    return lines;
}

}  // namespace

Lines show_mounts(const isolates_view& view, const isolates_policy& policy, bool is_open_by_flag,
                  Budget& budget) {
    const auto& rules = policy.classes[ISOLATES_CLASS_MOUNT];
    if (!rules.automata.count) return show_open(rules.open, is_open_by_flag);
    auto lines = MountFinder(view, policy, budget).run();
    if (!lines || is_open_by_flag || !rules.open) return lines;
    auto open = show_open(rules.open, false);
    if (!open) return open;
    open->insert(open->end(), lines->begin(), lines->end());
    return open;
}

}  // namespace isolates::show
