// SPDX-License-Identifier: GPL-2.0-only
#include "reference/glob_match.hpp"

#include <algorithm>
#include <bitset>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace isolates::reference {

namespace {

using Bytes = std::bitset<256>;

// One thing of the glob as it is written, from left to right.
struct Token {
    enum Kind { one, star, globstar, open, comma, close } kind = one;
    Bytes bytes;                      // for one
    bool is_slash = false;            // a '/' that stands for itself
    bool needs_one = false;           // for star and globstar
    std::size_t jump = 0;             // for comma: the place behind its '}'
    std::vector<std::size_t> starts;  // for open: where the alternatives begin
};

unsigned char byte_at(std::string_view text, std::size_t at) {
    return static_cast<unsigned char>(text[at]);
}

Bytes only(unsigned char byte) {
    Bytes bytes;
    bytes.set(byte);
    return bytes;
}

// Read what may be escaped: moves @at behind it.
unsigned char read_byte(std::string_view glob, std::size_t& at) {
    if (glob[at] != '\\') return byte_at(glob, at++);
    at++;
    std::string digits;
    int base = 0;
    std::size_t from = at;
    if (glob[at] >= '0' && glob[at] <= '7')
        base = 8;
    else if (glob[at] == 'd')
        base = 10, from = at + 1;
    else if (glob[at] == 'x')
        base = 16, from = at + 1;
    if (base) {
        const std::string_view known =
            std::string_view("0123456789abcdefABCDEF")
                .substr(0, base == 16 ? 22 : static_cast<std::size_t>(base));
        for (std::size_t i = from; i < glob.size() && digits.size() < (base == 16 ? 2u : 3u); i++) {
            if (known.find(glob[i]) == std::string_view::npos) break;
            if (std::stoi(digits + glob[i], nullptr, base) > 255) break;
            digits += glob[i];
        }
        if (!digits.empty()) {
            at = from + digits.size();
            return static_cast<unsigned char>(std::stoi(digits, nullptr, base));
        }
    }
    static const std::string_view letters = "aefnrt", meanings = "\a\033\f\n\r\t";
    const std::size_t letter = letters.find(glob[at++]);
    if (letter != std::string_view::npos) return byte_at(meanings, letter);
    return byte_at(glob, at - 1);
}

Token read_class(std::string_view glob, std::size_t& at) {
    Token token;
    at++;
    const bool negated = glob[at] == '^';
    if (negated) at++;
    while (glob[at] != ']') {
        unsigned low = read_byte(glob, at), high = low;
        if (glob[at] == '-' && glob[at + 1] != ']') {
            at++;
            high = read_byte(glob, at);
        }
        for (unsigned byte = std::min(low, high); byte <= std::max(low, high); byte++)
            token.bytes.set(byte);
    }
    at++;
    if (negated) token.bytes.flip();
    return token;
}

std::vector<Token> read_tokens(std::string_view glob) {
    std::vector<Token> tokens;
    std::vector<std::size_t> open;
    for (std::size_t at = 0; at < glob.size();) {
        Token token;
        switch (glob[at]) {
            case '*': {
                const bool behind_slash = !tokens.empty() && tokens.back().is_slash;
                std::size_t end = at;
                while (end < glob.size() && glob[end] == '*') end++;
                token.kind = end - at > 1 ? Token::globstar : Token::star;
                token.needs_one = behind_slash && (end == glob.size() || glob[end] == '/');
                at = end;
                break;
            }
            case '?':
                token.bytes = ~only('/');
                at++;
                break;
            case '[':
                token = read_class(glob, at);
                break;
            case '{':
                token.kind = Token::open;
                token.starts = {tokens.size() + 1};
                open.push_back(tokens.size());
                at++;
                break;
            case '}':
                token.kind = Token::close;
                // All commas of this group lead behind it.
                for (const std::size_t start : tokens[open.back()].starts)
                    if (start != open.back() + 1) tokens[start - 1].jump = tokens.size() + 1;
                open.pop_back();
                at++;
                break;
            case ',':
                if (!open.empty()) {
                    token.kind = Token::comma;
                    tokens[open.back()].starts.push_back(tokens.size() + 1);
                    at++;
                    break;
                }
                [[fallthrough]];
            default:
                token.bytes = only(read_byte(glob, at));
                token.is_slash = token.bytes == only('/');
        }
        tokens.push_back(std::move(token));
    }
    return tokens;
}

class Match {
  public:
    Match(std::string_view glob, std::string_view text) : tokens_(read_tokens(glob)), text_(text) {}

    bool from(std::size_t token, std::size_t at) {
        if (token == tokens_.size()) return at == text_.size();
        if (failed_.contains({token, at})) return false;
        const bool matches = step(token, at);
        if (!matches) failed_.insert({token, at});
        return matches;
    }

  private:
    bool step(std::size_t number, std::size_t at) {
        const Token& token = tokens_[number];
        switch (token.kind) {
            case Token::one:
                return at < text_.size() && token.bytes.test(byte_at(text_, at)) &&
                       from(number + 1, at + 1);
            case Token::star:
            case Token::globstar:
                if (token.needs_one) {
                    if (at == text_.size() || text_[at] == '/') return false;
                    at++;
                }
                for (;; at++) {
                    if (from(number + 1, at)) return true;
                    if (at == text_.size()) return false;
                    if (token.kind == Token::star && text_[at] == '/') return false;
                }
            case Token::open:
                return std::ranges::any_of(token.starts,
                                           [&](std::size_t start) { return from(start, at); });
            case Token::comma:
                return from(token.jump, at);
            case Token::close:
                return from(number + 1, at);
        }
        return false;
    }

    std::vector<Token> tokens_;
    std::string_view text_;
    std::set<std::pair<std::size_t, std::size_t>> failed_;
};

}  // namespace

bool glob_matches(std::string_view glob, std::string_view text) {
    return Match(glob, text).from(0, 0);
}

}  // namespace isolates::reference
