// SPDX-License-Identifier: GPL-2.0-only
// The rules of one class of a policy, found in its automata.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "show/atoms.hpp"
#include "show/language.hpp"

namespace isolates::show {

// A rule: the glob is over the bytes of the facts.
struct Rule {
    RuleKind kind;
    automata::MaskPair operations{};  // those that it must be about
    automata::MaskPair more{};        // and those that it may be about as well
    Glob glob;
};

// What a class is like.
struct ClassShape {
    isolates_class class_id = ISOLATES_CLASS_FILE;
    AtomOptions atoms;
    std::size_t first_loop = 0;  // no "*" stands before this byte
};

// Finds rules that decide as the automata of @policy's class do, each glob once for
// each kind of rule. Fails if that takes more than @budget.
[[nodiscard]] std::expected<std::vector<Rule>, std::string> find_rules(
    const isolates_view& view, const isolates_policy& policy, const ClassShape& shape,
    Budget& budget);

// Which labels the automaton has.
[[nodiscard]] std::vector<bool> labels_of(const Dfa& dfa, LabelSpace labels);

// What stands before a rule: "audit deny owner ".
[[nodiscard]] std::string qualifiers(const RuleKind& kind);
// What stands behind it: " errno=EIO".
[[nodiscard]] std::string error_condition(const RuleKind& kind);

// A rule as text, without what goes around all of them.
struct Line {
    RuleKind kind;
    std::string text;
};

// In the order in which they are written: first what is allowed, by text; then what is
// denied; last what is denied with an errno, in the order that decides which.
[[nodiscard]] std::vector<std::string> in_order(std::vector<Line> lines);

using Lines = std::expected<std::vector<std::string>, std::string>;

using FoundLines = std::expected<std::vector<Line>, std::string>;

// The rules of one class as text. What the policy leaves open gets rules too, unless
// @is_open_by_flag says that it need not be told.
// @found: what the lines are made of.
[[nodiscard]] FoundLines show_files(const isolates_view& view, const isolates_policy& policy,
                                    bool is_open_by_flag, std::vector<Rule>& found, Budget& budget);
// @files: the file rules, which speak of links to any file as well.
[[nodiscard]] FoundLines show_links(const isolates_view& view, const isolates_policy& policy,
                                    const std::vector<Rule>& files, Budget& budget);
[[nodiscard]] Lines show_changes(const isolates_view& view, const isolates_policy& policy,
                                 bool is_open_by_flag, Budget& budget);
// Rules on unix sockets.
[[nodiscard]] Lines show_sockets(const isolates_view& view, const isolates_policy& policy,
                                 bool is_open_by_flag, Budget& budget);

// @with_unix: those on unix sockets too, which rules on these imply.
[[nodiscard]] Lines show_networks(const isolates_view& view, const isolates_policy& policy,
                                  bool is_open_by_flag, bool with_unix, Budget& budget);
[[nodiscard]] Lines show_mounts(const isolates_view& view, const isolates_policy& policy,
                                bool is_open_by_flag, Budget& budget);
// All other classes.
[[nodiscard]] Lines show_class(const isolates_view& view, const isolates_policy& policy,
                               isolates_class class_id, bool is_open_by_flag, Budget& budget);

// The rules on system calls as text. Those named by a group are named by one again.
[[nodiscard]] std::vector<std::string> show_syscalls(const isolates_view& view,
                                                     const isolates_policy& policy);

}  // namespace isolates::show
