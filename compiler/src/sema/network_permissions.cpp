// SPDX-License-Identifier: GPL-2.0-only
#include "sema/network_permissions.hpp"

#include <array>

namespace isolates::sema {
namespace {

constexpr auto permissions = std::to_array<Permission>({
    {"create", ISOLATES_NETWORK_CREATE},
    {"bind", ISOLATES_NETWORK_BIND},
    {"connect", ISOLATES_NETWORK_CONNECT},
    {"listen", ISOLATES_NETWORK_LISTEN},
    {"accept", ISOLATES_NETWORK_ACCEPT},
    {"send", ISOLATES_NETWORK_SEND},
    {"receive", ISOLATES_NETWORK_RECEIVE},
    {"shutdown", ISOLATES_NETWORK_SHUTDOWN},
    {"getattr", ISOLATES_NETWORK_GETATTR},
    {"setattr", ISOLATES_NETWORK_SETATTR},
    {"getopt", ISOLATES_NETWORK_GETOPT},
    {"setopt", ISOLATES_NETWORK_SETOPT},
    {"write", ISOLATES_NETWORK_SEND},
    {"read", ISOLATES_NETWORK_RECEIVE},
    {"w", ISOLATES_NETWORK_SEND},
    {"r", ISOLATES_NETWORK_RECEIVE},
    {"rw", ISOLATES_NETWORK_SEND | ISOLATES_NETWORK_RECEIVE},
    {"wr", ISOLATES_NETWORK_SEND | ISOLATES_NETWORK_RECEIVE},
});

}  // namespace

std::span<const Permission> network_permissions() {
    return permissions;
}

}  // namespace isolates::sema
