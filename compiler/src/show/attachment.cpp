// SPDX-License-Identifier: GPL-2.0-only
// A policy attaches by the globs that one text stands for, and how much of each is literal
// counts: the least of that is in the blob. So the globs found are made to have as much: a
// set of bytes before is one glob for each byte, and what is literal behind it is hidden in
// alternatives that are alike. Several globs are alternatives of one, or else the values of
// a variable.
#include "show/attachment.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "show/rules.hpp"

namespace isolates::show {
namespace {

constexpr std::size_t kGlobsMax = 65536;

bool is_byte(const Element& element) {
    return !element.is_loop && element.bytes.size() == 1;
}

std::size_t literal_size(const Glob& glob) {
    return static_cast<std::size_t>(std::ranges::find_if_not(glob, is_byte) - glob.begin());
}

// @globs with no set of bytes before the byte at @size. Nothing if that cannot be.
std::optional<std::vector<Glob>> with_literals(std::vector<Glob> globs, std::size_t size) {
    std::vector<Glob> made;
    while (!globs.empty()) {
        Glob glob = std::move(globs.back());
        globs.pop_back();
        const std::size_t at = literal_size(glob);
        if (at >= size) {
            made.push_back(std::move(glob));
            continue;
        }
        if (at == glob.size() || glob[at].is_loop || made.size() + globs.size() > kGlobsMax)
            return std::nullopt;
        glob[at].bytes.for_each([&](std::uint8_t byte) {
            globs.push_back(glob);
            globs.back()[at].bytes = only(byte);
        });
    }
    std::ranges::sort(made);
    return made;
}

// As @glob, with no more than @size literal bytes in front.
std::string shortened(const Glob& glob, std::size_t size) {
    if (literal_size(glob) <= size) return text_of(glob, true);
    const auto at = glob.begin() + static_cast<std::ptrdiff_t>(size);
    // A comma would part the alternatives.
    const std::string byte = at->bytes == only(',') ? "\\x2c" : text_of({*at}, true);
    return fmt::format("{}{{{},{}}}{}", text_of({glob.begin(), at}, true), byte, byte,
                       text_of({at + 1, glob.end()}, true));
}

std::size_t common_size(const std::vector<Glob>& globs) {
    std::size_t size = literal_size(globs.front());
    for (const Glob& glob : globs) {
        const auto [a, b] = std::ranges::mismatch(glob, globs.front());
        size = std::min({size, literal_size(glob), static_cast<std::size_t>(a - glob.begin())});
    }
    return size;
}

// The globs as one, the first @size bytes of which are literal; nothing if they do not
// begin alike up to there.
std::optional<std::string> alternatives(const std::vector<Glob>& globs, std::size_t size) {
    if (common_size(globs) != size) return std::nullopt;
    std::vector<std::string> tails;
    for (const Glob& glob : globs) {
        // At the ends of an alternative "*" means something else.
        if (std::ranges::any_of(glob, &Element::is_loop)) return std::nullopt;
        tails.push_back(
            text_of({glob.begin() + static_cast<std::ptrdiff_t>(size), glob.end()}, true));
        if (tails.back().contains(',')) return std::nullopt;
    }
    const Glob& first = globs.front();
    const Glob head(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(size));
    return fmt::format("{}{{{}}}", text_of(head, true), fmt::join(tails, ","));
}

// A glob that no path matches, as none has two slashes in a row.
std::string nothing(std::size_t size) {
    if (!size) return {};
    if (size == 1) return "/{\\/,\\/}";
    return "/\\/" + std::string(size - 2, 'x');
}

}  // namespace

std::expected<Attachment, std::string> show_attachment(const isolates_view& view,
                                                       const isolates_policy& policy,
                                                       const std::string& name, Budget& budget) {
    if (!policy.classes[ISOLATES_CLASS_ATTACH].automata.count) return Attachment{};
    const auto rules = find_rules(
        view, policy, {ISOLATES_CLASS_ATTACH, {.operations = ISOLATES_ATTACH_OPS}, 1}, budget);
    if (!rules) return std::unexpected(rules.error());
    std::vector<Glob> found;
    for (const Rule& rule : *rules) found.push_back(rule.glob);
    const auto globs = with_literals(std::move(found), policy.attach_prefix);
    if (globs && globs->empty()) return Attachment{{}, nothing(policy.attach_prefix)};
    if (!globs) return std::unexpected("the language has no words for what it attaches to");

    // The one that has the least.
    std::size_t least = 0;
    for (std::size_t i = 0; i < globs->size(); i++)
        if (literal_size((*globs)[i]) < literal_size((*globs)[least])) least = i;
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < globs->size(); i++)
        texts.push_back(i == least ? shortened((*globs)[i], policy.attach_prefix)
                                   : text_of((*globs)[i], true));
    if (texts.size() == 1) return Attachment{{}, quoted(texts.front())};

    if (const auto text = alternatives(*globs, policy.attach_prefix))
        return Attachment{{}, quoted(*text)};
    std::vector<std::string> values;
    for (const std::string& text : texts) values.push_back(quoted(text));
    return Attachment{fmt::format("@{{{}}} = {}\n", name, fmt::join(values, " ")),
                      fmt::format("@{{{}}}", name)};
}

}  // namespace isolates::show
