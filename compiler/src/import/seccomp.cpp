// SPDX-License-Identifier: GPL-2.0-only
#include "import/seccomp.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "import/seccomp_profile.hpp"
#include "sema/errno_names.hpp"
#include "sema/syscall_arguments.hpp"
#include "sema/syscall_names.hpp"

namespace isolates::import {
namespace {

constexpr std::size_t width_max = 90;
constexpr std::string_view architecture = "amd64";

bool denies(Action action) {
    return action != Action::allow && action != Action::log;
}

// 0 is the absence of an error, and has one all the same.
bool has_name(std::uint32_t error) {
    return error != 0 && !sema::errno_name(error).empty();
}

bool contains(const std::vector<std::string>& words, std::string_view word) {
    return std::ranges::find(words, word) != words.end();
}

// Why a filter does not let an entry through, or nothing. Of what is included all must
// be there, of what is excluded nothing.
std::string missing(const Filter& includes, const SeccompHost& host) {
    for (const auto& capability : includes.capabilities)
        if (!host.capabilities.contains(capability)) return fmt::format("needs {}", capability);
    if (!includes.architectures.empty() && !contains(includes.architectures, architecture))
        return fmt::format("is for {}", fmt::join(includes.architectures, ", "));
    const std::pair kernel(host.kernel_major, host.kernel_minor);
    if (includes.kernel && kernel < *includes.kernel)
        return fmt::format("needs Linux {}.{}", includes.kernel->first, includes.kernel->second);
    return {};
}

std::string excluded(const Filter& excludes, const SeccompHost& host) {
    for (const auto& capability : excludes.capabilities)
        if (host.capabilities.contains(capability)) return fmt::format("is without {}", capability);
    if (contains(excludes.architectures, architecture))
        return fmt::format("is not for {}", architecture);
    const std::pair kernel(host.kernel_major, host.kernel_minor);
    if (excludes.kernel && kernel >= *excludes.kernel)
        return fmt::format("is for before Linux {}.{}", excludes.kernel->first,
                           excludes.kernel->second);
    return {};
}

// Masks are read bit by bit.
std::string bits(std::uint64_t value) {
    return value ? fmt::format("{:#x}", value) : "0";
}

std::string condition(const Argument& argument) {
    if (argument.comparison == "&")
        return fmt::format("{} & {} == {}", argument.index, bits(argument.value),
                           bits(argument.value_two));
    return fmt::format("{} {} {}", argument.index, argument.comparison, argument.value);
}

// A number is one of an argument of that width if it is so with zeros above, or, of a
// negative one, with ones.
bool fits(std::uint64_t value, std::uint64_t width) {
    const auto above = value & ~width;
    const auto top = width & ~(width >> 1);
    return !above || (above == ~width && (value & top));
}

// Why the language has no such conditions on a call's arguments, or nothing.
std::string inexpressible(const std::string& call, const std::vector<Argument>& arguments) {
    const auto count = sema::syscall_argument_count(call).value_or(0);
    for (const auto& argument : arguments) {
        if (argument.index >= count)
            return fmt::format("there is no argument {} of {}", argument.index, call);
        const auto width = sema::syscall_argument_mask(call, argument.index);
        if (!width)
            return fmt::format("argument {} of {} is a pointer, and what it points to can change",
                               argument.index, call);
        const bool is_masked = argument.comparison == "&";
        const auto mask = is_masked ? argument.value & width : width;
        if (!mask)
            return fmt::format("the mask has no bit of argument {} of {}", argument.index, call);
        const auto value = is_masked ? argument.value_two : argument.value;
        if (!fits(value, width) || (is_masked && (value & width & ~mask)))
            return fmt::format("argument {} of {} has fewer bits than the condition",
                               argument.index, call);
    }
    return {};
}

// Each list of conditions is a rule of its own. Conditions on one argument are
// alternatives, as runc has it: there a rule has at most one on each.
std::vector<std::string> conditions(const std::vector<Argument>& arguments) {
    std::vector<std::string> all;
    std::map<std::uint32_t, int> uses;
    bool is_repeated = false;
    for (const auto& argument : arguments) {
        all.push_back(condition(argument));
        is_repeated |= ++uses[argument.index] > 1;
    }
    if (is_repeated || all.empty()) return all;
    return {fmt::format("{}", fmt::join(all, ", "))};
}

// Long comments over several lines.
void wrap(std::vector<std::string>& lines, std::string_view text) {
    while (text.size() > width_max) {
        auto end = text.rfind(' ', width_max);
        if (end == text.npos || end == 0) end = std::min(text.find(' '), text.size());
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (!text.empty()) lines.emplace_back(text);
}

class Translator {
  public:
    Translator(const Profile& profile, const std::string& file, const SeccompHost& host,
               diag::Report& report)
        : profile_(profile), file_(file), host_(host), report_(report) {}

    std::optional<Policy> translate(const std::string& name) {
        policy_.name = name;
        describe_default();
        describe_architectures();
        for (const auto& key : profile_.ignored) warn(key, "has no meaning here and is left out");
        for (const auto& entry : profile_.entries) translate(entry);
        if (denies(profile_.action) && !allows_) {
            report_.error(std::nullopt,
                          fmt::format("{}: it allows no system call: no process could run", file_));
            return std::nullopt;
        }
        return std::move(policy_);
    }

  private:
    // A warning, and its text as a comment to be put somewhere.
    std::string warn(std::string_view place, std::string_view what) {
        const auto text = fmt::format("{}: {}", place, what);
        report_.warning(std::nullopt, fmt::format("{}: {}", file_, text));
        return text;
    }

    void comment(std::string_view text) {
        Rule rule;
        wrap(rule.comments, text);
        policy_.rules.push_back(std::move(rule));
    }

    // What is said of an action that denies in another way than with an errno.
    static std::string_view difference(Action action) {
        switch (action) {
            case Action::kill:
                return "kills; here it denies";
            case Action::trap:
                return "sends SIGSYS; here it denies";
            case Action::trace:
                return "asks a tracer; here it denies, as it does without one";
            case Action::notify:
                return "asks a supervisor; here it denies, as it does without one";
            default:
                return {};
        }
    }

    // The errno that an action denies with.
    static std::uint32_t error_of(Action action, std::optional<std::uint32_t> code) {
        switch (action) {
            case Action::error:
                return code.value_or(EPERM);
            case Action::trace:
            case Action::notify:
                return ENOSYS;
            default:
                return EPERM;
        }
    }

    void describe_default() {
        const auto place = fmt::format("defaultAction {}", profile_.action_name);
        if (profile_.action == Action::log)
            comment(warn(place, "what no entry names is allowed, and not reported"));
        if (const auto what = difference(profile_.action); !what.empty())
            comment(warn(place, what));
        const auto error = error_of(profile_.action, profile_.error_code);
        if (denies(profile_.action) && error != EPERM)
            comment(warn(place, fmt::format("what no rule allows is denied with EPERM, not {}",
                                            name_of(error))));
    }

    void describe_architectures() {
        const auto& all = profile_.architectures;
        if (all.empty()) return;
        for (const auto& name : all)
            if (name != "SCMP_ARCH_X86_64" && name != "SCMP_ARCH_X86" && name != "SCMP_ARCH_X32")
                comment(warn("architectures", fmt::format("{} is not that of this kernel", name)));
        for (const auto* const name : {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"})
            if (!contains(all, name))
                comment(warn("architectures",
                             fmt::format("{} is not among them, and so seccomp would deny all its "
                                         "calls; here they are decided as the others are",
                                         name)));
    }

    static std::string name_of(std::uint32_t error) {
        return has_name(error) ? std::string(sema::errno_name(error)) : std::to_string(error);
    }

    void translate(const Entry& entry) {
        auto why = missing(entry.includes, host_);
        if (why.empty()) why = excluded(entry.excludes, host_);
        if (!why.empty()) {
            const auto text = fmt::format("{} {}, and is left out: {}", entry.place, why,
                                          fmt::join(entry.names, ", "));
            // Other capabilities may be chosen; another architecture may not.
            if (why.starts_with("is for ") && !why.contains("Linux"))
                report_.warning(std::nullopt, fmt::format("{}: {}", file_, text));
            return comment(text);
        }
        Rule rule;
        wrap(rule.comments, entry.comment);
        split_names(entry, rule);
        if (is_default(entry)) {
            wrap(rule.comments, fmt::format("{}: {} is the default: {}", entry.place,
                                            entry.action_name, fmt::join(rule.calls, ", ")));
            policy_.rules.push_back({std::move(rule.comments), {}, {}, {}, {}});
            return;
        }
        if (denies(entry.action)) {
            const auto error = error_for(entry, rule);
            rule.qualifier = "deny";
            rule.error_name = sema::errno_name(error);
            note_denied(entry, rule, error);
        } else {
            rule.qualifier = entry.action == Action::allow ? "allow"
                             : denies(profile_.action)     ? "audit allow"
                                                           : "audit";
            if (entry.action == Action::allow || denies(profile_.action)) note_allowed(entry, rule);
        }
        add(entry, std::move(rule));
    }

    // libseccomp takes no rule whose action is the default one.
    [[nodiscard]] bool is_default(const Entry& entry) const {
        return entry.action == profile_.action &&
               error_of(entry.action, entry.error_code) ==
                   error_of(profile_.action, profile_.error_code);
    }

    void split_names(const Entry& entry, Rule& rule) {
        std::vector<std::string> unknown;
        for (const auto& name : entry.names) {
            auto& list = sema::is_syscall(name) ? rule.calls : unknown;
            if (!contains(list, name)) list.push_back(name);
        }
        if (!unknown.empty())
            wrap(rule.comments, warn(entry.place, fmt::format("unknown system calls: {}",
                                                              fmt::join(unknown, ", "))));
    }

    std::uint32_t error_for(const Entry& entry, Rule& rule) {
        const auto error = error_of(entry.action, entry.error_code);
        if (const auto what = difference(entry.action); !what.empty())
            wrap(rule.comments, warn(entry.place, fmt::format("{} {}", entry.action_name, what)));
        if (has_name(error)) return error;
        wrap(rule.comments,
             warn(entry.place,
                  fmt::format("the errno {} has no name; here it denies with EPERM", error)));
        return EPERM;
    }

    // A denial beats what allows, and there is one errno for a call that is denied in any
    // case. What seccomp does then depends on the order of entries and on the library.
    void note_denied(const Entry& entry, Rule& rule, std::uint32_t error) {
        std::vector<std::string> kept;
        for (const auto& call : rule.calls) {
            if (allowed_.contains(call) && entry.arguments.empty())
                wrap(rule.comments,
                     warn(entry.place, fmt::format("{} is allowed by {} and denied here: it is "
                                                   "denied",
                                                   call, allowed_[call])));
            if (entry.arguments.empty()) {
                const auto [before, is_new] = denied_.try_emplace(call, error, entry.place);
                if (!is_new) {
                    if (before->second.first != error)
                        wrap(rule.comments,
                             warn(entry.place,
                                  fmt::format("{} is denied by {} with another errno, which counts",
                                              call, before->second.second)));
                    continue;
                }
            }
            kept.push_back(call);
        }
        rule.calls = std::move(kept);
    }

    void note_allowed(const Entry& entry, Rule& rule) {
        for (const auto& call : rule.calls) {
            allowed_.try_emplace(call, entry.place);
            if (const auto denied = denied_.find(call); denied != denied_.end())
                wrap(rule.comments,
                     warn(entry.place, fmt::format("{} is denied by {} and allowed here: it is "
                                                   "denied",
                                                   call, denied->second.second)));
        }
    }

    // Without its conditions a denial is no weaker.
    void deny_always(const Entry& entry, const std::string& call, const std::string& why,
                     Rule& rule) {
        wrap(rule.comments,
             warn(entry.place,
                  fmt::format("{} is denied whatever its arguments are, as {}", call, why)));
        const auto error = sema::errno_number(rule.error_name).value_or(EPERM);
        const bool is_new = denied_.try_emplace(call, error, entry.place).second;
        Rule always;
        always.comments = std::exchange(rule.comments, {});
        if (is_new) {
            always.qualifier = rule.qualifier;
            always.calls = {call};
            always.error_name = rule.error_name;
        }
        policy_.rules.push_back(std::move(always));
    }

    static bool allows(const Rule& rule) { return rule.qualifier.ends_with("allow"); }

    void add(const Entry& entry, Rule rule) {
        if (rule.calls.empty()) rule.qualifier.clear();
        if (entry.arguments.empty() || rule.qualifier.empty()) {
            if (allows(rule)) allows_ = true;
            policy_.rules.push_back(std::move(rule));
            return;
        }
        // A rule with conditions is about one call.
        for (const auto& call : rule.calls) {
            if (const auto why = inexpressible(call, entry.arguments); !why.empty()) {
                if (denies(entry.action)) {
                    deny_always(entry, call, why, rule);
                    continue;
                }
                wrap(rule.comments, warn(entry.place, fmt::format("left out, as {}", why)));
                policy_.rules.push_back({std::exchange(rule.comments, {}), {}, {}, {}, {}});
                continue;
            }
            if (allows(rule)) allows_ = true;
            for (const auto& list : conditions(entry.arguments)) {
                policy_.rules.push_back({std::exchange(rule.comments, {}),
                                         rule.qualifier,
                                         {call},
                                         list,
                                         rule.error_name});
            }
        }
    }

    const Profile& profile_;
    const std::string& file_;
    const SeccompHost& host_;
    diag::Report& report_;
    Policy policy_;
    std::map<std::string, std::string> allowed_;  // call -> the entry that allows it
    // call -> the errno and the entry, if it is denied in any case
    std::map<std::string, std::pair<std::uint32_t, std::string>> denied_;
    bool allows_ = false;
};

}  // namespace

std::vector<std::string> usual_capabilities() {
    return {"CAP_AUDIT_WRITE", "CAP_CHOWN",     "CAP_DAC_OVERRIDE", "CAP_FOWNER",
            "CAP_FSETID",      "CAP_KILL",      "CAP_MKNOD",        "CAP_NET_BIND_SERVICE",
            "CAP_NET_RAW",     "CAP_SETFCAP",   "CAP_SETGID",       "CAP_SETPCAP",
            "CAP_SETUID",      "CAP_SYS_CHROOT"};
}

std::optional<Draft> read_seccomp(const nlohmann::json& json, const std::string& file,
                                  const std::string& name, const SeccompHost& host,
                                  diag::Report& report) {
    const auto profile = read_profile(json, file, report);
    if (!profile) return std::nullopt;
    auto policy = Translator(*profile, file, host, report).translate(name);
    if (!policy) return std::nullopt;
    Draft draft;
    wrap(draft.comments,
         fmt::format("From the seccomp profile {}. What it does not speak of, as of "
                     "files, is allowed. It binds no namespace: add \"bind\" rules, "
                     "or use ipolc bind.",
                     file));
    draft.policies.push_back(std::move(*policy));
    return draft;
}

}  // namespace isolates::import
