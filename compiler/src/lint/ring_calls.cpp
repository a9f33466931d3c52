// SPDX-License-Identifier: GPL-2.0-only
#include "lint/ring_calls.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace isolates::lint {

namespace {

// Sorted.
constexpr std::array<std::string_view, 52> calls = {
    "accept",    "accept4",   "bind",       "close",       "connect",         "epoll_ctl",
    "fadvise64", "fallocate", "fdatasync",  "fgetxattr",   "fsetxattr",       "fsync",
    "ftruncate", "futex",     "futex_wait", "futex_waitv", "futex_wake",      "getxattr",
    "linkat",    "listen",    "madvise",    "mkdirat",     "openat",          "openat2",
    "poll",      "ppoll",     "pread64",    "preadv",      "preadv2",         "pwrite64",
    "pwritev",   "pwritev2",  "read",       "readv",       "recvfrom",        "recvmsg",
    "renameat",  "renameat2", "sendmsg",    "sendto",      "setxattr",        "shutdown",
    "socket",    "splice",    "statx",      "symlinkat",   "sync_file_range", "tee",
    "unlinkat",  "waitid",    "write",      "writev"};
static_assert(std::ranges::is_sorted(calls));

}  // namespace

std::span<const std::string_view> ring_calls() {
    return calls;
}

void warn_of_ring_calls(const model::Policy& policy, Warner& warner) {
    std::set<std::string_view> denied;
    for (const model::SyscallRule& rule : policy.syscalls)
        if (!rule.only_audits && rule.arguments.empty() &&
            rule.effect.action == model::Action::deny)
            denied.insert(rule.name);
    // What is denied in any case is denied to rings, too.
    for (const model::SyscallRule& rule : policy.syscalls)
        if (!rule.only_audits && !rule.arguments.empty() &&
            std::ranges::binary_search(calls, rule.name) && !denied.contains(rule.name))
            warner
                .warn(policy.rules[rule.effect.rule],
                      fmt::format("a ring of io_uring can do '{}' too, where its arguments are "
                                  "not known: there it is {} whatever they are",
                                  rule.name,
                                  rule.effect.action == model::Action::deny
                                      ? "denied"
                                      : "not allowed by this rule"))
                .with_hint("deny syscall io_uring_setup, keeps new rings out altogether");
}

}  // namespace isolates::lint
