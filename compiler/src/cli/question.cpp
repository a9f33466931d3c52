// SPDX-License-Identifier: GPL-2.0-only
#include "cli/question.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "diag/suggest.hpp"
#include "sema/capability_names.hpp"
#include "sema/file_operations.hpp"
#include "sema/mount_options.hpp"
#include "sema/namespace_kinds.hpp"
#include "sema/network_names.hpp"
#include "sema/signal_names.hpp"
#include "sema/syscall_arguments.hpp"
#include "sema/syscall_conditions.hpp"
#include "sema/syscall_names.hpp"

namespace isolates::cli {
namespace {

using Words = std::vector<std::string>;
using Answer = std::expected<Question, std::string>;

std::unexpected<std::string> unknown(std::string_view what, std::string_view word,
                                     std::span<const std::string_view> names) {
    const auto hint = diag::did_you_mean(word, names);
    return std::unexpected(
        fmt::format("unknown {} '{}'{}{}", what, word, hint.empty() ? "" : "; ", hint));
}

std::unexpected<std::string> unexpected_word(std::string_view word) {
    return std::unexpected(fmt::format("unexpected '{}'", word));
}

// "read", "read,write", or letters as in a rule; 0 if any is none of them.
std::uint32_t file_operations(std::string_view text) {
    std::uint32_t operations = 0;
    for (std::string_view rest = text; !rest.empty();) {
        const auto end = std::min(rest.find(','), rest.size());
        const auto operation = sema::file_operation(rest.substr(0, end));
        if (!operation) {
            operations = 0;
            break;
        }
        operations |= *operation;
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    if (operations) return operations;
    for (const char letter : text) {
        const auto bits = sema::file_letter(letter);
        if (!bits) return 0;
        operations |= bits;
    }
    return operations;
}

// A new name for a file, by both.
Answer ask_link(const Words& words) {
    decide::LinkFacts facts;
    facts.operations = ISOLATES_LINK_LINK;
    facts.name = words[1];
    facts.file = words[2];
    if (!facts.name.starts_with('/'))
        return std::unexpected(fmt::format("'{}' is no path: it begins with '/'", facts.name));
    if (words.size() > 3 && words[3] != "owner" && words[3] != "other")
        return unexpected_word(words[3]);
    if (words.size() > 4) return unexpected_word(words[4]);
    facts.owner = words.size() > 3 && words[3] == "owner";
    return facts;
}

Answer ask_file(const Words& words) {
    decide::FileFacts facts;
    facts.operations = file_operations(words[0]);
    if (!facts.operations) return unknown("operation", words[0], sema::file_operation_names());
    if (facts.operations == ISOLATES_FILE_LINK && words.size() > 2 && words[2].starts_with('/'))
        return ask_link(words);
    if (words.size() < 2) return std::unexpected(std::string("a path is missing"));
    facts.path = words[1];
    if (!facts.path.starts_with('/'))
        return std::unexpected(fmt::format("'{}' is no path: it begins with '/'", facts.path));
    if (words.size() > 2 && words[2] != "owner" && words[2] != "other")
        return unexpected_word(words[2]);
    if (words.size() > 3) return unexpected_word(words[3]);
    facts.owner = words.size() > 2 && words[2] == "owner";
    return facts;
}

Answer ask_signal(const Words& words) {
    static constexpr std::array<std::string_view, 2> operations = {"send", "receive"};
    if (words.size() < 3)
        return std::unexpected(std::string("write signal send|receive SIGNAL [peer=POLICY]"));
    decide::SignalFacts facts;
    if (words[1] == "send")
        facts.operations = ISOLATES_SIGNAL_SEND;
    else if (words[1] == "receive")
        facts.operations = ISOLATES_SIGNAL_RECEIVE;
    else
        return unknown("operation", words[1], operations);
    const auto number = sema::signal_number(words[2]);
    if (!number) return unknown("signal", words[2], sema::signal_names());
    facts.number = *number;
    constexpr std::string_view peer = "peer=";
    if (words.size() > 3) {
        if (!words[3].starts_with(peer)) return unexpected_word(words[3]);
        facts.peer = words[3].substr(peer.size());
    }
    if (words.size() > 4) return unexpected_word(words[4]);
    return facts;
}

// "10.0.0.1:80", "[fd00::1]:80".
std::optional<isolates_endpoint> parse_endpoint(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == text.npos) return std::nullopt;
    auto address = text.substr(0, colon);
    if (address.starts_with('[') && address.ends_with(']'))
        address = address.substr(1, address.size() - 2);
    const auto prefix = sema::parse_prefix(address);
    const auto ports = sema::parse_ports(text.substr(colon + 1));
    if (!prefix || address.contains('/') || !ports || ports->first != ports->last)
        return std::nullopt;
    isolates_endpoint endpoint{};
    endpoint.kind = prefix->kind;
    std::ranges::copy(prefix->address, endpoint.address);
    endpoint.port = ports->first;
    return endpoint;
}

// An endpoint that nobody chose, as the kernel's hooks see it.
isolates_endpoint unchosen(std::uint32_t family) {
    isolates_endpoint endpoint{};
    if (family == ISOLATES_AF_INET) endpoint.kind = ISOLATES_ENDPOINT_INET;
    if (family == ISOLATES_AF_INET6) endpoint.kind = ISOLATES_ENDPOINT_INET6;
    return endpoint;
}

std::optional<std::string> read_type(const std::string& word, decide::NetworkFacts& facts) {
    if (const auto type = sema::type_number(word)) {
        facts.type = *type;
        return std::nullopt;
    }
    const auto sockets = sema::protocol_sockets(word, static_cast<std::uint8_t>(facts.family));
    if (sockets.empty()) return unknown("type or protocol", word, sema::type_names()).error();
    facts.type = sockets.front().type;
    facts.protocol = sockets.front().protocol;
    return std::nullopt;
}

// The endpoints among the words behind the socket's.
std::optional<std::string> read_endpoints(const Words& words, decide::NetworkFacts& facts) {
    constexpr std::string_view local = "local=";
    const bool connects = facts.operations & ISOLATES_NETWORK_PEER_OPS;
    std::optional<isolates_endpoint> address;
    for (std::size_t i = 4; i < words.size(); i++) {
        const bool is_local = connects && words[i].starts_with(local);
        const auto text = std::string_view(words[i]).substr(is_local ? local.size() : 0);
        auto& target = is_local ? facts.local : address;
        if (target || facts.operations == ISOLATES_NETWORK_CREATE)
            return unexpected_word(words[i]).error();
        target = parse_endpoint(text);
        if (!target) return fmt::format("'{}' is no ADDRESS:PORT", text);
    }
    if (facts.operations == ISOLATES_NETWORK_CREATE) return std::nullopt;
    const bool has_addresses =
        facts.family == ISOLATES_AF_INET || facts.family == ISOLATES_AF_INET6;
    if (has_addresses && !address) return std::string("ADDRESS:PORT is missing");
    if (!has_addresses && address)
        return std::string("only inet and inet6 have addresses that rules know");

    // The traffic of an IPv6 socket to an IPv4 address is IPv4's.
    if (address && address->kind == ISOLATES_ENDPOINT_INET) facts.family = ISOLATES_AF_INET;
    if (address && address->kind == ISOLATES_ENDPOINT_INET6 && facts.family == ISOLATES_AF_INET)
        return std::string("the address is of another family");
    if (!address) address = unchosen(facts.family);
    if (!connects) {
        facts.local = address;
        return std::nullopt;
    }
    facts.peer = address;
    if (!facts.local) facts.local = unchosen(facts.family);
    return std::nullopt;
}

// By bit.
constexpr auto socket_operations = std::to_array<std::string_view>(
    {"create", "bind", "connect", "listen", "accept", "send", "receive", "shutdown", "getattr",
     "setattr", "getopt", "setopt"});

Answer ask_network(const Words& words) {
    if (words.size() < 4)
        return std::unexpected(
            std::string("write network create|bind|connect|... FAMILY TYPE [ADDRESS:PORT]"));
    decide::NetworkFacts facts;
    const auto operation = std::ranges::find(socket_operations, words[1]);
    if (operation == socket_operations.end())
        return unknown("operation", words[1], socket_operations);
    facts.operations = 1u << (operation - socket_operations.begin());
    const auto family = sema::family_number(words[2]);
    if (!family) return unknown("network family", words[2], sema::family_names());
    facts.family = *family;
    if (auto reason = read_type(words[3], facts)) return std::unexpected(std::move(*reason));
    if (auto reason = read_endpoints(words, facts)) return std::unexpected(std::move(*reason));
    return facts;
}

Answer ask_syscall(const Words& words) {
    if (words.size() < 2)
        return std::unexpected(std::string("the name of a system call is missing"));
    if (!sema::is_syscall(words[1])) return unknown("system call", words[1], sema::syscall_names());
    SyscallFacts facts{words[1], {}};
    if (words.size() > 2 + facts.arguments.size()) return unexpected_word(words.back());
    for (std::size_t i = 2; i < words.size(); i++) {
        const auto value = sema::argument_value(words[i]);
        if (!value) return unknown("constant", words[i], sema::syscall_constant_names());
        facts.arguments[i - 2] = *value;
    }
    return facts;
}

Answer ask_capability(const Words& words) {
    if (words.size() < 2)
        return std::unexpected(std::string("the name of a capability is missing"));
    if (words.size() > 2) return unexpected_word(words[2]);
    const auto number = sema::capability_number(words[1]);
    if (!number) return unknown("capability", words[1], sema::capability_names());
    return decide::CapabilityFacts{ISOLATES_CAPABILITY_USE, *number};
}

// The operation that a word names, by the bits of the names' order.
std::expected<std::uint32_t, std::string> operation_of(const Words& words,
                                                       std::span<const std::string_view> names) {
    if (words.size() < 2) return std::unexpected(std::string("an operation is missing"));
    const auto found = std::ranges::find(names, words[1]);
    if (found == names.end()) return unknown("operation", words[1], names);
    return 1u << (found - names.begin());
}

// "KEY=POLICY" in the third place, if there is any.
std::optional<std::string> read_peer(const Words& words, std::string_view key, std::string& peer) {
    if (words.size() > 3) return unexpected_word(words[3]).error();
    if (words.size() < 3) return std::nullopt;
    if (!words[2].starts_with(key)) return unexpected_word(words[2]).error();
    peer = words[2].substr(key.size());
    return std::nullopt;
}

Answer ask_ptrace(const Words& words) {
    static constexpr std::array<std::string_view, 4> operations = {"trace", "read", "tracedby",
                                                                   "readby"};
    const auto operation = operation_of(words, operations);
    if (!operation) return std::unexpected(operation.error());
    decide::PtraceFacts facts{*operation};
    if (auto reason = read_peer(words, "peer=", facts.peer))
        return std::unexpected(std::move(*reason));
    return facts;
}

Answer ask_io_uring(const Words& words) {
    static constexpr std::array<std::string_view, 3> operations = {"sqpoll", "override_creds",
                                                                   "cmd"};
    const auto operation = operation_of(words, operations);
    if (!operation) return std::unexpected(operation.error());
    decide::IoUringFacts facts{*operation, {}};
    if (auto reason = read_peer(words, "label=", facts.peer))
        return std::unexpected(std::move(*reason));
    return facts;
}

Answer ask_namespace(const Words& words) {
    static constexpr std::array<std::string_view, 2> operations = {"create", "enter"};
    const auto operation = operation_of(words, operations);
    if (!operation) return std::unexpected(operation.error());
    if (words.size() < 3) return std::unexpected(std::string("a kind of namespace is missing"));
    if (words.size() > 3) return unexpected_word(words[3]);
    const auto kind = sema::namespace_kind(words[2]);
    if (!kind) return unknown("kind of namespace", words[2], sema::namespace_kinds());
    return decide::NamespaceFacts{*operation, *kind};
}

Answer ask_unix(const Words& words) {
    const auto operation = operation_of(words, socket_operations);
    if (!operation) return std::unexpected(operation.error());
    if (words.size() < 3) return std::unexpected(std::string("a type of socket is missing"));
    const auto type = sema::type_number(words[2]);
    if (!type) return unknown("type", words[2], sema::type_names());
    decide::UnixFacts facts{*operation, *type, {}, {}, {}};
    if (*operation & ISOLATES_NETWORK_PEER_OPS) facts.label = ISOLATES_UNCONFINED;
    constexpr std::string_view peer = "peer=", label = "label=";
    for (std::size_t i = 3; i < words.size(); i++) {
        if (words[i].starts_with(peer))
            facts.peer = words[i].substr(peer.size());
        else if (words[i].starts_with(label))
            facts.label = words[i].substr(label.size());
        else if (i == 3)
            facts.local = words[i];
        else
            return unexpected_word(words[i]);
    }
    return facts;
}

Answer ask_change(const Words& words) {
    if (words.size() < 2) return std::unexpected(std::string("the name of a policy is missing"));
    if (words.size() > 3) return unexpected_word(words[3]);
    decide::ChangeFacts facts{ISOLATES_CHANGE_PROFILE_NOW, {}, words[1]};
    if (words.size() > 2) {
        facts.operations = ISOLATES_CHANGE_PROFILE_ONEXEC;
        facts.program = words[2];
    }
    return facts;
}

// The operation that the options make of mount(2), in the order of its commands.
std::uint32_t mount_operation(std::uint32_t flags) {
    if (flags & ISOLATES_MS_REMOUNT) return ISOLATES_MOUNT_REMOUNT;
    if (flags & ISOLATES_MS_BIND) return ISOLATES_MOUNT_BIND;
    if (flags & ISOLATES_MS_TYPES) return ISOLATES_MOUNT_PROPAGATE;
    return flags & ISOLATES_MS_MOVE ? ISOLATES_MOUNT_MOVE : ISOLATES_MOUNT_MOUNT;
}

std::optional<std::string> read_options(std::string_view text, decide::MountFacts& facts) {
    while (!text.empty()) {
        const auto end = std::min(text.find(','), text.size());
        const auto option = sema::mount_option(text.substr(0, end));
        if (!option)
            return unknown("mount option", text.substr(0, end), sema::mount_option_names()).error();
        facts.flags |= option->set;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return std::nullopt;
}

Answer ask_mount(const Words& words) {
    decide::MountFacts facts;
    facts.is_known = words.size() > 1;
    constexpr std::string_view type = "fstype=", options = "options=";
    Words paths;
    for (std::size_t i = 1; i < words.size(); i++) {
        if (words[i].starts_with(type))
            facts.fstype = words[i].substr(type.size());
        else if (words[i].starts_with(options)) {
            if (auto reason =
                    read_options(std::string_view(words[i]).substr(options.size()), facts))
                return std::unexpected(std::move(*reason));
        } else
            paths.push_back(words[i]);
    }
    const bool is_mount = words[0] == "mount";
    if (words[0] == "remount") facts.flags |= ISOLATES_MS_REMOUNT;
    if (words[0] == "umount")
        facts.operations = ISOLATES_MOUNT_UMOUNT;
    else if (words[0] == "pivot_root")
        facts.operations = ISOLATES_MOUNT_PIVOT_ROOT;
    else
        facts.operations = mount_operation(facts.flags);
    if (!facts.is_known) return facts;

    constexpr std::uint32_t with_source = ISOLATES_MOUNT_MOUNT | ISOLATES_MOUNT_BIND |
                                          ISOLATES_MOUNT_MOVE | ISOLATES_MOUNT_PIVOT_ROOT;
    const std::size_t wanted = facts.operations & with_source ? 2 : 1;
    if (paths.size() > wanted) return unexpected_word(paths[wanted]);
    if (paths.size() < wanted) return std::unexpected(std::string("a path is missing"));
    facts.target = is_mount ? paths.back() : paths.front();
    if (wanted == 2) facts.source = is_mount ? paths.front() : paths.back();
    return facts;
}

}  // namespace

std::expected<Question, std::string> parse_question(const std::vector<std::string>& words) {
    if (words.empty()) return std::unexpected(std::string("an operation is missing"));
    const auto& first = words.front();
    if (first == "signal") return ask_signal(words);
    if (first == "network") return ask_network(words);
    if (first == "capability") return ask_capability(words);
    if (first == "ptrace") return ask_ptrace(words);
    if (first == "namespace") return ask_namespace(words);
    if (first == "io_uring") return ask_io_uring(words);
    if (first == "unix") return ask_unix(words);
    if (first == "change_profile") return ask_change(words);
    if (first == "syscall") return ask_syscall(words);
    if (first == "mount" || first == "remount" || first == "umount" || first == "pivot_root")
        return ask_mount(words);
    if (first == "file" && words.size() > 1) return ask_file(Words(words.begin() + 1, words.end()));
    return ask_file(words);
}

}  // namespace isolates::cli
