// SPDX-License-Identifier: GPL-2.0-only
#include "lint/other_calls.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace isolates::lint {

namespace {

// What the first call does the others do as well, if their arguments are chosen so.
struct Others {
    std::string_view call;
    std::vector<std::string_view> others;
};

const std::vector<Others>& all_others() {
    static const std::vector<Others> all = {
        {"open", {"openat", "openat2"}},
        {"openat", {"open", "openat2"}},
        {"openat2", {"open", "openat"}},
        {"creat", {"open", "openat", "openat2"}},
        {"mkdir", {"mkdirat"}},
        {"mkdirat", {"mkdir"}},
        {"rmdir", {"unlinkat"}},
        {"unlink", {"unlinkat"}},
        {"unlinkat", {"unlink", "rmdir"}},
        {"rename", {"renameat", "renameat2"}},
        {"renameat", {"rename", "renameat2"}},
        {"renameat2", {"rename", "renameat"}},
        {"link", {"linkat"}},
        {"linkat", {"link"}},
        {"symlink", {"symlinkat"}},
        {"symlinkat", {"symlink"}},
        {"mknod", {"mknodat"}},
        {"mknodat", {"mknod"}},
        {"chmod", {"fchmod", "fchmodat", "fchmodat2"}},
        {"fchmod", {"chmod", "fchmodat", "fchmodat2"}},
        {"fchmodat", {"chmod", "fchmod", "fchmodat2"}},
        {"fchmodat2", {"chmod", "fchmod", "fchmodat"}},
        {"chown", {"fchown", "fchownat"}},
        {"fchown", {"chown", "fchownat"}},
        {"fchownat", {"chown", "fchown", "lchown"}},
        {"lchown", {"fchownat"}},
        {"truncate", {"ftruncate"}},
        {"ftruncate", {"truncate"}},
        {"setxattr", {"lsetxattr", "fsetxattr"}},
        {"lsetxattr", {"setxattr", "fsetxattr"}},
        {"fsetxattr", {"setxattr", "lsetxattr"}},
        {"fork", {"vfork", "clone", "clone3"}},
        {"vfork", {"fork", "clone", "clone3"}},
        {"clone", {"clone3"}},
        {"clone3", {"clone"}},
        {"unshare", {"clone", "clone3"}},
        {"execve", {"execveat"}},
        {"execveat", {"execve"}},
        {"kill", {"tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal"}},
        {"tkill", {"kill", "tgkill"}},
        {"tgkill", {"kill", "tkill"}},
        {"accept", {"accept4"}},
        {"accept4", {"accept"}},
        {"mount", {"move_mount"}},
        {"move_mount", {"mount"}},
        {"clock_settime", {"settimeofday", "clock_adjtime", "adjtimex"}},
        {"settimeofday", {"clock_settime", "clock_adjtime", "adjtimex"}},
        {"adjtimex", {"clock_adjtime", "clock_settime", "settimeofday"}},
        {"init_module", {"finit_module"}},
        {"finit_module", {"init_module"}},
        {"kexec_load", {"kexec_file_load"}},
        {"kexec_file_load", {"kexec_load"}},
        {"pread64", {"io_submit"}},
        {"preadv", {"io_submit"}},
        {"pwrite64", {"io_submit"}},
        {"pwritev", {"io_submit"}},
        {"fsync", {"io_submit"}},
        {"fdatasync", {"io_submit"}},
        {"process_vm_readv", {"ptrace"}},
        {"process_vm_writev", {"ptrace"}},
        {"pidfd_getfd", {"ptrace"}},
    };
    return all;
}

std::string listed(std::span<const std::string_view> names) {
    std::string list;
    for (std::size_t i = 0; i < names.size(); i++)
        list += fmt::format("{}'{}'",
                            i == 0                 ? ""
                            : i + 1 < names.size() ? ", "
                                                   : " and ",
                            names[i]);
    return list;
}

}  // namespace

void warn_of_other_calls(const model::Policy& policy, Warner& warner) {
    std::map<std::string_view, const model::SyscallRule*> denied;
    std::set<std::string_view> allowed;
    for (const model::SyscallRule& rule : policy.syscalls) {
        if (rule.only_audits) continue;
        if (rule.effect.action == model::Action::deny)
            denied.emplace(rule.name, &rule);
        else
            allowed.insert(rule.name);
    }
    // From the first allowed call on, what no rule allows is denied.
    const auto is_left = [&](std::string_view call) {
        return !denied.contains(call) && (allowed.empty() || allowed.contains(call));
    };
    for (const auto& [call, others] : all_others()) {
        const auto rule = denied.find(call);
        if (rule == denied.end()) continue;
        std::vector<std::string_view> left;
        std::ranges::copy_if(others, std::back_inserter(left), is_left);
        if (left.empty()) continue;
        auto& warning =
            warner.warn(policy.rules[rule->second->effect.rule],
                        fmt::format("'{}' is denied, but {} can do the same and {} not", call,
                                    listed(left), left.size() == 1 ? "is" : "are"));
        if (call == "unshare")
            warning.with_hint("deny namespace (create), is about each way to make a namespace");
    }
}

}  // namespace isolates::lint
