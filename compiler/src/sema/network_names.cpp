// SPDX-License-Identifier: GPL-2.0-only
#include "sema/network_names.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <system_error>
#include <vector>

namespace isolates::sema {
namespace {

struct Number {
    std::string_view name;
    std::uint8_t number;
};

// In the order of include/linux/socket.h; numbers as there, since libc's headers
// may lack the newer ones.
constexpr auto families = std::to_array<Number>({
    {"unspec", 0},      {"unix", 1},     {"inet", 2},     {"ax25", 3},      {"ipx", 4},
    {"appletalk", 5},   {"netrom", 6},   {"bridge", 7},   {"atmpvc", 8},    {"x25", 9},
    {"inet6", 10},      {"rose", 11},    {"netbeui", 13}, {"security", 14}, {"key", 15},
    {"netlink", 16},    {"packet", 17},  {"ash", 18},     {"econet", 19},   {"atmsvc", 20},
    {"rds", 21},        {"sna", 22},     {"irda", 23},    {"pppox", 24},    {"wanpipe", 25},
    {"llc", 26},        {"ib", 27},      {"mpls", 28},    {"can", 29},      {"tipc", 30},
    {"bluetooth", 31},  {"iucv", 32},    {"rxrpc", 33},   {"isdn", 34},     {"phonet", 35},
    {"ieee802154", 36}, {"caif", 37},    {"alg", 38},     {"nfc", 39},      {"vsock", 40},
    {"kcm", 41},        {"qipcrtr", 42}, {"smc", 43},     {"xdp", 44},      {"mctp", 45},
});

constexpr auto types = std::to_array<Number>({
    {"stream", 1},
    {"dgram", 2},
    {"raw", 3},
    {"rdm", 4},
    {"seqpacket", 5},
    {"dccp", 6},
    {"packet", 10},
});

// Of include/uapi/linux/netlink.h.
constexpr auto netlink_families = std::to_array<Number>({
    {"route", 0},          {"usersock", 2},    {"firewall", 3},        {"sock_diag", 4},
    {"nflog", 5},          {"xfrm", 6},        {"selinux", 7},         {"iscsi", 8},
    {"audit", 9},          {"fib_lookup", 10}, {"connector", 11},      {"netfilter", 12},
    {"ip6_fw", 13},        {"dnrtmsg", 14},    {"kobject_uevent", 15}, {"generic", 16},
    {"scsitransport", 18}, {"ecryptfs", 19},   {"rdma", 20},           {"crypto", 21},
    {"smc", 22},
});

constexpr std::uint8_t raw = 3;
constexpr std::uint16_t icmp = 1;
constexpr std::uint16_t mptcp = 262;

constexpr Socket tcp_sockets[] = {{ISOLATES_SOCK_STREAM, ISOLATES_IPPROTO_TCP},
                                  {ISOLATES_SOCK_STREAM, mptcp}};
constexpr Socket udp_sockets[] = {{ISOLATES_SOCK_DGRAM, ISOLATES_IPPROTO_UDP}};
constexpr Socket icmp_sockets[] = {{raw, icmp}, {ISOLATES_SOCK_DGRAM, icmp}};

constexpr std::array<std::string_view, 3> protocols = {"tcp", "udp", "icmp"};

template <std::size_t N>
std::optional<std::uint8_t> number_of(const std::array<Number, N>& table, std::string_view name) {
    const auto found = std::ranges::find(table, name, &Number::name);
    if (found == table.end()) return std::nullopt;
    return found->number;
}

template <std::size_t N>
std::vector<std::string_view> names_of(const std::array<Number, N>& table) {
    std::vector<std::string_view> names;
    for (const auto& entry : table) names.push_back(entry.name);
    return names;
}

// A decimal number and nothing else.
template <typename T>
std::optional<T> parse_number(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.begin(), text.end(), value);
    if (error != std::errc() || end != text.end()) return std::nullopt;
    return value;
}

}  // namespace

std::optional<std::uint8_t> family_number(std::string_view name) {
    return number_of(families, name);
}
std::optional<std::uint8_t> type_number(std::string_view name) {
    return number_of(types, name);
}

std::span<const Socket> protocol_sockets(std::string_view name, std::uint8_t family) {
    if (family != ISOLATES_AF_INET && family != ISOLATES_AF_INET6) return {};
    if (name == "tcp") return tcp_sockets;
    if (name == "udp") return udp_sockets;
    if (name == "icmp" && family == ISOLATES_AF_INET) return icmp_sockets;
    return {};
}

bool is_protocol(std::string_view name) {
    return std::ranges::find(protocols, name) != protocols.end();
}

std::optional<std::uint16_t> netlink_protocol(std::string_view name) {
    return number_of(netlink_families, name);
}

std::string_view netlink_protocol_name(std::uint16_t protocol) {
    for (const auto& family : netlink_families)
        if (family.number == protocol) return family.name;
    return {};
}

std::span<const std::string_view> family_names() {
    static const auto names = names_of(families);
    return names;
}

std::span<const std::string_view> type_names() {
    static const auto names = names_of(types);
    return names;
}

std::span<const std::string_view> protocol_names() {
    return protocols;
}

std::optional<model::Prefix> parse_prefix(std::string_view text) {
    const auto slash = text.find('/');
    const std::string address(text.substr(0, slash));
    model::Prefix prefix;
    if (::inet_pton(AF_INET, address.c_str(), prefix.address.data()) == 1) {
        prefix.kind = ISOLATES_ENDPOINT_INET;
        prefix.bits = 32;
    } else if (::inet_pton(AF_INET6, address.c_str(), prefix.address.data()) == 1) {
        prefix.kind = ISOLATES_ENDPOINT_INET6;
        prefix.bits = 128;
    } else {
        return std::nullopt;
    }
    if (slash == text.npos) return prefix;
    const auto bits = parse_number<std::uint32_t>(text.substr(slash + 1));
    if (!bits || *bits > prefix.bits) return std::nullopt;
    prefix.bits = *bits;
    return prefix;
}

bool has_stray_bits(const model::Prefix& prefix) {
    for (std::uint32_t bit = prefix.bits; bit < prefix.address.size() * 8; bit++)
        if (prefix.address[bit / 8] & (0x80u >> bit % 8)) return true;
    return false;
}

std::optional<model::PortRange> parse_ports(std::string_view text) {
    const auto dash = text.find('-');
    const auto first = parse_number<std::uint16_t>(text.substr(0, dash));
    const auto last =
        dash == text.npos ? first : parse_number<std::uint16_t>(text.substr(dash + 1));
    if (!first || !last || *first > *last) return std::nullopt;
    return model::PortRange{*first, *last};
}

}  // namespace isolates::sema
