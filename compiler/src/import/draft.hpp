// SPDX-License-Identifier: GPL-2.0-only
// A policy that was written for something else, on its way to .ipol text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace isolates::import {

// A rule on system calls, or a comment in its place.
struct Rule {
    std::vector<std::string> comments;  // lines above it
    std::string qualifier;              // "deny", "allow", "audit"; empty: comments alone
    std::vector<std::string> calls;
    std::string arguments;   // "0 == 1, 2 & 3 == 0", of a single call; may be empty
    std::string error_name;  // "EPERM"; empty: the default
};

struct Policy {
    std::string name;
    std::vector<std::string> bindings;  // "pid 4026532201"
    std::vector<Rule> rules;
};

struct Draft {
    std::vector<std::string> comments;  // at the text's head
    std::vector<Policy> policies;
};

// The text, in the style of ipolc fmt. What comes from outside (names, comments) cannot
// break out of its comment or string.
std::string write(const Draft& draft);

// The policy's name for a file: its own, without folders and its last suffix, and '-'
// for whatever a name should not have.
std::string name_for(std::string_view file);

// Whether a policy can have that name: it is not empty, and has no quote, backslash,
// brace, control character or the like.
bool is_name(std::string_view name);

}  // namespace isolates::import
