// SPDX-License-Identifier: GPL-2.0-only
// The text of the policies as tokens, includes resolved.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "diag/report.hpp"
#include "diag/sources.hpp"
#include "parse/ast/text.hpp"
#include "parse/grammar.hpp"
#include "parse/include.hpp"

namespace isolates::parse {

class Lexer {
  public:
    // Limits on hostile input. Each is an error of its own.
    static constexpr std::size_t include_depth_max = 64;
    static constexpr std::size_t inclusions_max = 32768;
    static constexpr std::size_t block_depth_max = 64;
    static constexpr std::size_t text_max = std::size_t{32} << 20;  // bytes, includes too
    static constexpr std::size_t tokens_max = std::size_t{1} << 20;
    static constexpr std::size_t rules_max = std::size_t{1} << 18;

    Lexer(diag::Sources& sources, diag::Report& report, const SearchPath& path,
          const Files& files = disk());
    ~Lexer();
    Lexer(const Lexer&) = delete;
    Lexer& operator=(const Lexer&) = delete;

    // Begins with a file of the command line. False if it cannot be read; that is
    // reported then.
    bool open(const std::string& name);

    // Has the variables in the names of includes expanded: to nothing on an error, which
    // is reported. Without this they are an error themselves.
    using Expand = std::function<std::optional<std::vector<std::string>>(const ast::Text& name)>;
    void set_expand(Expand expand) { expand_ = std::move(expand); }

    // The next token; END for ever at the end.
    Grammar::symbol_type next();

    // --- What the parser does about a syntax error, at the token it read last. ---

    // Passes over the rest of the rule: the next token is the comma that ends it, or
    // the brace that opens or closes a block.
    void skip_rule();

    // Behaves as if a comma stood before the last token, which will be read again as
    // the beginning of a rule.
    void insert_comma();

    // The place behind the token before the last one.
    [[nodiscard]] diag::Span behind_previous() const { return previous_.behind(); }

    // The last token is the first one of its line.
    [[nodiscard]] bool on_new_line() const { return token_.begin.line != previous_.end.line; }

    // The parser has a rule more; it ends with @at.
    void count_rule(const diag::Span& at);

    // A limit was exceeded: the end that the parser sees is none of the text's.
    [[nodiscard]] bool gave_up() const { return gave_up_; }

    // The last token is in braces (a closing one still is).
    [[nodiscard]] bool in_block() const { return !blocks_.empty(); }

    [[nodiscard]] std::string_view text(const diag::Span& span) const {
        return sources_.text(span);
    }
    [[nodiscard]] diag::Report& report() { return report_; }

    // --- For the generated scanner only. ---

    // Notes what was matched, if it is of one line.
    void advance(std::size_t length) {
        match_ = {frames_.back().inclusion, match_.end, match_.end};
        match_.end.column += static_cast<std::uint32_t>(length);
    }
    // The same again for what is kept of it, or has several lines.
    void retake(std::string_view kept);

    [[nodiscard]] const diag::Span& token_span() const { return match_; }
    [[nodiscard]] diag::Span here() const { return match_.behind(); }
    // A part of the match, as a part of the file.
    [[nodiscard]] ast::Text token_text(std::string_view text, bool quoted = false) const {
        const Frame& frame = frames_.back();
        const auto offset = static_cast<std::size_t>(text.data() - frame.scanned.get());
        return {frame.text.substr(offset, text.size()), match_, quoted};
    }
    void include(std::string_view name, bool angled);
    void fail_include(std::string text);
    bool end_file();                            // true: that was the last one
    bool open_block();                          // false: too deep, and all is over
    bool close_block();                         // false: it is not this file's to close
    [[nodiscard]] bool has_open_block() const;  // one that this file opened
    void report_open_block();
    void report_end_in_rule();
    void report_variable_name();
    void pass_over() { gap = false; }
    void end_rule() { comma_is_due_ = true; }
    [[nodiscard]] bool match_is_on_new_line() const { return match_.begin.line != token_.end.line; }

    std::size_t parentheses = 0;  // how deep we are in lists
    bool gap = true;              // white space goes before the match
    bool skipping_error = false;  // else: passing over a rule that is well-formed
    bool include_if_exists = false;

  private:
    // A file that is being read.
    struct Frame {
        std::uint32_t inclusion = 0;
        std::optional<FileIdentity> identity;
        diag::Span match;        // the last one in it
        std::size_t blocks = 0;  // how many were open at its beginning
        std::string_view text;
        std::unique_ptr<char[]> scanned;  // a copy, which flex writes in
        void* buffer = nullptr;           // flex's
        std::vector<std::string> queue;   // what is still to be read of an included folder
        std::size_t queue_next = 0;
        diag::Span include;  // the rule that names the folder
    };

    // What an include of that name reads; nothing if it names what is not there, which is
    // reported unless it may be.
    Included find_included(const std::string& name, bool angled, bool may_be_missing);

    Grammar::symbol_type scan_next();
    void* push_buffer(char* begin, std::size_t size);
    void pop_buffer(void* buffer, void* below);
    bool push_file(const std::string& name, const File& file, std::optional<diag::Span> from);
    void pop_file();
    bool include_file(const std::string& name, const File& file);
    void read_queue();
    void give_up(const std::optional<diag::Span>& at, std::string text);

    diag::Sources& sources_;
    diag::Report& report_;
    const SearchPath& path_;
    const Files& files_;
    Expand expand_;
    void* scanner_ = nullptr;
    std::vector<Frame> frames_;
    std::vector<diag::Span> blocks_;
    // By block, the outermost first: what was included in it. Once is enough, as in
    // AppArmor, and so includes cannot multiply.
    std::vector<std::set<FileIdentity>> included_;
    diag::Span match_;
    diag::Span token_;
    diag::Span previous_;
    diag::Span comma_inserted_before_;
    bool match_is_token_ = false;  // the last token was matched, not made up
    bool comma_is_due_ = false;
    bool close_is_due_ = false;  // the last token closes the innermost block
    bool open_block_reported_ = false;
    std::size_t text_read_ = 0;  // bytes
    std::size_t tokens_ = 0;
    std::size_t rules_ = 0;
    bool over_ = false;  // nothing more is read
    bool gave_up_ = false;
};

// What to say of a character that begins no token.
std::string unexpected_character(char c);

// For bison.
inline Grammar::symbol_type yylex(Lexer& lexer) {
    return lexer.next();
}

}  // namespace isolates::parse
