// SPDX-License-Identifier: GPL-2.0-only
#include "sema/flags.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "diag/suggest.hpp"
#include "sema/open.hpp"

namespace isolates::sema {
namespace {

// What a flag says; two flags that say something about one of these contradict each
// other. "none" is what isolates has no use for.
enum class About { none, mode, audit, deleted, disconnected, chroot, root };

struct Flag {
    std::string_view name;
    About about = About::none;
    std::optional<isolates_mode> mode = std::nullopt;
};

// AppArmor's flags of profiles, and "kill" and "disabled".
constexpr auto flags = std::to_array<Flag>({
    {"enforce", About::mode, ISOLATES_MODE_ENFORCE},
    {"complain", About::mode, ISOLATES_MODE_COMPLAIN},
    {"kill", About::mode, ISOLATES_MODE_KILL},
    {"disabled", About::mode, ISOLATES_MODE_DISABLED},
    {"unconfined", About::mode, ISOLATES_MODE_DISABLED},
    {"prompt", About::mode},
    {"default_allow", About::mode},
    {"allow", About::mode},
    {"audit", About::audit},
    {"mediate_deleted", About::deleted},
    {"delegate_deleted", About::deleted},
    {"attach_disconnected", About::disconnected},
    {"no_attach_disconnected", About::disconnected},
    {"chroot_attach", About::chroot},
    {"chroot_no_attach", About::chroot},
    {"chroot_relative", About::root},
    {"namespace_relative", About::root},
    {"interruptible"},
    {"debug"},
    {"hat"},
    {"kill.signal"},
    {"error"},
    {"attach_disconnected.path"},
});

constexpr auto flag_names = [] {
    std::array<std::string_view, flags.size()> names{};
    for (std::size_t i = 0; i < flags.size(); i++) names[i] = flags[i].name;
    return names;
}();

void apply(const Flag& flag, const diag::Span& at, diag::Report& report, model::Policy& policy) {
    if (flag.name == "default_allow" || flag.name == "allow") {
        open_all(policy);
    } else if (flag.mode) {
        policy.mode = *flag.mode;
    } else if (flag.name == "prompt") {
        report.warning(at,
                       "the flag 'prompt' is not enforced by the kernel yet: the policy is "
                       "enforced");
    } else if (flag.name == "hat") {
        // A child by any other name.
    } else if (flag.about == About::root && flag.name == "namespace_relative") {
        // So isolates names all paths.
    } else if (flag.name == "mediate_deleted") {
        // So isolates does.
    } else if (flag.about != About::audit) {
        report.warning(at, fmt::format("the flag '{}' means nothing to isolates", flag.name));
    }
}

}  // namespace

bool read_flags(const ast::Policy& syntax, diag::Report& report, model::Policy& policy) {
    struct First {
        std::string_view name;
        diag::Span at;
    };
    std::map<About, First> first;
    bool audits = false;
    for (const auto& given : syntax.flags) {
        const auto& text = given.key ? given.key->text : given.value.text;
        const auto& at = given.key ? given.key->at : given.value.at;
        const auto flag = std::ranges::find(flags, text, &Flag::name);
        const bool has_value = text.contains('.') || text == "error";
        if (flag == flags.end()) {
            report.error(at, fmt::format("unknown flag '{}'", text))
                .with_hint(diag::did_you_mean(text, flag_names));
            continue;
        }
        if (given.key.has_value() != has_value) {
            report.error(at,
                         fmt::format("the flag '{}' takes {} value", text, has_value ? "a" : "no"));
            continue;
        }
        if (flag->about != About::none) {
            const auto [entry, is_first] = first.emplace(flag->about, First{flag->name, at});
            if (!is_first && entry->second.name != flag->name) {
                report
                    .error(at, fmt::format("the flags '{}' and '{}' exclude each other",
                                           entry->second.name, flag->name))
                    .with_note(entry->second.at, "it is given here first");
                continue;
            }
            if (!is_first) continue;
        }
        audits |= flag->about == About::audit;
        apply(*flag, at, report, policy);
    }
    if (audits && policy.open != model::open_always())
        report.warning(first.at(About::audit).at,
                       "the flag 'audit' is about rules: what default_allow allows is not audited");
    return audits;
}

}  // namespace isolates::sema
