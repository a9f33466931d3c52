// SPDX-License-Identifier: GPL-2.0-only
// Rules about pairs of texts: of hard links, the new name and the file; of changes of
// policy, the program and the policy asked for. Of the two operations of such a class a
// rule is either about both or about the weak one alone.
#include <fmt/format.h>

#include <array>
#include <map>
#include <utility>

#include "show/domains.hpp"
#include "show/fields.hpp"
#include "show/rules.hpp"
#include "show/search.hpp"

namespace isolates::show {
namespace {

struct PairForm {
    isolates_class class_id;
    std::uint32_t strong;  // a rule about this is about the weak one too
    std::uint32_t weak;
    FieldForm strong_form;
    FieldForm weak_form;
    bool has_owner;
};

const PairForm link_form = {ISOLATES_CLASS_LINK,
                            ISOLATES_LINK_MORE,
                            ISOLATES_LINK_LINK,
                            {0, {Wildcards::behind_first, Wildcards::behind_first}},
                            {0, {Wildcards::behind_first, Wildcards::behind_first}},
                            true};

// To name a program is to speak of its exec alone.
const PairForm change_form = {ISOLATES_CLASS_CHANGE_PROFILE,
                              ISOLATES_CHANGE_PROFILE_NOW,
                              ISOLATES_CHANGE_PROFILE_ONEXEC,
                              {0, {Wildcards::whole, Wildcards::anywhere}},
                              {0, {Wildcards::behind_first, Wildcards::anywhere}},
                              false};

using Pair = std::pair<RuleKind, Glob>;

class PairFinder {
  public:
    // By whose object: pairs that other rules speak of already, about the weak operation.
    using Known = std::map<Pair, automata::MaskPair>;

    PairFinder(const isolates_view& view, const isolates_policy& policy, const PairForm& form,
               Known known, Budget& budget)
        : view_(view), policy_(policy), form_(form), known_(std::move(known)), budget_(budget) {}

    // Operations by pair and whose object.
    std::expected<Known, std::string> run() {
        for (std::uint32_t i = 0; i < policy_.classes[form_.class_id].automata.count; i++) {
            const auto operations = form_.strong | form_.weak;
            const OperationView all =
                view_operation(view_, policy_, form_.class_id, i, operations, form_.has_owner);
            for (unsigned whose = 0; whose < (form_.has_owner ? 2u : 1u); whose++)
                for (const std::uint32_t operation : {form_.strong, form_.weak})
                    for (const Group& group : all.groups)
                        if (group.is_needed && (group.operations[whose] & operation) &&
                            !find(all, group, operation, whose))
                            return std::unexpected("the language has no words for some of them");
        }
        return std::move(found_);
    }

  private:
    bool find(const OperationView& all, const Group& group, std::uint32_t operation,
              unsigned whose) {
        const Language language(relabel(all.dfa, group.values));
        const bool is_weak = operation == form_.weak;
        const FieldForm& field_form = is_weak ? form_.weak_form : form_.strong_form;
        const Maker make = [&](const Path& path, const std::vector<std::uint8_t>& text) {
            auto glob = find_fields(language, field_form, path, text, {}, budget_);
            return glob ? std::vector<Glob>{*glob} : std::vector<Glob>{};
        };
        std::vector<Glob> known;
        if (is_weak)
            for (const Known* const pairs : {&std::as_const(known_), &std::as_const(found_)})
                for (const auto& [pair, masks] : *pairs)
                    if (pair.first == group.kind && masks[whose]) known.push_back(pair.second);
        const auto globs = cover(language, ByteSet::all(), make, known, budget_);
        if (!globs) return false;
        for (const Glob& glob : *globs)
            found_[{group.kind, glob}][whose] |= is_weak ? form_.weak : form_.strong | form_.weak;
        return true;
    }

    const isolates_view& view_;
    const isolates_policy& policy_;
    const PairForm& form_;
    const Known known_;
    Budget& budget_;
    Known found_;
};

// A path that there is not: of two slashes in a row the one that is escaped stays.
constexpr std::string_view no_file = "/\\/";

// What "PATH l," says of pairs: PATH for any file.
Glob with_any_file(Glob name) {
    name.push_back({only(0), false});
    name.push_back({only('/'), false});
    name.push_back({kNameByte, false});
    name.push_back({kAnyByte, true});
    return name;
}

}  // namespace

FoundLines show_links(const isolates_view& view, const isolates_policy& policy,
                      const std::vector<Rule>& files, Budget& budget) {
    std::vector<Line> lines;
    if (!policy.classes[ISOLATES_CLASS_LINK].automata.count) return lines;
    const auto add = [&](const RuleKind& kind, const automata::MaskPair& masks, const Glob& name,
                         std::string_view file) {
        const auto put = [&](std::string_view whose, std::uint32_t operations) {
            if (!operations) return;
            lines.push_back(
                {kind, fmt::format("{}{}link {}{} -> {}{}", qualifiers(kind), whose,
                                   operations & ISOLATES_LINK_MORE ? "" : "subset ",
                                   quoted(text_of(name, true)), file, error_condition(kind))});
        };
        if (masks[ISOLATES_OTHER] == masks[ISOLATES_OWNER]) return put("", masks[ISOLATES_OTHER]);
        put("other ", masks[ISOLATES_OTHER]);
        put("owner ", masks[ISOLATES_OWNER]);
    };

    PairFinder::Known known;
    for (const Rule& rule : files) {
        automata::MaskPair links{};
        for (std::size_t whose = 0; whose < links.size(); whose++)
            if (rule.operations[whose] & ISOLATES_FILE_LINK) links[whose] = ISOLATES_LINK_LINK;
        if (links != automata::MaskPair{})
            known.emplace(Pair{rule.kind, with_any_file(rule.glob)}, links);
    }
    const auto pairs = PairFinder(view, policy, link_form, std::move(known), budget).run();
    if (!pairs) return std::unexpected(pairs.error());
    for (const auto& [pair, masks] : *pairs) {
        const auto texts = texts_of(pair.second, link_form.weak_form);
        add(pair.first, masks, texts[0], quoted(text_of(texts[1], true)));
    }
    // Without any the names alone would count, and pairs not be asked about.
    if (lines.empty()) lines.push_back({{}, fmt::format("link subset {} -> {}", no_file, no_file)});
    return lines;
}

Lines show_changes(const isolates_view& view, const isolates_policy& policy, bool is_open_by_flag,
                   Budget& budget) {
    const auto pairs = PairFinder(view, policy, change_form, {}, budget).run();
    if (!pairs) return std::unexpected(pairs.error());
    std::vector<Line> lines;
    const std::uint32_t open = policy.classes[ISOLATES_CLASS_CHANGE_PROFILE].open;
    if (open && !is_open_by_flag) {
        if (open != ISOLATES_CHANGE_PROFILE_OPS)
            return std::unexpected("the language has no words for some of them");
        lines.push_back({{}, "change_profile"});
    }
    for (const auto& [pair, masks] : *pairs) {
        const auto& [kind, glob] = pair;
        const auto texts = texts_of(glob, change_form.weak_form);
        std::string text = qualifiers(kind) + "change_profile";
        if (!(masks[0] & ISOLATES_CHANGE_PROFILE_NOW))
            text += ' ' + quoted(text_of(texts[0], false));
        if (!is_anything(texts[1])) text += " -> " + quoted(text_of(texts[1], false));
        lines.push_back({kind, text + error_condition(kind)});
    }
    return in_order(std::move(lines));
}

}  // namespace isolates::show
