// SPDX-License-Identifier: GPL-2.0-only
// Rules on unix sockets as text, found for one operation at a time: only some have a peer,
// and a socket that is made has no address yet.
#include <fmt/format.h>

#include <map>
#include <string_view>
#include <utility>

#include "sema/network_names.hpp"
#include "show/fields.hpp"
#include "show/rules.hpp"
#include "show/search.hpp"

namespace isolates::show {
namespace {

// Its type, its address, the peer's, and the peer's policy.
const FieldForm form = {
    1, {Wildcards::whole_or_behind_first, Wildcards::whole_or_behind_first, Wildcards::anywhere}};

class SocketFinder {
  public:
    SocketFinder(const isolates_view& view, const isolates_policy& policy, Budget& budget)
        : view_(view), policy_(policy), budget_(budget) {}

    Lines run(bool is_open_by_flag) {
        const auto& rules = policy_.classes[ISOLATES_CLASS_UNIX];
        for (std::uint32_t i = 0; i < rules.automata.count; i++)
            for (std::uint32_t rest = ISOLATES_NETWORK_OPS; rest; rest &= rest - 1)
                if (!find(i, rest & -rest))
                    return std::unexpected("the language has no words for some of them");
        std::vector<Line> lines;
        if (rules.open && !is_open_by_flag) lines.push_back({{}, "unix" + list(rules.open)});
        for (const auto& [key, operations] : found_) {
            const auto& [kind, glob] = key;
            const auto conditions = conditions_of(glob);
            if (!conditions) return std::unexpected("a type of sockets has no name");
            lines.push_back({kind, fmt::format("{}unix{}{}{}", qualifiers(kind), list(operations),
                                               *conditions, error_condition(kind))});
        }
        return in_order(std::move(lines));
    }

  private:
    static std::string list(std::uint32_t operations) {
        return operation_list(ISOLATES_CLASS_UNIX, operations, ISOLATES_NETWORK_OPS);
    }

    bool find(std::uint32_t index, std::uint32_t operation) {
        const OperationView all =
            view_operation(view_, policy_, ISOLATES_CLASS_UNIX, index, operation, false);
        for (const Group& group : all.groups) {
            if (!group.is_needed) continue;
            const Language language(relabel(all.dfa, group.values));
            const Maker make = [&](const Path& path, const std::vector<std::uint8_t>& text) {
                for (const ByteSet& type : {ByteSet::all(), only(text[0])})
                    if (auto glob =
                            find_fields(language, form, path, text, std::span(&type, 1), budget_))
                        return std::vector<Glob>{*glob};
                return std::vector<Glob>{};
            };
            const auto globs = cover(language, ByteSet::all(), make, {}, budget_);
            if (!globs) return false;
            for (const Glob& glob : *globs) found_[{group.kind, glob}] |= operation;
        }
        return true;
    }

    // In parentheses a comma parts words, within braces too.
    static std::string in_list(const std::string& text) {
        return text.contains(',') ? fmt::format("\"{}\"", text) : quoted(text);
    }

    // " type=stream addr=@x peer=(label=y)"; nothing if the type has no name.
    static std::optional<std::string> conditions_of(const Glob& glob) {
        std::string text;
        if (glob[0].bytes != ByteSet::all()) {
            std::string_view type;
            for (const std::string_view name : sema::type_names())
                if (only(sema::type_number(name).value_or(0)) == glob[0].bytes) type = name;
            if (type.empty()) return std::nullopt;
            text += fmt::format(" type={}", type);
        }
        const auto texts = texts_of(glob, form);
        const auto add = [](std::string& to, std::string_view key, const Glob& value) {
            if (is_anything(value)) return;
            // A socket that is not bound has an address of no bytes.
            const bool is_unbound = value.empty() && key == "addr";
            to += fmt::format("{}{}={}", to.empty() ? "" : " ", key,
                              is_unbound ? "none" : in_list(text_of(value, false)));
        };
        std::string local, peer;
        add(local, "addr", texts[0]);
        add(peer, "addr", texts[1]);
        add(peer, "label", texts[2]);
        if (!local.empty()) text += ' ' + local;
        if (!peer.empty()) text += fmt::format(" peer=({})", peer);
        return text;
    }

    const isolates_view& view_;
    const isolates_policy& policy_;
    Budget& budget_;
    std::map<std::pair<RuleKind, Glob>, std::uint32_t> found_;  // and the operations
};

}  // namespace

Lines show_sockets(const isolates_view& view, const isolates_policy& policy, bool is_open_by_flag,
                   Budget& budget) {
    return SocketFinder(view, policy, budget).run(is_open_by_flag);
}

}  // namespace isolates::show
