// SPDX-License-Identifier: GPL-2.0-only
#include "reference/decision_table.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string_view>

namespace isolates::reference {

namespace {

using Words = std::vector<std::string>;
using Names = std::map<std::string, std::uint32_t>;

// What is wrong with a line; caught where the line's number is known.
struct Wrong : std::runtime_error {
    using runtime_error::runtime_error;
};

const Names kFileOperations = {
    {"read", ISOLATES_FILE_READ},         {"write", ISOLATES_FILE_WRITE},
    {"append", ISOLATES_FILE_APPEND},     {"exec", ISOLATES_FILE_EXEC},
    {"mmap", ISOLATES_FILE_MMAP},         {"lock", ISOLATES_FILE_LOCK},
    {"link", ISOLATES_FILE_LINK},         {"create", ISOLATES_FILE_CREATE},
    {"unlink", ISOLATES_FILE_UNLINK},     {"mkdir", ISOLATES_FILE_MKDIR},
    {"rmdir", ISOLATES_FILE_RMDIR},       {"rename", ISOLATES_FILE_RENAME},
    {"symlink", ISOLATES_FILE_SYMLINK},   {"mknod", ISOLATES_FILE_MKNOD},
    {"chmod", ISOLATES_FILE_CHMOD},       {"chown", ISOLATES_FILE_CHOWN},
    {"truncate", ISOLATES_FILE_TRUNCATE}, {"chroot", ISOLATES_FILE_CHROOT},
    {"getattr", ISOLATES_FILE_GETATTR},   {"setxattr", ISOLATES_FILE_SETXATTR},
    {"ioctl", ISOLATES_FILE_IOCTL},
};
const Names kSignalOperations = {{"send", ISOLATES_SIGNAL_SEND},
                                 {"receive", ISOLATES_SIGNAL_RECEIVE}};
const Names kNetworkOperations = {
    {"create", ISOLATES_NETWORK_CREATE},   {"bind", ISOLATES_NETWORK_BIND},
    {"connect", ISOLATES_NETWORK_CONNECT}, {"listen", ISOLATES_NETWORK_LISTEN},
    {"accept", ISOLATES_NETWORK_ACCEPT},   {"send", ISOLATES_NETWORK_SEND},
    {"receive", ISOLATES_NETWORK_RECEIVE}, {"shutdown", ISOLATES_NETWORK_SHUTDOWN},
    {"getattr", ISOLATES_NETWORK_GETATTR}, {"setattr", ISOLATES_NETWORK_SETATTR},
    {"getopt", ISOLATES_NETWORK_GETOPT},   {"setopt", ISOLATES_NETWORK_SETOPT}};
const Names kMountOperations = {{"mount", ISOLATES_MOUNT_MOUNT},
                                {"umount", ISOLATES_MOUNT_UMOUNT},
                                {"bind", ISOLATES_MOUNT_BIND},
                                {"move", ISOLATES_MOUNT_MOVE},
                                {"remount", ISOLATES_MOUNT_REMOUNT},
                                {"propagate", ISOLATES_MOUNT_PROPAGATE},
                                {"pivot_root", ISOLATES_MOUNT_PIVOT_ROOT}};
const Names kCapabilities = {{"chown", 0},
                             {"dac_override", 1},
                             {"dac_read_search", 2},
                             {"fowner", 3},
                             {"fsetid", 4},
                             {"kill", 5},
                             {"setgid", 6},
                             {"setuid", 7},
                             {"setpcap", 8},
                             {"linux_immutable", 9},
                             {"net_bind_service", 10},
                             {"net_broadcast", 11},
                             {"net_admin", 12},
                             {"net_raw", 13},
                             {"ipc_lock", 14},
                             {"ipc_owner", 15},
                             {"sys_module", 16},
                             {"sys_rawio", 17},
                             {"sys_chroot", 18},
                             {"sys_ptrace", 19},
                             {"sys_pacct", 20},
                             {"sys_admin", 21},
                             {"sys_boot", 22},
                             {"sys_nice", 23},
                             {"sys_resource", 24},
                             {"sys_time", 25},
                             {"sys_tty_config", 26},
                             {"mknod", 27},
                             {"lease", 28},
                             {"audit_write", 29},
                             {"audit_control", 30},
                             {"setfcap", 31},
                             {"mac_override", 32},
                             {"mac_admin", 33},
                             {"syslog", 34},
                             {"wake_alarm", 35},
                             {"block_suspend", 36},
                             {"audit_read", 37},
                             {"perfmon", 38},
                             {"bpf", 39},
                             {"checkpoint_restore", 40}};
const Names kPtraceOperations = {{"trace", ISOLATES_PTRACE_TRACE},
                                 {"read", ISOLATES_PTRACE_READ},
                                 {"tracedby", ISOLATES_PTRACE_TRACEDBY},
                                 {"readby", ISOLATES_PTRACE_READBY}};
const Names kNamespaceOperations = {{"create", ISOLATES_NAMESPACE_CREATE},
                                    {"enter", ISOLATES_NAMESPACE_ENTER}};
const Names kNamespaces = {{"cgroup", 0}, {"ipc", 1},  {"mnt", 2},  {"net", 3},
                           {"pid", 4},    {"time", 5}, {"user", 6}, {"uts", 7}};
const Names kIoUringOperations = {{"sqpoll", ISOLATES_IO_URING_SQPOLL},
                                  {"override_creds", ISOLATES_IO_URING_OVERRIDE_CREDS},
                                  {"cmd", ISOLATES_IO_URING_CMD}};
const Names kSignals = {{"exists", 0}, {"hup", 1},   {"int", 2},   {"kill", 9}, {"usr1", 10},
                        {"usr2", 12},  {"term", 15}, {"cont", 18}, {"stop", 19}};
const Names kFamilies = {{"unix", 1}, {"inet", 2}, {"inet6", 10}, {"netlink", 16}, {"packet", 17}};
const Names kTypes = {{"stream", 1}, {"dgram", 2}, {"raw", 3}, {"seqpacket", 5}};
const Names kErrors = {
    {"EPERM", EPERM}, {"ENOENT", ENOENT}, {"EIO", EIO},       {"EACCES", EACCES},
    {"EBUSY", EBUSY}, {"EROFS", EROFS},   {"ENOSYS", ENOSYS}, {"ECONNABORTED", ECONNABORTED}};

std::uint32_t look_up(const Names& names, const std::string& name) {
    const auto found = names.find(name);
    if (found == names.end()) throw Wrong("unknown word " + name);
    return found->second;
}

std::uint32_t number(const std::string& word, std::uint32_t most) {
    std::size_t length = 0;
    const unsigned long value = std::stoul(word, &length);
    if (length != word.size() || value > most) throw Wrong("not a number here: " + word);
    return static_cast<std::uint32_t>(value);
}

bool is_number(const std::string& word) {
    return !word.empty() && std::ranges::all_of(word, [](char c) { return c >= '0' && c <= '9'; });
}

// The words of a line, taken from the front.
class Reader {
  public:
    explicit Reader(Words words) : words_(std::move(words)) {}

    [[nodiscard]] bool is_at_end() const { return at_ == words_.size(); }
    std::string next() {
        if (is_at_end()) throw Wrong("a word is missing");
        return words_[at_++];
    }
    [[nodiscard]] bool is_next(std::string_view word) const {
        return !is_at_end() && words_[at_] == word;
    }
    // The next word, if it is @word.
    bool take(std::string_view word) {
        if (is_at_end() || words_[at_] != word) return false;
        at_++;
        return true;
    }
    // What is behind @prefix in the next word, if it begins so.
    std::optional<std::string> take_value(std::string_view prefix) {
        if (is_at_end() || !words_[at_].starts_with(prefix)) return std::nullopt;
        return words_[at_++].substr(prefix.size());
    }

  private:
    Words words_;
    std::size_t at_ = 0;
};

decide::FileFacts read_file(Reader& reader) {
    decide::FileFacts facts;
    std::istringstream operations(reader.next());
    for (std::string name; std::getline(operations, name, ',');)
        facts.operations |= look_up(kFileOperations, name);
    facts.path = reader.next();
    if (!facts.path.starts_with('/')) throw Wrong("not a path: " + facts.path);
    facts.owner = !reader.take("other");
    if (facts.owner) reader.take("owner");
    facts.directory = reader.take("dir");
    return facts;
}

decide::SignalFacts read_signal(Reader& reader) {
    decide::SignalFacts facts;
    facts.operations = look_up(kSignalOperations, reader.next());
    const std::string signal = reader.next();
    facts.number = static_cast<std::uint8_t>(is_number(signal) ? number(signal, 64)
                                                               : look_up(kSignals, signal));
    if (auto peer = reader.take_value("peer=")) facts.peer = *peer;
    return facts;
}

isolates_endpoint endpoint(const std::string& address, const std::string& port) {
    isolates_endpoint made{};
    made.port = static_cast<std::uint16_t>(number(port, 65535));
    if (::inet_pton(AF_INET, address.c_str(), made.address) == 1)
        made.kind = ISOLATES_ENDPOINT_INET;
    else if (::inet_pton(AF_INET6, address.c_str(), made.address) == 1)
        made.kind = ISOLATES_ENDPOINT_INET6;
    else
        throw Wrong("not an address: " + address);
    return made;
}

// The end of a socket that nobody has bound: what the kernel's hooks say of it.
isolates_endpoint unbound(std::uint32_t family) {
    isolates_endpoint made{};
    if (family == ISOLATES_AF_INET) made.kind = ISOLATES_ENDPOINT_INET;
    if (family == ISOLATES_AF_INET6) made.kind = ISOLATES_ENDPOINT_INET6;
    return made;
}

decide::NetworkFacts read_network(Reader& reader) {
    decide::NetworkFacts facts;
    facts.operations = look_up(kNetworkOperations, reader.next());
    facts.family = look_up(kFamilies, reader.next());
    facts.type = look_up(kTypes, reader.next());
    facts.protocol = number(reader.next(), 65535);
    if (facts.operations == ISOLATES_NETWORK_CREATE) return facts;

    isolates_endpoint named{};
    if (facts.family == ISOLATES_AF_INET || facts.family == ISOLATES_AF_INET6) {
        const std::string address = reader.next();
        named = endpoint(address, reader.next());
    }
    if (!(facts.operations & ISOLATES_NETWORK_PEER_OPS)) {
        facts.local = named;
        return facts;
    }
    facts.peer = named;
    facts.local = unbound(facts.family);
    if (auto local = reader.take_value("local=")) facts.local = endpoint(*local, reader.next());
    return facts;
}

SyscallFacts read_syscall(Reader& reader) {
    SyscallFacts facts{reader.next(), {}};
    for (std::size_t i = 0; i < facts.arguments.size() && !reader.is_next("->"); i++)
        facts.arguments[i] = std::stoull(reader.next(), nullptr, 0);
    return facts;
}

decide::PtraceFacts read_ptrace(Reader& reader) {
    decide::PtraceFacts facts;
    facts.operations = look_up(kPtraceOperations, reader.next());
    if (auto peer = reader.take_value("peer=")) facts.peer = *peer;
    return facts;
}

decide::NamespaceFacts read_namespace(Reader& reader) {
    decide::NamespaceFacts facts;
    facts.operations = look_up(kNamespaceOperations, reader.next());
    facts.kind = static_cast<isolates_namespace>(look_up(kNamespaces, reader.next()));
    return facts;
}

decide::IoUringFacts read_io_uring(Reader& reader) {
    decide::IoUringFacts facts;
    facts.operations = look_up(kIoUringOperations, reader.next());
    if (auto peer = reader.take_value("label=")) facts.peer = *peer;
    return facts;
}

// Without any words only that it happens.
decide::MountFacts read_mount(Reader& reader, std::uint32_t operation) {
    decide::MountFacts facts;
    facts.operations = operation;
    if (reader.is_next("->")) return facts;
    facts.is_known = true;
    if (auto flags = reader.take_value("flags="))
        facts.flags = static_cast<std::uint32_t>(std::stoul(*flags, nullptr, 0));
    if (auto type = reader.take_value("fstype=")) facts.fstype = *type;
    if (auto source = reader.take_value("source=")) facts.source = *source;
    facts.target = reader.next();
    return facts;
}

decide::UnixFacts read_unix(Reader& reader) {
    decide::UnixFacts facts;
    facts.operations = look_up(kNetworkOperations, reader.next());
    facts.type = static_cast<std::uint8_t>(look_up(kTypes, reader.next()));
    if (auto address = reader.take_value("addr=")) facts.local = *address;
    if (!(facts.operations & ISOLATES_NETWORK_PEER_OPS)) return facts;
    facts.label = ISOLATES_UNCONFINED;
    if (auto address = reader.take_value("peer=")) facts.peer = *address;
    if (auto label = reader.take_value("label=")) facts.label = *label;
    return facts;
}

decide::LinkFacts read_link(Reader& reader) {
    decide::LinkFacts facts{ISOLATES_LINK_LINK, reader.next(), reader.next(), true};
    facts.owner = !reader.take("other");
    if (reader.take("more")) facts.operations |= ISOLATES_LINK_MORE;
    return facts;
}

decide::ChangeFacts read_change(Reader& reader) {
    decide::ChangeFacts facts{ISOLATES_CHANGE_PROFILE_NOW, {}, reader.next()};
    if (auto program = reader.take_value("exec=")) {
        facts.operations = ISOLATES_CHANGE_PROFILE_ONEXEC;
        facts.program = *program;
    }
    return facts;
}

Decision read_decision(Reader reader) {
    Decision decision;
    decision.host_only = reader.take("host-only");
    const std::string subject = reader.next();
    if (subject == "file")
        decision.facts = read_file(reader);
    else if (subject == "link")
        decision.facts = read_link(reader);
    else if (subject == "signal")
        decision.facts = read_signal(reader);
    else if (subject == "network")
        decision.facts = read_network(reader);
    else if (subject == "capability")
        decision.facts = decide::CapabilityFacts{
            ISOLATES_CAPABILITY_USE,
            static_cast<std::uint8_t>(look_up(kCapabilities, reader.next()))};
    else if (subject == "ptrace")
        decision.facts = read_ptrace(reader);
    else if (subject == "namespace")
        decision.facts = read_namespace(reader);
    else if (subject == "io_uring")
        decision.facts = read_io_uring(reader);
    else if (subject == "unix")
        decision.facts = read_unix(reader);
    else if (subject == "change_profile")
        decision.facts = read_change(reader);
    else if (subject == "syscall")
        decision.facts = read_syscall(reader);
    else
        decision.facts = read_mount(reader, look_up(kMountOperations, subject));

    if (!reader.take("->")) throw Wrong("\"->\" is missing");
    if (!reader.take("allow")) {
        if (!reader.take("deny")) throw Wrong("neither allow nor deny");
        decision.error = look_up(kErrors, reader.next());
    }
    if (!reader.is_at_end()) throw Wrong("unexpected word " + reader.next());
    return decision;
}

Words words_of(const std::string& line) {
    std::istringstream stream(line);
    Words words;
    for (std::string word; stream >> word;) words.push_back(word);
    return words;
}

}  // namespace

std::expected<DecisionTable, std::string> read_decision_table(const std::string& path) {
    std::ifstream file(path);
    DecisionTable table;
    bool in_policy = false;
    std::size_t number = 0;
    for (std::string line; std::getline(file, line);) {
        number++;
        if (line == "policy {{{" && table.policy.empty()) {
            in_policy = true;
        } else if (line == "}}}" && in_policy) {
            in_policy = false;
        } else if (in_policy) {
            table.policy += line + '\n';
        } else if (!words_of(line).empty() && line[0] != '#') {
            try {
                Decision decision = read_decision(Reader(words_of(line)));
                decision.line = number;
                decision.text = line;
                table.decisions.push_back(std::move(decision));
            } catch (const std::exception& wrong) {
                return std::unexpected(fmt::format("{}:{}: {}", path, number, wrong.what()));
            }
        }
    }
    if (in_policy || table.policy.empty() || table.decisions.empty())
        return std::unexpected(path + ": no table");
    return table;
}

}  // namespace isolates::reference
