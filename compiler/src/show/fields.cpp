// SPDX-License-Identifier: GPL-2.0-only
#include "show/fields.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "exact/describe.hpp"
#include "show/domains.hpp"
#include "show/rules.hpp"

namespace isolates::show {
namespace {

const Element kNul = {only(0), false};

Place place_of(Wildcards wildcards, bool is_first) {
    switch (wildcards) {
        case Wildcards::anywhere:
            return Place::any;
        case Wildcards::behind_first:
            return is_first ? Place::none : Place::any;
        case Wildcards::whole_or_behind_first:
            return is_first ? Place::whole : Place::any;
        default:
            return is_first ? Place::whole : Place::none;
    }
}

}  // namespace

std::optional<Glob> find_fields(const Language& language, const FieldForm& form, Path path,
                                const std::vector<std::uint8_t>& text,
                                std::span<const ByteSet> numbers, Budget& budget) {
    if (text.size() < form.numbers) return std::nullopt;
    Places places(text.size() + 1, Place::none);
    std::size_t field = 0;
    bool is_first = true;
    for (std::size_t at = form.numbers; at <= text.size(); at++) {
        if (field == form.texts.size()) return std::nullopt;
        const Wildcards wildcards = form.texts[field];
        places[at] = place_of(wildcards, is_first);
        if (at == text.size()) break;
        const bool ends = !text[at];
        if (ends) field++;
        path.sets[at] = ends || (is_first && wildcards != Wildcards::anywhere)
                            ? only(text[at])
                            : common(path.sets[at], kAnyByte);
        is_first = ends;
    }
    if (field + 1 != form.texts.size()) return std::nullopt;
    Glob literal;
    for (std::size_t at = 0; at < text.size(); at++) {
        if (at < form.numbers) path.sets[at] = numbers[at];
        literal.push_back({path.sets[at], false});
    }
    const StateSet start = {language.start()};
    if (!match(language, start, literal, budget).may) return std::nullopt;
    Glob glob = synthesise(language, path, places, budget);
    if (budget.is_spent() || !match(language, start, glob, budget).may) return std::nullopt;
    const auto texts = texts_of(glob, form);
    for (std::size_t i = 0; i < texts.size(); i++)
        if (form.texts[i] == Wildcards::whole && !is_anything(texts[i])) return std::nullopt;
    return glob;
}

std::vector<Glob> texts_of(const Glob& glob, const FieldForm& form) {
    std::vector<Glob> texts(1);
    for (std::size_t i = form.numbers; i < glob.size(); i++) {
        if (glob[i] == kNul)
            texts.emplace_back();
        else
            texts.back().push_back(glob[i]);
    }
    return texts;
}

bool is_anything(const Glob& glob) {
    return glob.size() == 1 && glob.front() == Element{kAnyByte, true};
}

OperationView view_operation(const isolates_view& view, const isolates_policy& policy,
                             isolates_class class_id, std::uint32_t index, std::uint32_t operation,
                             bool has_owner) {
    const std::span perms(view.perms + policy.perms.first, policy.perms.count);
    const LabelSpace labels{perms.size()};
    const auto& rules = policy.classes[class_id];
    OperationView made;
    const auto domain = domain_of(class_id, operation, Nul::impossible);
    if (!domain) return made;
    made.dfa = restrict_to(expand(view, view.automata[rules.automata.first + index]), *domain,
                           labels.outside());
    made.groups = groups_of(view, perms, labels_of(made.dfa, labels),
                            {.operations = operation,
                             .has_owner = has_owner,
                             .open = rules.open,
                             .has_bare_errors = class_id == ISOLATES_CLASS_LINK,
                             .keeps_all = class_id == ISOLATES_CLASS_MOUNT});
    return made;
}

std::string operation_list(isolates_class class_id, std::uint32_t operations, std::uint32_t all) {
    if (operations == all) return {};
    return fmt::format(" ({})", fmt::join(exact::operation_names(class_id, operations), ", "));
}

}  // namespace isolates::show
