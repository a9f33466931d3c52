// SPDX-License-Identifier: GPL-2.0-only
// Single processes: putting them under a policy, and listing those that are.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "cli/commands.hpp"
#include "kernel/processes.hpp"
#include "kernel/securityfs.hpp"

namespace isolates::cli {
namespace {

// A wrong word is wrong usage, a process that is gone is not.
std::expected<kernel::Process, ExitStatus> find_process(const std::string& pid, Output& output) {
    if (pid.find_first_not_of("0123456789") != pid.npos || pid.find_first_not_of('0') == pid.npos)
        return std::unexpected(
            output.fail(exit_usage, fmt::format("'{}' is no number of a process", pid)));
    auto found = kernel::open_process(pid);
    if (!found) return std::unexpected(output.fail(exit_refused, found.error()));
    return std::move(*found);
}

// How it is under it, if that is not the plain case.
std::string_view remark(std::string_view how) {
    if (how == "pending") return " (on exec)";
    if (how == "visitor") return " (visitor)";
    if (how == "attached") return " (attached)";
    return "";
}

}  // namespace

ExitStatus attach_process(const std::string& policy, const std::string& pid, bool on_exec,
                          Output& output) {
    const auto process = find_process(pid, output);
    if (!process) return process.error();
    const auto files = kernel::Securityfs::open();
    if (!files) return output.fail(exit_refused, files.error().reason);
    const auto attached = files->attach(*process, policy, on_exec);
    if (!attached) return output.fail(exit_refused, attached.error().reason);

    output.set("policy", policy);
    output.set("pid", process->pid);
    output.set("on_exec", on_exec);
    output.set("attached", *attached);
    output.line(fmt::format("{} {} to {}{}", *attached ? "attached" : "already attached:",
                            process->pid, policy, *attached && on_exec ? " on exec" : ""));
    return exit_done;
}

ExitStatus detach_process(const std::string& policy, const std::string& pid, Output& output) {
    const auto process = find_process(pid, output);
    if (!process) return process.error();
    const auto files = kernel::Securityfs::open();
    if (!files) return output.fail(exit_refused, files.error().reason);
    if (const auto done = files->detach(*process, policy); !done)
        return output.fail(exit_refused, done.error().reason);

    output.set("policy", policy);
    output.set("pid", process->pid);
    output.line(fmt::format("detached {} from {}", process->pid, policy));
    return exit_done;
}

ExitStatus list_processes(Output& output) {
    const auto files = kernel::Securityfs::open();
    if (!files) return output.fail(exit_refused, files.error().reason);
    const auto tasks = files->tasks();
    if (!tasks) return output.fail(exit_refused, tasks.error().reason);

    auto array = nlohmann::json::array();
    for (auto first = tasks->begin(); first != tasks->end();) {
        const auto last = std::find_if(
            first, tasks->end(), [&](const auto& task) { return task.thread != first->thread; });
        const auto command = kernel::command_of(first->thread);
        auto policies = nlohmann::json::array();
        std::string text;
        for (auto task = first; task != last; ++task) {
            policies.push_back({{"name", task->policy}, {"how", task->how}});
            text +=
                fmt::format("{}{}{}", text.empty() ? "" : ", ", task->policy, remark(task->how));
        }
        const auto number = first->thread == first->process
                                ? fmt::format("{}", first->process)
                                : fmt::format("{}/{}", first->process, first->thread);
        output.line(fmt::format("{:<8} {:<15} {}", number, command, text));
        array.push_back({{"pid", first->process},
                         {"thread", first->thread},
                         {"command", command},
                         {"policies", std::move(policies)}});
        first = last;
    }
    output.set("processes", std::move(array));
    return exit_done;
}

}  // namespace isolates::cli
