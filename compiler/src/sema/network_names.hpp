// SPDX-License-Identifier: GPL-2.0-only
// AppArmor's names of address families, socket types and protocols.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "sema/model.hpp"

namespace isolates::sema {

std::optional<std::uint8_t> family_number(std::string_view name);
std::optional<std::uint8_t> type_number(std::string_view name);

// What of a family's sockets a protocol's name means: pairs of type and protocol.
struct Socket {
    std::uint8_t type;
    std::uint16_t protocol;
};

// tcp is multipath TCP as well, since that is what it is on the wire; icmp is both
// the raw socket and the one of unprivileged pings. Empty if the family has no
// protocol of that name.
std::span<const Socket> protocol_sockets(std::string_view name, std::uint8_t family);

bool is_protocol(std::string_view name);

// The number of a netlink family: "route", "generic".
std::optional<std::uint16_t> netlink_protocol(std::string_view name);

// The name of a netlink family, or nothing.
std::string_view netlink_protocol_name(std::uint16_t protocol);

std::span<const std::string_view> family_names();
std::span<const std::string_view> type_names();
std::span<const std::string_view> protocol_names();

// An IPv4 or IPv6 address, with "/BITS" behind it or not. What is in front of
// "bits" of no meaning stays: see has_stray_bits().
std::optional<model::Prefix> parse_prefix(std::string_view text);

// The address has bits behind those that count.
bool has_stray_bits(const model::Prefix& prefix);

// "80" or "1024-2048".
std::optional<model::PortRange> parse_ports(std::string_view text);

}  // namespace isolates::sema
