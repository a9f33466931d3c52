// SPDX-License-Identifier: GPL-2.0-only
#include "lint/dangerous_files.hpp"

#include <fmt/format.h>

#include <map>
#include <string_view>
#include <vector>

namespace isolates::lint {

namespace {

struct DangerousFile {
    std::string_view path;
    std::string_view danger;
};

constexpr std::string_view kProgram =
    "the kernel runs the program that is named in it, outside of every namespace";
constexpr std::string_view kProbes = "it switches off the probes that system call rules stand on";
constexpr std::string_view kMemory = "it is the machine's memory";

constexpr DangerousFile kFiles[] = {
    {"/proc/sys/kernel/core_pattern", kProgram},
    {"/proc/sys/kernel/modprobe", kProgram},
    {"/proc/sys/kernel/hotplug", kProgram},
    {"/sys/kernel/uevent_helper", kProgram},
    {"/sys/fs/cgroup/release_agent", kProgram},
    {"/sys/fs/cgroup/memory/release_agent", kProgram},
    {"/proc/sys/fs/binfmt_misc/register", "programs of others run by the interpreter it names"},
    {"/proc/sys/kernel/ftrace_enabled", kProbes},
    {"/sys/kernel/debug/kprobes/enabled", kProbes},
    {"/sys/kernel/tracing/kprobe_events", "it puts probes into the kernel"},
    {"/proc/sysrq-trigger", "it reboots the machine, among other things"},
    {"/dev/mem", kMemory},
    {"/dev/kmem", kMemory},
    {"/dev/port", "it is the machine's hardware"},
};

// Which rule allows to write to the file: an index into Policy::rules, or none if the
// policy leaves open what no rule speaks of.
std::uint32_t allowing_rule(const model::Policy& policy, const decide::FileFacts& facts) {
    for (const auto& ruling : decide::rulings(policy, facts))
        if (ruling.effect.action == model::Action::allow) return ruling.effect.rule;
    return ISOLATES_RULE_NONE;
}

}  // namespace

void warn_of_dangerous_files(const model::Policy& policy, const decide::Policy& decided,
                             Warner& warner) {
    // One warning for a rule, however many of the files it allows.
    std::map<std::uint32_t, std::vector<const DangerousFile*>> allowed;
    for (const DangerousFile& file : kFiles) {
        const decide::FileFacts facts{ISOLATES_FILE_WRITE, std::string(file.path), true};
        if (!decided.decide(facts).denied) allowed[allowing_rule(policy, facts)].push_back(&file);
    }
    for (const auto& [rule, files] : allowed) {
        const model::Origin& origin =
            rule < policy.rules.size() ? policy.rules[rule] : policy.origin;
        const std::size_t more = files.size() - 1;
        const std::string also = more == 0 ? "" : fmt::format(", and {} more like it", more);
        warner
            .warn(origin, fmt::format("this allows to write to {}: {}{}", files.front()->path,
                                      files.front()->danger, also))
            .with_hint(fmt::format("deny {} w,{}", files.front()->path, more ? " and so on" : ""));
    }
}

}  // namespace isolates::lint
