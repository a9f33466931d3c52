// SPDX-License-Identifier: GPL-2.0-only
#include "format/scan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <utility>

namespace isolates::format {
namespace {

// Where a token stands: what a character means depends on it. These are the start
// conditions of parse/lexer.l.
enum class Mode {
    start,    // at the beginning of a rule, or behind its qualifiers
    name,     // behind "policy", "profile", "hat", "^" and "->": any word is a name
    body,     // in a rule
    value,    // behind "key=" in a rule
    list,     // in parentheses
    item,     // behind "key=" in parentheses
    assign,   // behind the "=" of a variable; ends with the line
    include,  // behind "include"
    abi,      // behind "abi"
};

constexpr std::array<std::string_view, 3> naming = {"policy", "profile", "hat"};
constexpr std::array<std::string_view, 9> qualifiers = {
    "allow", "deny", "audit", "quiet", "owner", "user", "other", "prompt", "else"};

constexpr auto* no_include = "an include names a file: <name> or \"name\"";

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}
bool is_space(char c) {
    return is_blank(c) || c == '\n';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_escaped_blank(std::string_view word) {
    return word.size() == 2 && word[0] == '\\' && is_blank(word[1]);
}
bool is_operator(char c) {
    return std::string_view("=<>!&|").contains(c);
}

bool contains(std::span<const std::string_view> words, std::string_view word) {
    return std::ranges::find(words, word) != words.end();
}

class Scanner {
  public:
    Scanner(std::string_view text, std::uint32_t inclusion, diag::Report& report)
        : text_(text), inclusion_(inclusion), report_(report) {}

    std::optional<std::vector<Token>> run() {
        if (const auto nul = text_.find('\0'); nul != text_.npos) {
            move_to(nul);
            fail(here(), "a NUL byte: this is no text");
            return std::nullopt;
        }
        while (!failed_ && skip_space()) scan_token();
        if (failed_) return std::nullopt;
        if (mode_ == Mode::include) fail(here(), no_include);
        if (mode_ == Mode::assign) end_rule();
        end_last_line();
        if (!lists_.empty()) fail(lists_.back(), "this list is not closed: ')' is missing");
        if (!blocks_.empty()) fail(blocks_.back(), "this block is not closed: '}' is missing");
        if (failed_) return std::nullopt;
        return std::move(tokens_);
    }

  private:
    // --- The text. ---

    // The character at an offset; the last line ends, as all do.
    [[nodiscard]] char at(std::size_t offset) const {
        return offset < text_.size() ? text_[offset] : '\n';
    }
    [[nodiscard]] bool starts_with(std::string_view word) const {
        return text_.substr(next_).starts_with(word);
    }
    [[nodiscard]] std::size_t behind_blanks(std::size_t offset) const {
        while (offset < text_.size() && is_blank(text_[offset])) offset++;
        return offset;
    }
    [[nodiscard]] std::size_t end_of_line() const {
        return std::min(text_.find('\n', next_), text_.size());
    }
    // Behind the NAME at an offset; the same offset if there is none.
    [[nodiscard]] std::size_t behind_name(std::size_t offset) const {
        if (!is_letter(at(offset))) return offset;
        while (is_letter(at(offset)) || is_digit(at(offset))) offset++;
        return offset;
    }
    [[nodiscard]] bool is_continuation(std::size_t offset) const {
        if (at(offset) != '\\') return false;
        offset = behind_blanks(offset + 1);
        return at(offset) == '\n';
    }
    // How long the character is that belongs to a word, escaped or not; 0 if it does not.
    [[nodiscard]] std::size_t character(std::size_t offset) const {
        if (offset >= text_.size() || is_space(text_[offset]) || text_[offset] == '"') return 0;
        if (text_[offset] != '\\') return 1;
        return at(offset + 1) == '\n' ? 0 : 2;
    }

    void move_to(std::size_t offset) {
        for (; next_ < offset; next_++) {
            if (text_[next_] != '\n') continue;
            line_++;
            line_begin_ = next_ + 1;
        }
    }

    [[nodiscard]] diag::Position here() const {
        return {line_, static_cast<std::uint32_t>(next_ - line_begin_ + 1)};
    }

    void fail(diag::Position begin, std::string why) {
        failed_ = true;
        report_.error(diag::Span{inclusion_, begin, {begin.line, begin.column + 1}},
                      std::move(why));
    }

    // --- Tokens. ---

    void add(Kind kind, std::string_view text) {
        tokens_.push_back({kind, text, here(), !in_rule_ && kind != Kind::comment, gap_,
                           std::exchange(line_ends_, 0)});
        gap_ = false;
    }

    // The token that ends at an offset.
    void take(Kind kind, std::size_t end) {
        add(kind, text_.substr(next_, end - next_));
        if (kind != Kind::comment) in_rule_ = true;
        move_to(end);
    }

    void take_word(std::size_t end, Mode mode) {
        take(Kind::word, end);
        mode_ = mode;
    }

    // The rule is over: the next token begins another.
    void begin_rule() {
        in_rule_ = false;
        may_open_block_ = true;
        mode_ = Mode::start;
    }

    // The rule ends here, without a comma.
    void end_rule() {
        drop_continuation();
        const auto line_ends = std::exchange(line_ends_, 0);
        add(Kind::end, {});
        line_ends_ = line_ends;
        begin_rule();
    }

    // A line that goes on, but with nothing: as the last one of an assignment it would
    // take in whatever is written behind it.
    void drop_continuation() {
        if (!tokens_.empty() && tokens_.back().kind == Kind::continuation) tokens_.pop_back();
    }

    // What goes on at the end of the text goes on with nothing. But what ends its line is no
    // part of a word any more, as it was before a backslash.
    void end_last_line() {
        drop_continuation();
        if (tokens_.empty() || !in_rule_) return;
        const Token& last = tokens_.back();
        if (last.text.ends_with('{'))
            fail(last.at, "this block is not closed: '}' is missing");
        else if (last.text == "include")
            fail(last.at, no_include);
    }

    // False at the text's end.
    bool skip_space() {
        while (next_ < text_.size()) {
            const char c = text_[next_];
            if (c == '\n') {
                if (mode_ == Mode::include) {
                    fail(here(), no_include);
                    return false;
                }
                if (mode_ == Mode::assign) end_rule();
                line_ends_++;
            } else if (is_continuation(next_)) {
                take_continuation();
                continue;
            } else if (!is_blank(c)) {
                return true;
            }
            gap_ = true;
            move_to(next_ + 1);
        }
        return false;
    }

    void take_continuation() {
        const auto end = std::min(end_of_line() + 1, text_.size());
        // Between rules a line's end is as good, in a row the first one.
        if (!in_rule_ || mode_ == Mode::include) {
            line_ends_ += in_rule_ ? 0 : 1;
            move_to(end);
        } else if (tokens_.back().kind == Kind::continuation) {
            move_to(end);
        } else {
            add(Kind::continuation, text_.substr(next_, 1));
            move_to(end);
        }
        gap_ = true;
    }

    void scan_token() {
        const char c = text_[next_];
        if (c == '#' && mode_ != Mode::include) {
            if (mode_ == Mode::start && is_include()) return take_include();
            return take_comment();
        }
        if (c == '"') return scan_string();
        switch (mode_) {
            case Mode::start:
                return scan_start();
            case Mode::name:
                return scan_name();
            case Mode::body:
                return scan_body();
            case Mode::value:
                return scan_value();
            case Mode::list:
                return scan_list();
            case Mode::item:
                return scan_item();
            case Mode::assign:
                return scan_assigned();
            case Mode::include:
                return scan_include();
            case Mode::abi:
                return scan_abi();
        }
    }

    void take_comment() {
        auto end = end_of_line();
        while (is_blank(text_[end - 1])) end--;
        take(Kind::comment, end);
    }

    void scan_string() {
        auto end = next_ + 1;
        while (end < text_.size() && text_[end] != '"' && text_[end] != '\n')
            end += text_[end] == '\\' && at(end + 1) != '\n' ? 2 : 1;
        if (at(end) != '"') return fail(here(), "the closing quote is missing");
        const bool stays = mode_ == Mode::list || mode_ == Mode::item || mode_ == Mode::assign;
        const bool includes = mode_ == Mode::include;
        take_word(end + 1, mode_ == Mode::item ? Mode::list : stays ? mode_ : Mode::body);
        if (includes) end_rule();
    }

    // --- At the beginning of a rule. ---

    [[nodiscard]] bool is_include() const {
        if (starts_with("#include")) {
            const auto behind = behind_blanks(next_ + 8);
            return (behind > next_ + 8 && behind < text_.size()) || at(behind) == '<' ||
                   at(behind) == '"';
        }
        const char behind = at(next_ + 7);
        return starts_with("include") && (is_blank(behind) || behind == '<' || behind == '"');
    }

    void take_include() { take_word(next_ + (text_[next_] == '#' ? 8 : 7), Mode::include); }

    // "@{NAME} =", "@NAME =", "$NAME =", "${NAME} =" and the like.
    bool take_assignment() {
        std::size_t end = next_ + 1;
        if (at(end) == '{') {
            while (!is_space(at(end)) && at(end) != '}') end++;
            if (at(end++) != '}') return false;
        } else if (end = behind_name(end); end == next_ + 1) {
            return false;
        }
        const auto begin = behind_blanks(end);
        const auto sign = begin + (std::string_view("+?:").contains(at(begin)) ? 1U : 0U);
        const bool assigns = at(sign) == '=';
        // At the beginning of a rule booleans are good for nothing else.
        if (!assigns && text_[next_] != '$') return false;
        take_word(end, Mode::assign);
        if (!assigns) return true;
        move_to(begin);
        take(Kind::assign, sign + 1);
        return true;
    }

    bool take_priority() {
        if (!starts_with("priority")) return false;
        const auto equals = behind_blanks(next_ + 8);
        if (at(equals) != '=') return false;
        const auto value = behind_blanks(equals + 1);
        auto end = value + (at(value) == '+' || at(value) == '-' ? 1U : 0U);
        if (!is_digit(at(end))) return false;
        while (is_digit(at(end))) end++;
        take(Kind::key, next_ + 8);
        move_to(value);
        take(Kind::word, end);
        return true;
    }

    void scan_start() {
        const char c = text_[next_];
        // Behind qualifiers, too, as to the parser.
        if (is_include()) return take_include();
        if ((c == '@' || c == '$') && !in_rule_ && take_assignment()) return;
        if (take_priority()) return;
        if (c == '^') return take_word(next_ + 1, Mode::name);
        if (const auto end = behind_namespace(); end != next_)
            return take_word(end_of_path(end), Mode::body);
        if (c == '/' || starts_with("@{") || !is_letter(c)) return scan_body();

        auto end = next_;
        while (end < text_.size() && !is_space(text_[end]) &&
               !std::string_view("\",(){}=<>\\").contains(text_[end]))
            end++;
        const auto word = text_.substr(next_, end - next_);
        if (contains(qualifiers, word)) return take(Kind::word, end);
        const bool names = contains(naming, word);
        may_open_block_ = names || word == "if";
        take_word(end, names ? Mode::name : word == "abi" ? Mode::abi : Mode::body);
    }

    // --- In a rule. ---

    // Behind ":NAMESPACE:", which goes on as a path does; the same offset if there is none.
    [[nodiscard]] std::size_t behind_namespace() const {
        if (text_[next_] != ':') return next_;
        const auto end = text_.find_first_of(" \t\r\n\":,{}/", next_ + 1);
        return end != text_.npos && text_[end] == ':' && end > next_ + 1 ? end + 1 : next_;
    }

    // Behind a word that takes commas, if it goes on behind them, and braces.
    [[nodiscard]] std::size_t end_of_path(std::size_t end) const {
        for (;;) {
            auto more = end;
            while (at(more) == ',' && more < text_.size()) more++;
            const auto length = character(more);
            if (!length) return end;
            end = more + length;
        }
    }

    // Behind a word without any of these characters, in lists but for commas in braces.
    [[nodiscard]] std::size_t end_of_word(std::string_view excluded) const {
        auto end = next_;
        std::size_t braces = 0;
        while (const auto length = character(end)) {
            const char c = text_[end];
            if (c == ',' ? !braces || !character(end + 1) : excluded.contains(c)) break;
            if (c == '{') braces++;
            if (c == '}' && braces) braces--;
            end += length;
        }
        return end;
    }

    // "NAME =", but not "NAME ==". The key's value is what comes next.
    bool take_key(Mode value) {
        const auto end = behind_name(next_);
        const auto equals = behind_blanks(end);
        if (end == next_ || at(equals) != '=' || at(equals + 1) == '=') return false;
        take(Kind::key, end);
        move_to(equals + 1);
        mode_ = value;
        return true;
    }

    void take_comma() {
        take(Kind::comma, next_ + 1);
        begin_rule();
    }

    void take_open() {
        if (blocks_.size() == depth_max)
            return fail(here(), fmt::format("blocks nest deeper than {}", depth_max));
        blocks_.push_back(here());
        take(Kind::open, next_ + 1);
        begin_rule();
    }

    void take_close() {
        if (blocks_.empty()) return fail(here(), "this brace closes nothing");
        // At the end of a line, where the brace's absence would leave it, it means another.
        if (in_rule_ && is_escaped_blank(tokens_.back().text))
            return fail(tokens_.back().at, "this rule does not end: ',' is missing");
        blocks_.pop_back();
        take(Kind::close, next_ + 1);
        begin_rule();
    }

    void take_left() {
        if (lists_.size() == depth_max)
            return fail(here(), fmt::format("lists nest deeper than {}", depth_max));
        lists_.push_back(here());
        take(Kind::left, next_ + 1);
        mode_ = Mode::list;
    }

    void take_right() {
        if (lists_.empty()) return fail(here(), "this parenthesis closes nothing");
        lists_.pop_back();
        take(Kind::right, next_ + 1);
        mode_ = lists_.empty() ? Mode::body : Mode::list;
    }

    // Rules that have no block may have a glob that begins with a brace.
    [[nodiscard]] bool opens_block() const {
        const char behind = at(next_ + 1);
        return may_open_block_ || (gap_ && (is_space(behind) || behind == '#'));
    }

    void scan_body() {
        switch (text_[next_]) {
            case ',':
                return take_comma();
            case '{':
                if (opens_block()) return take_open();
                return take_word(end_of_path(next_), Mode::body);
            case '}':
                return take_close();
            case '(':
                return take_left();
            case ')':
                return take_right();
            default:
                break;
        }
        if (starts_with("->")) return take_word(next_ + 2, Mode::name);
        if (take_key(Mode::value)) return;
        if (text_[next_] == '/' || starts_with("@{") || starts_with("${"))
            return take_word(end_of_path(next_), Mode::body);
        // In a condition: the brace opens no block.
        if (starts_with("${")) {
            const auto end = behind_name(next_ + 2);
            if (at(end) == '}') return take_word(end + 1, Mode::body);
        }
        auto end = next_;
        while (const auto length = character(end)) {
            if (std::string_view(",(){}").contains(text_[end])) break;
            end += length;
        }
        take_word(end, Mode::body);
    }

    void scan_name() {
        const char c = text_[next_];
        if (c == ',') return take_comma();
        if (c == '{' && is_space(at(next_ + 1))) return take_open();
        take_word(end_of_path(next_), Mode::body);
    }

    void scan_value() {
        const char c = text_[next_];
        if (c == ',') return take_comma();
        if (c == '(') return take_left();
        take_word(end_of_path(next_), Mode::body);
    }

    void scan_list() {
        const char c = text_[next_];
        if (c == ',') return take(Kind::separator, next_ + 1);
        if (c == '(') return take_left();
        if (c == ')') return take_right();
        if (c == '}' && is_space(at(next_ + 1)))
            return fail(lists_.back(), "this list is not closed: ')' is missing");
        if (take_key(Mode::item)) return;
        auto end = next_;
        while (end < text_.size() && is_operator(text_[end])) end++;
        take_word(end > next_ ? end : end_of_word("()=<>!&|"), Mode::list);
    }

    void scan_item() {
        mode_ = Mode::list;
        if (std::string_view(",()").contains(text_[next_])) return scan_list();
        take_word(end_of_word("()"), Mode::list);
    }

    // --- What no comma ends. ---

    void scan_assigned() {
        auto end = end_of_path(next_);
        while (end == next_ || at(end) == ',') end++;  // commas that belong to no word
        take_word(end, Mode::assign);
    }

    void scan_include() {
        if (starts_with("if")) {
            const auto exists = behind_blanks(next_ + 2);
            const auto end = exists + 6;
            if (exists > next_ + 2 && text_.substr(exists, 6) == "exists" && is_blank(at(end)) &&
                end < text_.size()) {
                take(Kind::word, next_ + 2);
                gap_ = true;
                move_to(exists);
                return take(Kind::word, end);
            }
        }
        auto end = end_of_path(next_);
        if (text_[next_] == '<') {
            end = text_.find('>', next_);
            if (end >= end_of_line()) return fail(here(), "the closing '>' is missing");
            end++;
        }
        if (end == next_) return fail(here(), no_include);
        take(Kind::word, end);
        end_rule();
    }

    void scan_abi() {
        if (text_[next_] == ',') return take_comma();
        auto end = end_of_path(next_);
        if (text_[next_] == '<') {
            end = text_.find('>', next_);
            if (end >= end_of_line()) return fail(here(), "the closing '>' is missing");
            end++;
        }
        take_word(end, Mode::body);
    }

    std::string_view text_;
    std::uint32_t inclusion_;
    diag::Report& report_;
    std::vector<Token> tokens_;
    std::vector<diag::Position> blocks_;  // that are open
    std::vector<diag::Position> lists_;
    Mode mode_ = Mode::start;
    std::size_t next_ = 0;  // the offset of what is not scanned yet
    std::size_t line_begin_ = 0;
    std::uint32_t line_ = 1;
    std::uint32_t line_ends_ = 0;
    bool gap_ = false;
    bool in_rule_ = false;
    bool may_open_block_ = true;
    bool failed_ = false;
};

}  // namespace

std::optional<std::vector<Token>> scan(std::string_view text, std::uint32_t inclusion,
                                       diag::Report& report) {
    return Scanner(text, inclusion, report).run();
}

}  // namespace isolates::format
