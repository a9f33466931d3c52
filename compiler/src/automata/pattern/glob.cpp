// SPDX-License-Identifier: GPL-2.0-only
#include "automata/pattern/glob.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace isolates::automata {

namespace {

constexpr ByteSet not_slash() {
    ByteSet slash;
    slash.add('/');
    return slash.complement();
}

constexpr ByteSet kNotSlash = not_slash();

// What means something else than itself, at least somewhere, and what is refused.
constexpr ByteSet special() {
    ByteSet special;
    for (const char c : std::string_view("*?[]{},\\\0", 9))
        special.add(static_cast<std::uint8_t>(c));
    return special;
}

constexpr ByteSet kSpecial = special();

int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return 16;
}

// As in {usr/,} and {,32,64}.
constexpr std::size_t kUsualAlternatives = 3;

class GlobParser {
  public:
    GlobParser(std::string_view glob, Vocabulary& vocabulary)
        : glob_(glob), vocabulary_(vocabulary) {
        current_.reserve(glob.size());
    }

    std::expected<Sequence, GlobError> parse() {
        while (!error_ && at_ < glob_.size())
            if (!literals()) step();
        if (!error_ && !open_.empty()) fail("'{' without its '}'", open_.back().position);
        if (error_) return std::unexpected(std::move(*error_));
        return std::move(current_);
    }

  private:
    // An alternation whose '}' is still to come.
    struct Open {
        std::size_t position;
        Sequence before;
        Group alternatives;
    };

    void fail(std::string message, std::size_t position) {
        if (!error_) error_ = GlobError{std::move(message), position};
    }

    [[nodiscard]] bool is_next(char c) const { return at_ < glob_.size() && glob_[at_] == c; }

    void put(Item item) {
        vocabulary_.append(current_, item);
        behind_slash_ = item == Vocabulary::byte('/');
    }

    // The bytes from here on that stand for themselves, whatever is around them: nearly all
    // are such. False if there are none.
    bool literals() {
        const std::string_view rest = glob_.substr(at_);
        const auto end = std::ranges::find_if(
            rest, [](char c) { return kSpecial.has(static_cast<std::uint8_t>(c)); });
        if (end == rest.begin()) return false;
        const auto count = static_cast<std::size_t>(end - rest.begin());
        const std::size_t before = current_.size();
        current_.resize(before + count);
        for (std::size_t i = 0; i < count; i++)
            current_[before + i] = Vocabulary::byte(static_cast<std::uint8_t>(rest[i]));
        behind_slash_ = rest[count - 1] == '/';
        at_ += count;
        return true;
    }

    void step() {
        const std::size_t start = at_;
        switch (const char c = glob_[at_++]) {
            case '*':
                stars();
                break;
            case '?':
                put(vocabulary_.set(kNotSlash));
                break;
            case '[':
                byte_class(start);
                break;
            case ']':
                fail("']' without its '['", start);
                break;
            case '{':
                if (open_.size() >= kGlobDepthMax) fail("'{' nested too deep", start);
                open_.push_back({start, std::exchange(current_, {}), {}});
                open_.back().alternatives.reserve(kUsualAlternatives);
                behind_slash_ = false;
                break;
            case '}':
                close(start);
                break;
            case ',':
                if (open_.empty()) {
                    put(Vocabulary::byte(','));
                } else {
                    open_.back().alternatives.push_back(std::exchange(current_, {}));
                    behind_slash_ = false;
                }
                break;
            default:
                at_ = start;
                put(Vocabulary::byte(literal()));
                (void)c;
        }
    }

    // A run of stars; the first is read.
    void stars() {
        const std::size_t first = at_ - 1;
        while (is_next('*')) at_++;
        if (behind_slash_ && (at_ == glob_.size() || is_next('/'))) put(vocabulary_.set(kNotSlash));
        put(vocabulary_.loop(at_ - first > 1 ? ByteSet::all() : kNotSlash));
    }

    void close(std::size_t start) {
        if (open_.empty()) return fail("'}' without its '{'", start);
        Open group = std::move(open_.back());
        open_.pop_back();
        if (group.alternatives.empty())
            return fail("an alternation of one: '{' needs a ',' before its '}'", start);
        group.alternatives.push_back(std::exchange(current_, std::move(group.before)));
        vocabulary_.append(current_, vocabulary_.group(std::move(group.alternatives)));
        behind_slash_ = false;
    }

    // What is between '[' and ']'; the '[' is read.
    void byte_class(std::size_t start) {
        ByteSet set;
        const bool negated = is_next('^');
        if (negated) at_++;
        const std::size_t first = at_;
        while (!is_next(']')) {
            if (error_) return;
            if (at_ == glob_.size()) return fail("'[' without its ']'", start);
            // A '-' stands for itself in front only.
            if (is_next('-') && at_ != first) return fail("'-' without the end of its range", at_);
            std::uint8_t low = literal();
            std::uint8_t high = low;
            if (is_next('-')) {
                at_++;
                if (at_ == glob_.size() || is_next(']') || is_next('-'))
                    return fail("'-' without the end of its range", at_ - 1);
                high = literal();
            }
            if (low > high) std::swap(low, high);
            set.add(ByteSet::range(low, high));
        }
        if (at_ == first) return fail("'[' with nothing to match", start);
        at_++;
        put(vocabulary_.set(negated ? set.complement() : set));
    }

    // The next byte that stands for itself, or that an escape stands for.
    std::uint8_t literal() {
        const std::size_t start = at_;
        char c = glob_[at_++];
        if (c == '\\') {
            if (at_ == glob_.size()) {
                fail("'\\' with nothing behind it", start);
                return 0;
            }
            c = escape();
        }
        if (!c) fail("a byte 0 is in no path and no name", start);
        return static_cast<std::uint8_t>(c);
    }

    // What the escape stands for; its '\' is read.
    char escape() {
        if (digit(glob_[at_]) < 8) return *number(8, 3);
        switch (const char c = glob_[at_++]) {
            case 'd':
                return number(10, 3).value_or(c);
            case 'x':
                return number(16, 2).value_or(c);
            case 'a':
                return '\a';
            case 'e':
                return '\033';
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            default:
                return c;
        }
    }

    // At most @length digits of a number up to 255.
    std::optional<char> number(int base, int length) {
        std::optional<char> result;
        for (int value = 0; length-- && at_ < glob_.size() && digit(glob_[at_]) < base; at_++) {
            value = value * base + digit(glob_[at_]);
            if (value > 255) break;
            result = static_cast<char>(value);
        }
        return result;
    }

    std::string_view glob_;
    Vocabulary& vocabulary_;
    std::size_t at_ = 0;
    Sequence current_;
    std::vector<Open> open_;
    bool behind_slash_ = false;
    std::optional<GlobError> error_;
};

}  // namespace

std::expected<Sequence, GlobError> parse_glob(std::string_view glob, Vocabulary& vocabulary) {
    return GlobParser(glob, vocabulary).parse();
}

bool has_repeated_slash(std::string_view glob) {
    // Of two in a row, one is at an odd place.
    for (std::size_t i = 1; i < glob.size(); i += 2)
        if (glob[i] == '/' && (glob[i - 1] == '/' || (i + 1 < glob.size() && glob[i + 1] == '/')))
            return true;
    return false;
}

std::string filter_slashes(std::string_view glob) {
    std::string result(glob);
    const bool is_spared = glob.starts_with("//") && !glob.starts_with("///");
    const auto repeated = std::ranges::unique(result.begin() + (is_spared ? 2 : 0), result.end(),
                                              [](char a, char b) { return a == '/' && b == '/'; });
    result.erase(repeated.begin(), repeated.end());
    return result;
}

}  // namespace isolates::automata
