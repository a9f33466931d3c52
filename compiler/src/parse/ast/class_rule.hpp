// SPDX-License-Identifier: GPL-2.0-only
// The rules that all have one shape: a keyword, a list in parentheses, words,
// conditions, and perhaps an arrow with a target behind it.
#pragma once

#include <optional>
#include <vector>

#include "parse/ast/condition.hpp"
#include "parse/ast/qualifiers.hpp"
#include "parse/ast/rarely.hpp"
#include "parse/ast/text.hpp"

namespace isolates::ast {

struct ClassRule {
    Rarely<Qualifiers> qualifiers;
    Text keyword;
    std::vector<Item> list;
    bool has_list = false;  // an empty one may be one
    std::vector<Text> words;
    std::optional<diag::Span> arguments;  // a list behind the words: "socket(0 == AF_PACKET)"
    std::vector<Item> argument_items;     // what is in it
    std::vector<Condition> conditions;
    Rarely<Text> target;  // behind "->"
    diag::Span at;
};

// "signal (send) set=(kill, term) peer=unconfined,"
struct SignalRule : ClassRule {};

// "network (connect) inet stream peer=(ip=10.0.0.0/8 port=5432),"
struct NetworkRule : ClassRule {};

// "syscall (mkdirat, unlinkat) errno=EACCES,"
struct SyscallRule : ClassRule {};

// "capability net_bind_service,"
struct CapabilityRule : ClassRule {};

// "ptrace (read) peer=web,"
struct PtraceRule : ClassRule {};

// "namespace (create, enter) (user, net)," and "userns create,": two lists, or one.
struct NamespaceRule : ClassRule {};

// "io_uring (sqpoll, override_creds) label=web,"
struct IoUringRule : ClassRule {};

// "unix (connect) type=stream peer=(addr=@app label=web),"
struct UnixRule : ClassRule {};

// "mount options=(ro, bind) /a -> /b," and remount, umount, pivot_root.
struct MountRule : ClassRule {};

// "change_profile unsafe /bin/x -> web,"
struct ChangeProfileRule : ClassRule {};

// "set rlimit nofile <= 1024,": the words are "rlimit", "nofile", "<=" and the rest.
struct RlimitRule : ClassRule {};

// "dbus (send) bus=session peer=(name=org.example),"
struct DbusRule : ClassRule {};

// "mqueue (read) type=posix /queue,"
struct MqueueRule : ClassRule {};

}  // namespace isolates::ast
