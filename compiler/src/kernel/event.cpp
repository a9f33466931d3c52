// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/event.hpp"

#include <algorithm>
#include <charconv>

namespace isolates::kernel {
namespace {

// One byte of a name in quotes, which is taken off the front of "text": the reverse of
// string_escape_mem() in the kernel.
std::optional<char> take_byte(std::string_view& text) {
    constexpr std::string_view letters = "fnrtvae\"\\";
    constexpr std::string_view bytes = "\f\n\r\t\v\a\x1b\"\\";
    const char first = text.front();
    text.remove_prefix(1);
    if (first != '\\') return first;
    if (text.empty()) return {};
    if (const auto at = letters.find(text.front()); at != letters.npos) {
        text.remove_prefix(1);
        return bytes[at];
    }
    unsigned value = 0;
    const char* const end = text.data() + std::min<std::size_t>(text.size(), 3);
    const auto [last, error] = std::from_chars(text.data(), end, value, 8);
    if (error != std::errc() || last - text.data() != 3 || value > 0xff) return {};
    text.remove_prefix(3);
    return static_cast<char>(value);
}

// A value: up to its closing quote, or up to the next space.
std::optional<std::string> take_value(std::string_view& text) {
    std::string value;
    if (!text.starts_with('"')) {
        value = text.substr(0, text.find(' '));
        text.remove_prefix(value.size());
        return value;
    }
    text.remove_prefix(1);
    while (!text.empty() && text.front() != '"') {
        const auto byte = take_byte(text);
        if (!byte) return {};
        value += *byte;
    }
    if (text.empty()) return {};
    text.remove_prefix(1);
    return value;
}

}  // namespace

std::optional<Event> Event::parse(std::string_view line) {
    Event event;
    while (!line.empty()) {
        const auto end = line.find_first_of("= \"");
        if (end == line.npos || end == 0 || line[end] != '=') return {};
        std::string key(line.substr(0, end));
        line.remove_prefix(end + 1);
        auto value = take_value(line);
        if (!value || (!line.empty() && line.front() != ' ')) return {};
        if (!line.empty()) line.remove_prefix(1);
        event.pairs_.emplace_back(std::move(key), std::move(*value));
    }
    if (event.pairs_.empty()) return {};
    return event;
}

std::string_view Event::operator[](std::string_view key) const {
    const auto pair = std::ranges::find(
        pairs_, key, [](const auto& each) { return std::string_view(each.first); });
    return pair == pairs_.end() ? std::string_view() : pair->second;
}

bool Event::has(std::string_view key) const {
    return std::ranges::any_of(pairs_, [&](const auto& pair) { return pair.first == key; });
}

unsigned long long Event::number(std::string_view key) const {
    const auto text = (*this)[key];
    unsigned long long value = 0;
    const auto [last, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && last == text.data() + text.size() ? value : 0;
}

}  // namespace isolates::kernel
