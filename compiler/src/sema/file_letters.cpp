// SPDX-License-Identifier: GPL-2.0-only
#include "sema/file_letters.hpp"

#include <fmt/format.h>

#include <cctype>
#include <string>
#include <utility>

#include "sema/file_operations.hpp"

namespace isolates::sema {
namespace {

class Letters {
  public:
    Letters(const Context& context, const ast::Text& letters, bool denies)
        : context_(context), text_(letters), denies_(denies) {}

    std::optional<FileLetters> read() {
        while (at_ < text_.text.size()) step();
        if (result_.operations & ISOLATES_FILE_WRITE && has_append_)
            fail(0, text_.text.size(), "'a' and 'w' exclude each other")
                .with_hint("'w' appends too");
        if (has_upper_case_ && !is_wrong_)
            context_.report.warning(text_.at, "permissions in upper case are deprecated");
        if (is_wrong_) return std::nullopt;
        return result_;
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
            case 'p':
            case 'c':
            case 'u':
                mode(start);
                return;
            case 'x':
                if (!denies_)
                    fail(start, 1, "'x' needs a mode")
                        .with_hint("write ix to stay under this policy, or px, cx or ux");
                result_.operations |= ISOLATES_FILE_EXEC;
                return;
            default:
                if (const auto bits = file_letter(c)) {
                    result_.operations |= bits;
                    has_append_ |= c == 'a';
                    has_upper_case_ |= c != text_.text[start];
                } else {
                    fail(start, 1, fmt::format("unknown permission '{}'", text_.text[start]))
                        .with_hint("permissions are r, w, a, m, k, l, and an exec mode");
                }
        }
    }

    // "ix", "ux", "px", "cx", and the last two with a fallback: "pix", "cux".
    void mode(std::size_t start) {
        const char first = letter(start);
        ExecMode mode;
        mode.scrubs = text_.text[start] != first && first != 'i';
        if (first == 'u') mode.kind = ExecMode::Kind::unconfined;
        if (first == 'p') mode.kind = ExecMode::Kind::policy;
        if (first == 'c') mode.kind = ExecMode::Kind::child;
        if ((first == 'p' || first == 'c') && (letter(at_) == 'i' || letter(at_) == 'u'))
            mode.fallback =
                letter(at_++) == 'i' ? ISOLATES_FALLBACK_STAY : ISOLATES_FALLBACK_UNCONFINED;
        if (letter(at_) != 'x') {
            fail(start, at_ - start,
                 fmt::format("'{}' stands before an 'x' only",
                             text_.text.substr(start, at_ - start)));
            return;
        }
        at_++;
        result_.operations |= ISOLATES_FILE_EXEC;
        if (denies_)
            fail(start, at_ - start, "in a deny rule 'x' has no mode").with_hint("write x");
        else if (result_.exec && *result_.exec != mode)
            fail(start, at_ - start, "a rule has one exec mode");
        result_.exec = mode;
    }

    const Context& context_;
    const ast::Text& text_;
    const bool denies_;
    FileLetters result_;
    std::size_t at_ = 0;
    bool has_append_ = false;
    bool has_upper_case_ = false;
    bool is_wrong_ = false;
};

}  // namespace

std::optional<FileLetters> read_letters(const Context& context, const ast::Text& letters,
                                        bool denies) {
    return Letters(context, letters, denies).read();
}

}  // namespace isolates::sema
