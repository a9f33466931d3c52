// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <cctype>
#include <utility>

#include "diag/suggest.hpp"
#include "sema/file_operations.hpp"
#include "sema/rules.hpp"

namespace isolates::sema {
namespace {

// What "file," is about, as in AppArmor: every path.
constexpr std::string_view every_path = "/{**,}";

// Reads letters as AppArmor does. Nothing if any is wrong; that is reported.
class Letters {
  public:
    Letters(const Context& context, const ast::Text& letters, bool denies)
        : context_(context), text_(letters), denies_(denies) {}

    std::optional<std::uint32_t> operations() {
        while (at_ < text_.text.size()) step();
        if (operations_ & ISOLATES_FILE_WRITE && has_append_)
            fail(0, text_.text.size(), "'a' and 'w' exclude each other")
                .with_hint("'w' appends too");
        if (has_upper_case_ && !is_wrong_)
            context_.report.warning(text_.at, "permissions in upper case are deprecated");
        if (is_wrong_) return std::nullopt;
        return operations_;
    }

  private:
    diag::Diagnostic& fail(std::size_t offset, std::size_t length, std::string text) {
        is_wrong_ = true;
        return context_.report.error(part(text_, offset, length), std::move(text));
    }

    // The letter at a place, in lower case; AppArmor makes no difference for these,
    // but 'P', 'C' and 'U', which scrub the environment.
    [[nodiscard]] char letter(std::size_t offset) const {
        return offset < text_.text.size()
                   ? static_cast<char>(std::tolower(static_cast<unsigned char>(text_.text[offset])))
                   : '\0';
    }

    void step() {
        const std::size_t start = at_++;
        switch (const char c = letter(start)) {
            case 'i':
                if (letter(at_) != 'x') {
                    fail(start, 1, "'i' stands before an 'x' only");
                    return;
                }
                at_++;
                exec(start, 2);
                return;
            case 'p':
            case 'c':
            case 'u':
                if (letter(at_) == 'i' || letter(at_) == 'u') at_++;
                if (letter(at_) == 'x') at_++;
                fail(start, at_ - start,
                     fmt::format("exec transitions ('{}') are not enforced yet",
                                 text_.text.substr(start, at_ - start)));
                return;
            case 'x':
                exec(start, 1);
                return;
            default:
                if (const auto bits = file_letter(c)) {
                    operations_ |= bits;
                    has_append_ |= c == 'a';
                    has_upper_case_ |= c != text_.text[start];
                } else {
                    fail(start, 1, fmt::format("unknown permission '{}'", text_.text[start]))
                        .with_hint("permissions are r, w, a, m, k, l, and ix or, denied, x");
                }
        }
    }

    void exec(std::size_t start, std::size_t length) {
        const bool has_mode = length > 1;
        if (has_mode && denies_) {
            fail(start, length, "in a deny rule 'x' has no mode").with_hint("write x");
        } else if (!has_mode && !denies_) {
            fail(start, length, "'x' needs a mode").with_hint("write ix");
        }
        operations_ |= ISOLATES_FILE_EXEC;
    }

    const Context& context_;
    const ast::Text& text_;
    const bool denies_;
    std::size_t at_ = 0;
    std::uint32_t operations_ = 0;
    bool has_append_ = false;
    bool has_upper_case_ = false;
    bool is_wrong_ = false;
};

std::optional<std::uint32_t> named_operations(const Context& context,
                                              const std::vector<ast::Item>& names) {
    std::uint32_t operations = 0;
    bool is_wrong = false;
    for (const auto& item : names) {
        const auto* const name = plain(context, item);
        if (!name) return std::nullopt;
        const auto bit = file_operation(name->text);
        if (bit) {
            operations |= *bit;
            continue;
        }
        is_wrong = true;
        if (is_unenforced_file_operation(name->text))
            context.report.error(name->at,
                                 fmt::format("{} of files is not enforced yet", name->text));
        else
            context.report.error(name->at, fmt::format("unknown file operation '{}'", name->text))
                .with_hint(diag::did_you_mean(name->text, file_operation_names()));
    }
    if (is_wrong) return std::nullopt;
    return operations;
}

std::optional<std::uint32_t> operations_of(const Context& context, const ast::FileRule& rule) {
    if (!rule.path) return ISOLATES_FILE_OPS;
    if (rule.letters)
        return Letters(context, *rule.letters, rule.qualifiers.deny.has_value()).operations();
    if (rule.operations.empty()) {
        context.report.error(rule.at, "no operation is named");
        return std::nullopt;
    }
    return named_operations(context, rule.operations);
}

model::Whose whose(const Context& context, const ast::Qualifiers& qualifiers) {
    if (qualifiers.owner && qualifiers.other)
        context.report.error(*qualifiers.other, "'owner' and 'other' exclude each other");
    if (qualifiers.owner) return model::Whose::owner;
    return qualifiers.other ? model::Whose::other : model::Whose::anyone;
}

// Variables may end with a slash and so multiply it; no path begins with two. The
// others are the automata's to see to.
std::string from_root(std::string glob) {
    const auto first = glob.find_first_not_of('/');
    if (first == glob.npos) return glob.empty() ? glob : "/";
    return first > 1 ? glob.substr(first - 1) : glob;
}

// A path begins with a slash, or with alternatives that do.
bool is_path(std::string_view glob) {
    return glob.starts_with('/') || glob.starts_with('{');
}

}  // namespace

void analyze(const Context& context, const ast::FileRule& rule) {
    const Conditions conditions(context, "file", rule.conditions, {"errno"});
    const auto effect = effect_of(context, rule.qualifiers, conditions.find("errno"));
    const auto operations = operations_of(context, rule);
    const auto owner = whose(context, rule.qualifiers);
    if (rule.target) {
        const bool links = operations && *operations & ISOLATES_FILE_LINK;
        context.report.error(rule.target->at, links ? "targets of links are not enforced yet"
                                                    : "named transitions are not enforced yet");
        return;
    }

    std::vector<std::string> globs{std::string(every_path)};
    if (rule.path) {
        auto expanded = globs_of(context, *rule.path);
        if (!expanded) return;
        globs = std::move(*expanded);
        for (auto& glob : globs) {
            if (!is_path(glob)) {
                context.report.error(rule.path->at, "a path begins with '/'")
                    .with_hint(fmt::format("it expands to '{}'", glob));
                return;
            }
            glob = from_root(std::move(glob));
        }
    }
    if (!effect || !operations) return;

    model::FileRule file{*effect, {}, *operations, owner};
    file.effect.rule = context.add_rule(rule.at);
    for (auto& glob : globs) {
        file.glob = std::move(glob);
        context.policy.files.push_back(file);
    }
}

}  // namespace isolates::sema
