// SPDX-License-Identifier: GPL-2.0-only
#include "show/glob.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace isolates::show {
namespace {

constexpr ByteSet kSlash = only('/');

bool is_byte(const Element& element) {
    return !element.is_loop && element.bytes.size() == 1;
}

std::uint8_t byte_of(const Element& element) {
    std::uint8_t byte = 0;
    element.bytes.for_each([&](std::uint8_t value) { byte = value; });
    return byte;
}

bool is_slash(const Element& element) {
    return !element.is_loop && element.bytes == kSlash;
}

std::string escaped(std::uint8_t byte, std::string_view signs) {
    if (byte < ' ' || byte >= 0x7f) return fmt::format("\\x{:02x}", byte);
    const char c = static_cast<char>(byte);
    return signs.contains(c) ? std::string{'\\', c} : std::string(1, c);
}

std::string ranges(const ByteSet& set) {
    constexpr std::string_view signs = "\\[]{}^-\"@";
    std::string text;
    for (unsigned first = 1; first < 256; first++) {
        if (!set.has(static_cast<std::uint8_t>(first))) continue;
        unsigned last = first;
        while (last < 255 && set.has(static_cast<std::uint8_t>(last + 1))) last++;
        // A range of two is no shorter than its two bytes.
        if (last - first < 2) last = first;
        text += escaped(static_cast<std::uint8_t>(first), signs);
        if (last > first) text += '-' + escaped(static_cast<std::uint8_t>(last), signs);
        first = last;
    }
    return text;
}

std::string set_text(const ByteSet& set) {
    const ByteSet outside = common(set.complement(), kAnyByte);
    if (outside.empty()) return "{?,/}";
    if (outside == kSlash) return "?";
    return set.size() <= outside.size() ? fmt::format("[{}]", ranges(set))
                                        : fmt::format("[^{}]", ranges(outside));
}

// How many of the bytes from @at on are one character of UTF-8 beyond ASCII; 0 if none.
std::size_t character_size(const Glob& glob, std::size_t at) {
    const unsigned lead = byte_of(glob[at]);
    const std::size_t size = lead >= 0xf1 && lead <= 0xf3   ? 4
                             : lead >= 0xe1 && lead <= 0xef ? 3
                             : lead >= 0xc3 && lead <= 0xdf ? 2
                                                            : 0;
    if (!size || at + size > glob.size()) return 0;
    for (std::size_t i = 1; i < size; i++)
        if (!is_byte(glob[at + i]) || byte_of(glob[at + i]) >> 6 != 2) return 0;
    const unsigned second = byte_of(glob[at + 1]);
    // Surrogates are not characters, and those that turn the direction of writing
    // or take no place would show something else than there is.
    const bool is_deceptive = (lead == 0xed && second >= 0xa0) ||
                              (lead == 0xd8 && second == 0x9c) ||
                              (lead == 0xe2 && second <= 0x81) || (lead == 0xef && second >= 0xbb);
    return is_deceptive ? 0 : size;
}

class Writer {
  public:
    Writer(const Glob& glob, bool is_path) : glob_(glob), is_path_(is_path) {}

    std::string run() {
        while (at_ < glob_.size()) step();
        return std::move(text_);
    }

  private:
    [[nodiscard]] bool is_behind_slash() const { return at_ && is_slash(glob_[at_ - 1]); }
    // Whether a component ends with the element at @at.
    [[nodiscard]] bool ends(std::size_t at) const {
        return at + 1 == glob_.size() || is_slash(glob_[at + 1]);
    }

    static std::string_view stars(const Element& loop) {
        return loop.bytes == kAnyByte ? "**" : "*";
    }

    void step() {
        const Element& element = glob_[at_];
        if (element.is_loop) return write_loop(element);
        // Stars that make up a component stand for one byte at least.
        const bool is_component =
            is_behind_slash() && at_ + 1 < glob_.size() && glob_[at_ + 1].is_loop && ends(at_ + 1);
        if (is_component && element.bytes == kNameByte) {
            text_ += stars(glob_[at_ + 1]);
            at_ += 2;
        } else if (!is_byte(element)) {
            append(set_text(element.bytes));
            at_++;
        } else if (const std::size_t size = character_size(glob_, at_)) {
            for (std::size_t i = 0; i < size; i++)
                text_ += static_cast<char>(byte_of(glob_[at_ + i]));
            at_ += size;
        } else {
            write_byte(byte_of(element));
            at_++;
        }
    }

    // "@{" would be a variable.
    void append(const std::string& part) {
        if (part.starts_with('{') && text_.ends_with('@')) text_.insert(text_.size() - 1, 1, '\\');
        text_ += part;
    }

    void write_byte(std::uint8_t byte) {
        // The compiler takes several slashes in a row for one, but not escaped ones.
        if (is_path_ && byte == '/' && text_.ends_with('/')) text_ += '\\';
        text_ += escaped(byte, "\\*?[]{}\"");
    }

    void write_loop(const Element& loop) {
        const bool is_component = is_behind_slash() && ends(at_);
        const bool is_last = at_ + 1 == glob_.size();
        // Between slashes in a path nothing at all is no name either.
        if (is_component && (is_last || !is_path_))
            append(fmt::format("{{,{}}}", stars(loop)));
        else
            text_ += stars(loop);
        at_++;
    }

    const Glob& glob_;
    const bool is_path_;
    std::size_t at_ = 0;
    std::string text_;
};

}  // namespace

std::string text_of(const Glob& glob, bool is_path) {
    return Writer(glob, is_path).run();
}

std::string quoted(const std::string& text) {
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+~:%*?[]^\\@";
    std::size_t depth = 0;
    bool is_plain = !text.empty(), is_escaped = false;
    for (const char c : text) {
        // Within braces a comma cannot end the rule.
        if (c == '{' && !is_escaped) depth++;
        if (c == '}' && !is_escaped && depth) depth--;
        is_escaped = c == '\\' && !is_escaped;
        is_plain = is_plain && (plain.contains(c) || c == '{' || c == '}' || (c == ',' && depth) ||
                                static_cast<unsigned char>(c) >= 0x80);
    }
    return is_plain ? text : fmt::format("\"{}\"", text);
}

std::string escaped_name(std::string_view name) {
    std::string text;
    for (const char c : name) {
        if (std::string_view("\\*?[]{}\"@").contains(c)) text += '\\';
        text += c;
    }
    return quoted(text);
}

}  // namespace isolates::show
