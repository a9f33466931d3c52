// SPDX-License-Identifier: GPL-2.0-only
// What two sets of policies allow differently: the result of "ipolc diff".
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "decide/decide.hpp"
#include "sema/model.hpp"

namespace isolates::exact {

// Facts in words. @is_exact: it is about nothing else; else about this and more.
struct Pattern {
    std::string text;
    bool is_exact = true;
};

// Operations of one policy's class that the one side allows on some facts, and the
// other does not.
struct Change {
    bool is_allowed = false;  // by the new side
    isolates_class class_id = ISOLATES_CLASS_FILE;
    std::uint32_t operations = 0;       // mask of the class
    std::optional<model::Whose> whose;  // nothing: the class's objects have no owner
    std::vector<Pattern> patterns;      // one at least
    bool is_complete = true;            // nothing but the patterns is concerned
    std::string target;                 // of an exec, where it leads, if that is told
    std::string example;
};

// A system call or a limit that is allowed by one side, or a binding that is in force
// on one.
struct Item {
    bool is_allowed = false;  // by the new side; of a binding: it is gone
    std::string text;
};

struct PolicyChanges {
    std::string name;
    std::vector<Change> changes;
    std::vector<Item> modes;  // the new one, if only one side's lets rules deny at all
    std::vector<Item> syscalls;
    std::vector<Item> rlimits;
    std::vector<Item> bindings;

    [[nodiscard]] bool is_empty() const {
        return changes.empty() && modes.empty() && syscalls.empty() && rlimits.empty() &&
               bindings.empty();
    }
};

struct Comparison {
    std::vector<std::string> added;
    std::vector<std::string> removed;
    std::vector<PolicyChanges> changed;  // in the order of their names

    // What is denied by the old side alone. That is so too for a policy or a binding
    // that is gone: what it confined is confined no more.
    [[nodiscard]] bool allows_more() const;
};

// One side: a blob and, if it was compiled just now, what from. Both outlive this.
struct PolicySet {
    const decide::Blob* blob = nullptr;
    const model::Program* program = nullptr;
};

// Compares by what is decided, never by text. Fails, with a reason, if that takes too
// much for some policy.
[[nodiscard]] std::expected<Comparison, std::string> compare(const PolicySet& before,
                                                             const PolicySet& after);

}  // namespace isolates::exact
