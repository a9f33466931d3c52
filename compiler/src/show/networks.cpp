// SPDX-License-Identifier: GPL-2.0-only
// Network rules as text. For a socket that must be matched all rules that would match
// it are tried, the most general first: families and types, then addresses and ports,
// of which the longest prefix and the narrowest range are widened as far as may be.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <utility>

#include "exact/describe.hpp"
#include "sema/network_names.hpp"
#include "show/domains.hpp"
#include "show/rules.hpp"
#include "show/search.hpp"

namespace isolates::show {
namespace {

using model::EndpointCondition;
using Text = std::vector<std::uint8_t>;

constexpr std::size_t kSocketSize = 4;

// A rule, without what it does.
struct Socket {
    std::optional<std::uint8_t> family{};
    std::optional<std::uint8_t> type{};
    std::string_view protocol{};             // "tcp" and its like say the type too
    std::optional<std::uint16_t> netlink{};  // the family of netlink
    EndpointCondition local{};
    EndpointCondition peer{};
};

Element any_byte() {
    return {ByteSet::all(), false};
}

Element range(unsigned first, unsigned last) {
    return {ByteSet::range(first, last), false};
}

std::size_t size_of(std::uint8_t kind) {
    return kind == ISOLATES_ENDPOINT_NONE ? 0 : kind == ISOLATES_ENDPOINT_INET ? 4 : 16;
}

std::string_view name_of(std::span<const std::string_view> names, std::uint8_t number,
                         std::optional<std::uint8_t> (*number_of)(std::string_view)) {
    for (const std::string_view name : names)
        if (number_of(name) == number) return name;
    return {};
}

// ---- A rule as the byte strings that it matches

std::vector<Glob> ports_of(const model::PortRange& ports) {
    const unsigned first = ports.first >> 8, last = ports.last >> 8;
    const unsigned low = ports.first & 0xff, high = ports.last & 0xff;
    if (first == last) return {{range(first, first), range(low, high)}};
    std::vector<Glob> globs = {{range(first, first), range(low, 255)},
                               {range(last, last), range(0, high)}};
    if (first + 1 < last) globs.push_back({range(first + 1, last - 1), range(0, 255)});
    return globs;
}

std::vector<Glob> endpoints_of(const EndpointCondition& condition) {
    std::vector<Glob> globs;
    if (condition.is_any() || condition.is_none) globs.push_back({range(0, 0)});
    if (condition.is_none) return globs;
    for (const std::uint8_t kind : {ISOLATES_ENDPOINT_INET, ISOLATES_ENDPOINT_INET6}) {
        if (condition.prefix && condition.prefix->kind != kind) continue;
        Glob glob = {range(kind, kind)};
        for (std::size_t i = 0; i < size_of(kind); i++) {
            const std::size_t said = condition.prefix ? condition.prefix->bits : 0;
            const std::size_t bits = said - std::min(said, i * 8);
            const unsigned free = bits >= 8 ? 0 : 0xffu >> bits;
            const unsigned first = condition.prefix ? condition.prefix->address[i] & ~free : 0;
            glob.push_back(range(first, first | free));
        }
        for (const Glob& ports : ports_of(condition.ports.value_or(model::PortRange{}))) {
            globs.push_back(glob);
            globs.back().insert(globs.back().end(), ports.begin(), ports.end());
        }
    }
    return globs;
}

std::vector<Glob> product(const std::vector<Glob>& a, const std::vector<Glob>& b) {
    std::vector<Glob> all;
    for (const Glob& first : a)
        for (const Glob& second : b) {
            all.push_back(first);
            all.back().insert(all.back().end(), second.begin(), second.end());
        }
    return all;
}

std::vector<Glob> globs_of(const Socket& socket, std::uint32_t operation) {
    const Element family = socket.family ? range(*socket.family, *socket.family) : any_byte();
    std::vector<Glob> globs;
    if (socket.protocol.empty()) {
        const Element type = socket.type ? range(*socket.type, *socket.type) : any_byte();
        globs.push_back({family, type, any_byte(), any_byte()});
        if (socket.netlink) {
            globs.back()[2] = range(*socket.netlink >> 8, *socket.netlink >> 8);
            globs.back()[3] = range(*socket.netlink & 0xff, *socket.netlink & 0xff);
        }
    } else {
        for (const auto& one : sema::protocol_sockets(socket.protocol, *socket.family)) {
            const unsigned high = one.protocol >> 8, low = one.protocol & 0xff;
            globs.push_back(
                {family, range(one.type, one.type), range(high, high), range(low, low)});
        }
    }
    if (operation == ISOLATES_NETWORK_CREATE) return globs;
    std::vector<Glob> tails = endpoints_of(socket.local);
    if (operation & ISOLATES_NETWORK_PEER_OPS) tails = product(tails, endpoints_of(socket.peer));
    if (socket.local.is_any() && socket.peer.is_any()) tails.emplace_back();
    return product(globs, tails);
}

// ---- A rule as text

std::string conditions_of(const EndpointCondition& condition) {
    std::string text;
    if (condition.is_none) text += " ip=none";
    if (condition.prefix) {
        const bool is_inet = condition.prefix->kind == ISOLATES_ENDPOINT_INET;
        char address[INET6_ADDRSTRLEN] = "";
        ::inet_ntop(is_inet ? AF_INET : AF_INET6, condition.prefix->address.data(), address,
                    sizeof(address));
        text = fmt::format(" ip={}", address);
        if (condition.prefix->bits != (is_inet ? 32 : 128))
            text += fmt::format("/{}", condition.prefix->bits);
    }
    if (condition.ports) {
        text += fmt::format(" port={}", condition.ports->first);
        if (condition.ports->last != condition.ports->first)
            text += fmt::format("-{}", condition.ports->last);
    }
    return text;
}

std::string text_of(const Socket& socket) {
    std::string text;
    if (socket.family)
        text +=
            fmt::format(" {}", name_of(sema::family_names(), *socket.family, sema::family_number));
    if (!socket.protocol.empty())
        text += fmt::format(" {}", socket.protocol);
    else if (socket.type)
        text += fmt::format(" {}", name_of(sema::type_names(), *socket.type, sema::type_number));
    if (socket.netlink) text += fmt::format(" {}", sema::netlink_protocol_name(*socket.netlink));
    text += conditions_of(socket.local);
    if (!socket.peer.is_any())
        text += fmt::format(" peer=({})", conditions_of(socket.peer).substr(1));
    return text;
}

// ---- The search for rules about one operation

class SocketFinder {
  public:
    SocketFinder(const Language& language, std::uint32_t operation, Budget& budget)
        : language_(language), operation_(operation), budget_(budget) {}

    // The most general rule for a socket, as spelt; nothing if there is none.
    std::optional<Socket> find(const Text& text) {
        const auto sockets = sockets_of(text);
        for (const Socket& socket : sockets)
            if (is_good(socket)) return socket;
        if (text.size() == kSocketSize) return std::nullopt;
        for (Socket socket : sockets) {
            if (!socket.family ||
                (*socket.family != ISOLATES_AF_INET && *socket.family != ISOLATES_AF_INET6))
                continue;
            if (put_conditions(socket, text)) return socket;
        }
        return std::nullopt;
    }

  private:
    // Rules without conditions that match.
    [[nodiscard]] static std::vector<Socket> sockets_of(const Text& text) {
        const std::uint8_t family = text[0], type = text[1];
        const auto protocol = static_cast<std::uint16_t>(text[2] << 8 | text[3]);
        const bool has_family = !name_of(sema::family_names(), family, sema::family_number).empty();
        const bool has_type = !name_of(sema::type_names(), type, sema::type_number).empty();
        std::vector<Socket> sockets(1);
        if (has_family) sockets.push_back({.family = family});
        if (has_type) sockets.push_back({.type = type});
        if (has_family && has_type) sockets.push_back({.family = family, .type = type});
        if (family == AF_NETLINK && !sema::netlink_protocol_name(protocol).empty()) {
            sockets.push_back({.family = family, .netlink = protocol});
            if (has_type) sockets.push_back({.family = family, .type = type, .netlink = protocol});
        }
        for (const std::string_view name : sema::protocol_names())
            for (const auto& one : sema::protocol_sockets(name, family))
                if (one.type == type && one.protocol == protocol)
                    sockets.push_back({.family = family, .protocol = name});
        return sockets;
    }

    bool is_good(const Socket& socket) {
        for (const Glob& glob : globs_of(socket, operation_))
            if (!match(language_, {language_.start()}, glob, budget_).may) return false;
        return true;
    }

    bool put_conditions(Socket& socket, const Text& text) {
        std::size_t at = kSocketSize;
        const auto local = read(text, at);
        if (!(operation_ & ISOLATES_NETWORK_PEER_OPS)) {
            socket.local = local;
            return !local.is_any() && widen(socket, socket.local);
        }
        const auto peer = read(text, at);
        for (const bool has_local : {false, true}) {
            socket.local = has_local ? local : EndpointCondition{};
            socket.peer = peer;
            if (socket.local.is_any() && socket.peer.is_any()) continue;
            if (!widen(socket, socket.local)) continue;
            return widen(socket, socket.peer);
        }
        return false;
    }

    // The endpoint that is spelt at @at, and nothing else.
    static EndpointCondition read(const Text& text, std::size_t& at) {
        const std::uint8_t kind = text[at++];
        const std::size_t size = size_of(kind);
        if (!size) return {.prefix = {}, .ports = {}, .is_none = true};
        model::Prefix prefix{kind, {}, static_cast<std::uint32_t>(size * 8)};
        for (std::size_t i = 0; i < size; i++) prefix.address[i] = text[at++];
        const auto port = static_cast<std::uint16_t>(text[at] << 8 | text[at + 1]);
        at += 2;
        return {.prefix = prefix, .ports = model::PortRange{port, port}};
    }

    // Makes one of the socket's conditions as wide as may be; false if it is too wide
    // as it is.
    bool widen(Socket& socket, EndpointCondition& condition) {
        if (!is_good(socket)) return false;
        if (condition.is_any()) return true;
        if (condition.is_none) {
            condition.is_none = false;
            condition.is_none = !is_good(socket);
            return true;
        }
        // Whatever a range may not have, no wider one may: so bisect.
        model::PortRange& ports = *condition.ports;
        ports.first = least(0, ports.first, [&](unsigned first) {
            ports.first = static_cast<std::uint16_t>(first);
            return is_good(socket);
        });
        const unsigned last = ports.last;
        ports.last = static_cast<std::uint16_t>(65535 - least(0, 65535 - last, [&](unsigned less) {
                                                    ports.last =
                                                        static_cast<std::uint16_t>(65535 - less);
                                                    return is_good(socket);
                                                }));
        model::Prefix& prefix = *condition.prefix;
        prefix.bits = least(0, prefix.bits, [&](unsigned bits) {
            prefix.bits = bits;
            return is_good(socket);
        });
        for (std::uint32_t bit = prefix.bits; bit < 128; bit++)
            prefix.address[bit / 8] &= static_cast<std::uint8_t>(~(0x80u >> bit % 8));
        if (!ports.first && ports.last == 65535) condition.ports.reset();
        if (!prefix.bits) {
            const model::Prefix all = prefix;
            condition.prefix.reset();
            if (!is_good(socket)) condition.prefix = all;
        }
        return true;
    }

    // The least number from @low to @high that is good; @high is.
    template <typename IsGood>
    static std::uint16_t least(unsigned low, unsigned high, IsGood is_good_number) {
        while (low < high) {
            const unsigned middle = low + (high - low) / 2;
            if (is_good_number(middle))
                high = middle;
            else
                low = middle + 1;
        }
        return static_cast<std::uint16_t>(high);
    }

    const Language& language_;
    const std::uint32_t operation_;
    Budget& budget_;
};

// ---- All rules of a policy

class NetworkFinder {
  public:
    NetworkFinder(const isolates_view& view, const isolates_policy& policy, bool with_unix,
                  Budget& budget)
        : view_(view), policy_(policy), with_unix_(with_unix), budget_(budget) {}

    Lines run(bool is_open_by_flag) {
        const auto& rules = policy_.classes[ISOLATES_CLASS_NETWORK];
        if (!is_open_by_flag && rules.open) found_[{{}, ""}] |= rules.open;
        for (std::uint32_t i = 0; i < rules.automata.count; i++) {
            const Dfa dfa = expand(view_, view_.automata[rules.automata.first + i]);
            for (std::uint32_t rest = ISOLATES_NETWORK_OPS; rest; rest &= rest - 1)
                if (!find(dfa, rest & -rest))
                    return std::unexpected("the language has no words for some of them");
        }
        std::vector<Line> lines;
        for (const auto& [key, operations] : found_) {
            const auto& [kind, text] = key;
            std::string list;
            if (operations != ISOLATES_NETWORK_OPS)
                list = fmt::format(
                    " ({})",
                    fmt::join(exact::operation_names(ISOLATES_CLASS_NETWORK, operations), ", "));
            lines.push_back({kind, fmt::format("{}network{}{}{}", qualifiers(kind), list, text,
                                               error_condition(kind))});
        }
        return in_order(std::move(lines));
    }

  private:
    bool find(const Dfa& whole, std::uint32_t operation) {
        const auto domain = domain_of(ISOLATES_CLASS_NETWORK, operation, Nul::like_others);
        const std::span perms(view_.perms + policy_.perms.first, policy_.perms.count);
        const LabelSpace labels{perms.size()};
        const Dfa dfa =
            restrict_to(whole, *domain, labels.outside(), with_unix_ ? 0 : labels.of_apart(0));
        const AtomOptions atoms{.operations = operation,
                                .open = policy_.classes[ISOLATES_CLASS_NETWORK].open};
        for (Group& group : groups_of(view_, perms, labels_of(dfa, labels), atoms)) {
            if (!group.is_needed) continue;
            // What other rules imply need not be said.
            for (LabelId i = 0; i < perms.size(); i++)
                group.values[labels.of_apart(i)] = std::min(group.values[i], kMay);
            const Language language(relabel(dfa, group.values));
            SocketFinder finder(language, operation, budget_);
            const Maker make = [&](const Path&, const Text& text) {
                const auto socket = finder.find(text);
                if (!socket) return std::vector<Glob>{};
                found_[{group.kind, text_of(*socket)}] |= operation;
                return globs_of(*socket, operation);
            };
            if (!cover(language, ByteSet::all(), make, {}, budget_)) return false;
        }
        return true;
    }

    const isolates_view& view_;
    const isolates_policy& policy_;
    const bool with_unix_;
    Budget& budget_;
    std::map<std::pair<RuleKind, std::string>, std::uint32_t> found_;  // and the operations
};

}  // namespace

Lines show_networks(const isolates_view& view, const isolates_policy& policy, bool is_open_by_flag,
                    bool with_unix, Budget& budget) {
    return NetworkFinder(view, policy, with_unix, budget).run(is_open_by_flag);
}

}  // namespace isolates::show
