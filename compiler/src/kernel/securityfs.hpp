// SPDX-License-Identifier: GPL-2.0-only
// The kernel's control files (lsm/control.c).
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core.hpp"
#include "kernel/descriptor.hpp"
#include "kernel/namespaces.hpp"
#include "kernel/processes.hpp"

namespace isolates::kernel {

// What the kernel refused: its errno, and that as one line for people.
struct Refusal {
    int error = 0;
    std::string reason;
};

template <typename T>
using Result = std::expected<T, Refusal>;

// A namespace that a policy is bound to.
struct BoundNamespace {
    std::string kind;
    std::uint32_t number = 0;
    bool on_exec = false;
};

// A policy in force.
struct LoadedPolicy {
    std::string name;
    std::string folder;  // its folder's name, from which "name" may differ
    std::string mode;
    std::string sha256;  // of the blob it came with
    std::vector<BoundNamespace> bindings;
};

// That a thread of a process is under a policy, or will be (lsm/tasks.c).
struct ConfinedTask {
    pid_t process = 0;
    pid_t thread = 0;  // the process's number: its first one
    std::string how;   // "resident", "visitor", "attached" or "pending"
    std::string policy;
};

// Reads what the kernel tells of decisions; see lsm/events.c.
class EventReader {
  public:
    explicit EventReader(Descriptor file) : file_(std::move(file)) {}

    // The lines that there are, without newlines: of those before the last end that it came to
    // none twice. Empty if there are no more.
    [[nodiscard]] Result<std::vector<std::string>> read();

    // Waits until there are more. A signal may end it early.
    [[nodiscard]] Result<void> wait() const;

  private:
    Descriptor file_;
};

class Securityfs {
  public:
    // Where the kernel's folder is, unless a test says otherwise.
    static constexpr std::string_view default_root = "/sys/kernel/security/isolates";

    // Refused if the folder is not there, the kernel speaks another version of the
    // format, or we may not read what it is.
    static Result<Securityfs> open(std::string root = std::string(default_root));

    // Publishes all policies of a verified blob, in one write.
    [[nodiscard]] Result<void> load(std::span<const std::byte> blob) const;

    // Takes a policy out of force; refused while a namespace or a task uses it, but
    // with "force".
    [[nodiscard]] Result<void> unload(const std::string& policy, bool force) const;

    // The same for many, each once, in the time that one takes: all or none. (Only of names
    // beyond a megabyte some may go, and others be refused.)
    [[nodiscard]] Result<void> unload(std::span<const std::string> policies, bool force) const;

    // Binds a namespace to a policy. That it is bound already is no refusal.
    // "host": also if it is an initial namespace of the system.
    // "on_exec": its tasks only by their next exec; one that is bound at once stays so.
    // Returns whether it was bound by this.
    [[nodiscard]] Result<bool> bind(const Namespace& where, const std::string& policy, bool host,
                                    bool on_exec) const;

    [[nodiscard]] Result<void> unbind(isolates_namespace kind, std::uint32_t number,
                                      const std::string& policy) const;

    // Puts a process under a policy, or takes that back. Attached already is no refusal.
    // Returns whether it was attached by this.
    [[nodiscard]] Result<bool> attach(const Process& process, const std::string& policy,
                                      bool on_exec) const;
    [[nodiscard]] Result<void> detach(const Process& process, const std::string& policy) const;

    // Events from the oldest that is kept on, or only new ones.
    [[nodiscard]] Result<EventReader> events(bool only_new) const;

    // All that are under a policy, by their numbers.
    [[nodiscard]] Result<std::vector<ConfinedTask>> tasks() const;

    // Changes the mode of a policy of list(), until it is replaced; "mode" as in list().
    [[nodiscard]] Result<void> set_mode(const LoadedPolicy& policy, std::string_view mode) const;

    // From now on the kernel refuses every change, until it is booted again.
    [[nodiscard]] Result<void> seal() const;

    // All policies in force, by name. One that goes while we look is left out.
    [[nodiscard]] Result<std::vector<LoadedPolicy>> list() const;

    // The blob that a policy of list() came with; it may hold other policies too.
    [[nodiscard]] Result<std::vector<std::byte>> blob(const LoadedPolicy& policy) const;

  private:
    explicit Securityfs(std::string root) : root_(std::move(root)) {}

    [[nodiscard]] Result<void> command(const std::string& file, const std::string& text) const;
    [[nodiscard]] Result<std::string> read(const std::string& file) const;

    std::string root_;
};

}  // namespace isolates::kernel
