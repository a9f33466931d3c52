// SPDX-License-Identifier: GPL-2.0-only
// Finding and holding the namespaces that policies are bound to.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "core.hpp"
#include "kernel/descriptor.hpp"

namespace isolates::kernel {

// A namespace, kept alive by an open nsfs file.
struct Namespace {
    isolates_namespace kind = ISOLATES_NAMESPACE_NET;
    std::uint32_t number = 0;  // its inode number
    Descriptor file;
};

// Where a namespace is to be found: what a bind rule says, or the command line.
struct Place {
    isolates_namespace kind = ISOLATES_NAMESPACE_NET;
    isolates_where where = ISOLATES_WHERE_PATH;
    std::string path;          // for ISOLATES_WHERE_PATH
    std::uint32_t number = 0;  // else, of the namespace or of a process
};

// "KIND:WHERE", with WHERE a path, a number, or "pid=N". On failure a reason.
std::expected<Place, std::string> parse_place(std::string_view text);

// As parse_place() takes it.
std::string describe(const Place& place);

// The clone(2) flag that makes a namespace of a kind.
std::uint64_t clone_flag(isolates_namespace kind);

// Opens the namespace. A number is looked for among the namespaces that live
// processes are in, and then among those that are mounted. On failure a one-line
// reason: nothing there, no namespace, one of another kind, no live one of that
// number, or what the system says.
std::expected<Namespace, std::string> open_namespace(const Place& place);

}  // namespace isolates::kernel
