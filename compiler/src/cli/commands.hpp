// SPDX-License-Identifier: GPL-2.0-only
// What each command does with its arguments. All return the exit status.
#pragma once

#include <string>
#include <vector>

#include "cli/exit_status.hpp"
#include "cli/input.hpp"
#include "cli/output.hpp"

namespace isolates::cli {

// check FILE...: says what is wrong, and changes nothing.
ExitStatus check(const CompileArguments& arguments, Output& output);

// show FILE|NAME: a blob, or a policy in force, as a policy that decides the same; or
// the sources it was compiled from.
ExitStatus show(const std::string& name, bool source, Output& output);

// compile FILE... -o FILE: writes one blob; "-" is the standard output.
ExitStatus compile_to(const CompileArguments& arguments, const std::string& file, Output& output);

// compile --dump STAGE [--dot] FILE...: what a stage hands on, as text or as a graph.
// The stages are "tokens", "ast", "policy", "nfa", "dfa" and "blob"; of files that are
// blobs there is but the last one.
ExitStatus dump_stage(const CompileArguments& arguments, const std::string& stage, bool as_graph,
                      Output& output);

// fmt [--check] FILE...: puts sources in one style, in place; "-" is the standard input,
// whose text in that style goes to the standard output. With "only_check" nothing is
// written, and the files are named that are in another style.
ExitStatus format_files(const std::vector<std::string>& files, bool only_check, Output& output);

struct ImportArguments {
    std::string file;    // "-" is the standard input
    std::string output;  // empty or "-": the standard output
    std::string name;    // of the policy; empty: the file's
    std::string kind = "pid";
    std::string kernel;                     // "6.12"; empty: that of the release
    std::vector<std::string> capabilities;  // of the container; "none" is none of them
};

// import seccomp FILE, import list FILE: writes a policy that was something else.
ExitStatus import_seccomp(const ImportArguments& arguments, Output& output);
ExitStatus import_list(const ImportArguments& arguments, Output& output);

// load FILE...: puts all policies in force, together, and binds what they name. If
// any of it fails nothing is changed.
ExitStatus load(const CompileArguments& arguments, bool host, Output& output);

// unload NAME...
ExitStatus unload(const std::vector<std::string>& policies, bool force, Output& output);

// mode POLICY [MODE]: says which mode it is in, or changes that until it is replaced.
ExitStatus mode(const std::string& policy, const std::string& name, Output& output);

// seal: nothing is changed any more until the next boot.
ExitStatus seal(Output& output);

// list
ExitStatus list(Output& output);

// bind POLICY KIND:WHERE, and unbind
ExitStatus bind_namespace(const std::string& policy, const std::string& place, bool host,
                          bool on_exec, Output& output);
ExitStatus unbind_namespace(const std::string& policy, const std::string& place, Output& output);

// attach POLICY PID, and detach
ExitStatus attach_process(const std::string& policy, const std::string& pid, bool on_exec,
                          Output& output);
ExitStatus detach_process(const std::string& policy, const std::string& pid, Output& output);

// ps: which processes are under which policies.
ExitStatus list_processes(Output& output);

// events: what was denied, complained of, or to be told, and by which rules. "only_new"
// leaves out what has happened before; "follow" waits for more, until it is interrupted.
// Only of a policy, if one is given.
struct EventArguments {
    bool follow = false;
    bool only_new = false;
    std::string policy;
};
ExitStatus events(const EventArguments& arguments, Output& output);

// run --policy NAME --ns KIND,... -- CMD...
ExitStatus run(const std::string& policy, const std::vector<std::string>& kinds,
               const std::vector<std::string>& command, Output& output);

// explain FILE OPERATION...: what a policy says of an operation, and why.
ExitStatus explain(const CompileArguments& arguments, const std::string& policy,
                   const std::vector<std::string>& question, Output& output);

// diff OLD NEW: what NEW allows that OLD does not, and the other way round. Nothing more
// is allowed: exit_done; anything is, or a policy or binding is gone: exit_policy. What
// cannot be compared, since one of them is wrong, is exit_usage.
ExitStatus diff(const CompileArguments& arguments, const std::string& before,
                const std::string& after, Output& output);

}  // namespace isolates::cli
