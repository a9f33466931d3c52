// SPDX-License-Identifier: GPL-2.0-only
#include "format/format.hpp"

#include <span>
#include <utility>

#include "format/scan.hpp"

namespace isolates::format {
namespace {

constexpr std::size_t indent_width = 2;

// Writes tokens one by one: each decides of the white space before it.
// A text that is included in policies has its rules a level deep if its author wrote it
// so, as AppArmor's abstractions are: none of them begins its line.
bool is_indented(std::span<const Token> tokens) {
    std::size_t blocks = 0;
    bool has_rules = false;
    for (const auto& token : tokens) {
        if (token.kind == Kind::close) blocks--;
        if (blocks == 0 && (token.begins_rule || token.kind == Kind::close)) {
            if (token.at.column == 1) return false;
            has_rules = true;
        }
        if (token.kind == Kind::open) blocks++;
    }
    return has_rules;
}

class Writer {
  public:
    // "base" is the level of rules in no block.
    explicit Writer(std::size_t base) : base_(base) {}

    void write(const Token& token) {
        if (token.kind == Kind::end) {
            in_rule_ = false;
        } else {
            if (token.kind == Kind::close) blocks_--;
            if (token.kind == Kind::right) lists_--;
            if (in_rule_ && token.kind != Kind::close)
                space_in_rule(token);
            else
                space_between_rules(token);
            out_ += token.text;
            last_ = token;
            note(token);
        }
        previous_ = token.kind;
    }

    std::string finish() {
        note_line_end();
        if (!out_.empty()) out_ += '\n';
        return std::move(out_);
    }

    // A word that would be another one where it came to stand.
    [[nodiscard]] const std::optional<Token>& misplaced() const { return misplaced_; }

  private:
    void space_between_rules(const Token& token) {
        if (token.kind != Kind::comment) is_heading_ = false;
        // What stands above all rules is about the file, and not a level deep.
        const bool is_level = !(is_heading_ && token.at.column == 1);
        const auto level = is_level ? base_ + blocks_ : 0;
        if (out_.empty()) {
            out_.append(level * indent_width, ' ');
            return;
        }
        const bool on_line = token.line_ends == 0 && previous_ != Kind::comment;
        if (token.kind == Kind::comment && on_line) {
            out_ += "  ";
        } else if (token.kind == Kind::comma && on_line && previous_ == Kind::end) {
            return;  // behind an include
        } else if (token.text == "else" && previous_ == Kind::close) {
            out_ += ' ';
        } else {
            const bool is_apart = previous_ != Kind::open && token.kind != Kind::close;
            new_line(level, is_apart && token.line_ends > 1);
        }
    }

    void space_in_rule(const Token& token) {
        // Here nothing else can go on: it would be a part of the comment.
        if (previous_ == Kind::comment || previous_ == Kind::continuation)
            return break_rule(token, previous_ == Kind::comment && token.line_ends > 1);
        switch (token.kind) {
            case Kind::comma:
            case Kind::separator:
                // A brace without its word would begin one with the comma: "{,a}".
                if (token.gap && out_.ends_with('{')) out_ += ' ';
                return;
            case Kind::open:
            case Kind::assign:
                out_ += ' ';
                return;
            case Kind::continuation:  // a gap makes another word of it, or of "include"
                if (token.gap) out_ += ' ';
                return;
            case Kind::comment:
                if (token.line_ends == 0) {
                    out_ += "  ";
                    return;
                }
                break;
            default:
                break;
        }
        // "a= =b" is a key and its value, "a==b" is neither.
        if (previous_ == Kind::key && !token.text.starts_with('=')) {
            if (token.kind != Kind::comment) return;
        }
        if (token.line_ends > 0) return break_rule(token, token.line_ends > 1);
        if (previous_ == Kind::left || token.kind == Kind::right) return;
        if (token.gap || previous_ == Kind::separator || previous_ == Kind::assign) out_ += ' ';
    }

    // Goes on with the rule in another line, a level deeper for each list it is in.
    void break_rule(const Token& token, bool is_apart) {
        const auto deeper = token.kind == Kind::right || token.kind == Kind::open ? lists_
                            : lists_ > 0                                          ? lists_
                                                                                  : 1;
        new_line(base_ + blocks_ + deeper,
                 is_apart && previous_ != Kind::left && token.kind != Kind::right);
    }

    // A blank with a backslash before it, and no more of a word, goes on with the line.
    void note_line_end() {
        if (last_ && (last_->text == "\\ " || last_->text == "\\\t" || last_->text == "\\\r"))
            misplaced_ = last_;
    }

    void new_line(std::size_t level, bool is_apart) {
        note_line_end();
        out_ += is_apart ? "\n\n" : "\n";
        out_.append(level * indent_width, ' ');
    }

    void note(const Token& token) {
        switch (token.kind) {
            case Kind::key:
                out_ += '=';
                break;
            case Kind::left:
                lists_++;
                break;
            case Kind::open:
                blocks_++;
                break;
            default:
                break;
        }
        if (token.kind == Kind::comma || token.kind == Kind::open || token.kind == Kind::close)
            in_rule_ = false;
        else if (token.kind != Kind::comment)
            in_rule_ = true;
    }

    std::string out_;
    std::size_t base_;
    Kind previous_ = Kind::end;
    std::optional<Token> last_;  // that has a text
    std::optional<Token> misplaced_;
    std::size_t blocks_ = 0;  // how many are open
    std::size_t lists_ = 0;
    bool in_rule_ = false;
    bool is_heading_ = true;  // no rule was written yet
};

}  // namespace

std::optional<std::string> formatted(std::string_view text, std::uint32_t inclusion,
                                     diag::Report& report) {
    const auto tokens = scan(text, inclusion, report);
    if (!tokens) return std::nullopt;
    Writer writer(is_indented(*tokens) ? 1 : 0);
    for (const auto& token : *tokens) writer.write(token);
    auto result = writer.finish();
    if (const auto& token = writer.misplaced()) {
        const auto end = diag::Position{token->at.line, token->at.column + 2};
        report.error(diag::Span{inclusion, token->at, end},
                     "a blank with a backslash before it cannot end a line: put it in quotes");
        return std::nullopt;
    }
    return result;
}

}  // namespace isolates::format
