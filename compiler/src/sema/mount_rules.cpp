// SPDX-License-Identifier: GPL-2.0-only
// mount, remount, umount and pivot_root rules. What they mean is what AppArmor's parser
// makes of them (parser/mount.cc): which operations a rule with these flags is about,
// and that a rule about nothing but propagation takes its one path for the target.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "diag/suggest.hpp"
#include "sema/enforcement.hpp"
#include "sema/mount_options.hpp"
#include "sema/permissions.hpp"
#include "sema/rules.hpp"

namespace isolates::sema {
namespace {

using Globs = std::vector<std::optional<std::string>>;

constexpr std::uint32_t commands =
    ISOLATES_MS_REMOUNT | ISOLATES_MS_BIND | ISOLATES_MS_MOVE | ISOLATES_MS_TYPES;

// Flags: those that are set, and those that may be set or not.
struct Flags {
    std::uint32_t set = 0;
    std::uint32_t free = 0;
};

class MountAnalysis {
  public:
    MountAnalysis(const Context& context, const ast::MountRule& rule)
        : context_(context), rule_(rule), keyword_(rule.keyword.text) {}

    void run() {
        const Conditions conditions(
            context_, keyword_ == "pivot_root" ? "pivot_root" : "mount", rule_.conditions,
            keyword_ == "pivot_root" ? std::initializer_list<std::string_view>{"oldroot", "errno"}
                                     : std::initializer_list<std::string_view>{
                                           "options", "option", "fstype", "vfstype", "errno"});
        refuse_ownership(context_, rule_.qualifiers, "mounts");
        const auto effect = effect_of(context_, rule_.qualifiers, conditions.find("errno"));
        const bool has_target = keyword_ == "mount" || keyword_ == "pivot_root";
        is_wrong_ |= !check_shape(
            context_, rule_, {.words_max = 1, .has_target = has_target, .has_words_last = true});
        if (rule_.has_list) fail(rule_.keyword.at, "a mount rule has no list of permissions");
        read_options();
        read_fstypes();
        read_paths(conditions);
        if (is_wrong_ || !effect) return;
        add(*effect);
    }

  private:
    void fail(const diag::Span& at, std::string text, std::string hint = {}) {
        is_wrong_ = true;
        context_.report.error(at, std::move(text)).with_hint(std::move(hint));
    }

    // The flags that a list names. One that is named both ways may be either.
    Flags list_of(const ast::Condition& condition) {
        std::uint32_t set = 0, clear = 0;
        if (condition.items.empty()) fail(condition.at, "no option is named");
        for (const auto& item : condition.items) {
            const auto* const name = plain(context_, item);
            const auto option = name ? mount_option(name->text) : std::nullopt;
            if (option) {
                set |= option->set;
                clear |= option->clear;
            } else {
                is_wrong_ = true;
                if (name)
                    context_.report
                        .error(name->at, fmt::format("unknown mount option '{}'", name->text))
                        .with_hint(diag::did_you_mean(name->text, mount_option_names()));
            }
        }
        return {set & ~clear, set & clear};
    }

    // Of several lists with "=" each is enough; those with "in" say what may be besides.
    void read_options() {
        std::uint32_t besides = 0;
        bool has_in = false;
        for (const auto& condition : rule_.conditions) {
            if (condition.key.text != "options" && condition.key.text != "option") continue;
            const auto list = list_of(condition);
            has_in |= condition.is_in;
            if (condition.is_in)
                besides |= list.set | list.free;
            else
                flags_.push_back(list);
        }
        has_options_ = has_in || !flags_.empty();
        if (!has_options_)
            flags_.push_back({0, ~std::uint32_t{0}});
        else if (flags_.empty())
            flags_.emplace_back();
        for (auto& flags : flags_) {
            flags.free |= besides & ~flags.set;
            if (keyword_ != "remount") continue;
            flags.set |= ISOLATES_MS_REMOUNT;
            if (has_options_) flags.free &= ~std::uint32_t{ISOLATES_MS_REMOUNT};
        }
    }

    void add_globs(const ast::Text& text, Globs& globs) {
        const auto more = globs_of(context_, text);
        is_wrong_ |= !more;
        if (more) globs.insert(globs.end(), more->begin(), more->end());
    }

    void read_fstypes() {
        Globs named;
        for (const auto& condition : rule_.conditions) {
            if (condition.key.text != "fstype" && condition.key.text != "vfstype") continue;
            if (condition.items.empty()) fail(condition.at, "no file system is named");
            for (const auto& item : condition.items) {
                const auto* const name = plain(context_, item);
                is_wrong_ |= !name;
                if (name) add_globs(*name, named);
            }
        }
        if (!named.empty()) fstypes_ = std::move(named);
    }

    void read_paths(const Conditions& conditions) {
        Globs first, second;
        if (!rule_.words.empty()) add_globs(rule_.words.front(), first);
        if (keyword_ == "pivot_root") {
            if (const auto* const old = conditions.find("oldroot"))
                if (const auto* const value = single_value(context_, *old)) {
                    add_globs(*value, second);
                    sources_ = std::move(second);
                }
            if (!first.empty()) check_path(rule_.words.front(), first);
            if (!first.empty()) targets_ = std::move(first);
            if (rule_.target) {
                check_name(*rule_.target);
                transition_ = &*rule_.target;
            }
            return;
        }
        if (keyword_ == "mount") {
            if (rule_.target) add_globs(*rule_.target, second);
            if (!first.empty()) sources_ = std::move(first);
            if (!second.empty()) targets_ = std::move(second);
        } else if (!first.empty()) {
            targets_ = std::move(first);
        }
    }

    void check_path(const ast::Text& text, const Globs& globs) {
        for (const auto& glob : globs)
            if (!glob->starts_with('/') && !glob->starts_with('{'))
                fail(text.at, "a path begins with '/'");
    }

    void check_name(const ast::Text& name) {
        if (name.text.empty()) fail(name.at, "a policy needs a name");
    }

    // Which operations mount(2) may do with such flags: of its commands the first counts.
    [[nodiscard]] std::uint32_t operations_of(const Flags& flags) const {
        if (keyword_ == "pivot_root") return ISOLATES_MOUNT_PIVOT_ROOT;
        if (keyword_ == "umount" || keyword_ == "unmount") return ISOLATES_MOUNT_UMOUNT;
        if (keyword_ == "remount") return ISOLATES_MOUNT_REMOUNT;
        const auto may = [&](std::uint32_t bits) { return (flags.set | flags.free) & bits; };
        const auto must = [&](std::uint32_t bits) { return flags.set & ~flags.free & bits; };
        std::uint32_t operations = 0;
        if (may(ISOLATES_MS_REMOUNT)) operations |= ISOLATES_MOUNT_REMOUNT;
        std::uint32_t before = ISOLATES_MS_REMOUNT;
        if (may(ISOLATES_MS_BIND) && !must(before)) operations |= ISOLATES_MOUNT_BIND;
        before |= ISOLATES_MS_BIND;
        if (may(ISOLATES_MS_TYPES) && !must(before)) operations |= ISOLATES_MOUNT_PROPAGATE;
        before |= ISOLATES_MS_TYPES;
        if (may(ISOLATES_MS_MOVE) && !must(before)) operations |= ISOLATES_MOUNT_MOVE;
        if (!must(commands)) operations |= ISOLATES_MOUNT_MOUNT;
        return operations;
    }

    void add(const model::Effect& effect) {
        model::MountRule made{effect, 0, 0, 0, {}, {}, {}};
        made.effect.rule = context_.add_rule(rule_.at);
        bool speaks = false;
        for (const auto& flags : flags_) {
            made.flags = flags.set & ~flags.free;
            made.free = flags.free;
            // What has no flags is not about any.
            if (keyword_ != "mount" && keyword_ != "remount") made.free = ~std::uint32_t{0};
            if (keyword_ == "remount" && !has_options_) made.free = ~std::uint32_t{0};
            for (const auto& fstype : fstypes_)
                for (const auto& source : sources_)
                    for (const auto& target : targets_) {
                        made.fstype = fstype;
                        made.source = source;
                        made.target = target;
                        speaks |= add_parts(made, operations_of(flags));
                    }
        }
        if (!speaks)
            context_.report.warning(rule_.keyword.at,
                                    "no mount is like this: the rule has no effect");
        if (transition_)
            warn_unenforced(context_, transition_->at, "the policy behind a pivot_root is");
    }

    // A rule for each group of operations that have the same facts. True if there is any.
    bool add_parts(const model::MountRule& rule, std::uint32_t operations) {
        auto& mounts = context_.policy.mounts;
        const auto before = mounts.size();
        const auto push = [&](std::uint32_t some, bool with_type, bool with_source) {
            auto made = rule;
            made.operations = operations & some;
            if (!made.operations) return;
            if (made.fstype && !with_type) return;
            if (made.source && !with_source) {
                // Its one path is what they happen to.
                if (made.target || !has_options_) return;
                made.target = std::exchange(made.source, std::nullopt);
            }
            mounts.push_back(std::move(made));
        };
        push(ISOLATES_MOUNT_MOUNT, true, true);
        push(ISOLATES_MOUNT_BIND | ISOLATES_MOUNT_MOVE, false, true);
        push(ISOLATES_MOUNT_REMOUNT | ISOLATES_MOUNT_PROPAGATE, false, false);
        push(ISOLATES_MOUNT_UMOUNT, false, false);
        push(ISOLATES_MOUNT_PIVOT_ROOT, false, true);
        return mounts.size() > before;
    }

    const Context& context_;
    const ast::MountRule& rule_;
    const std::string_view keyword_;
    std::vector<Flags> flags_;
    Globs fstypes_{std::nullopt};
    Globs sources_{std::nullopt};
    Globs targets_{std::nullopt};
    const ast::Text* transition_ = nullptr;
    bool has_options_ = false;
    bool is_wrong_ = false;
};

}  // namespace

void analyze(const Context& context, const ast::MountRule& rule) {
    MountAnalysis(context, rule).run();
}

}  // namespace isolates::sema
