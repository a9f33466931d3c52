// SPDX-License-Identifier: GPL-2.0-only
#include "diag/render.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

namespace isolates::diag {
namespace {

constexpr std::size_t line_shown_max = 160;  // bytes of a source line
constexpr std::size_t line_told_max = 4096;  // the same for programs

struct Palette {
    std::string_view error, warning, note, bold, caret, reset;
};

constexpr Palette plain{};
constexpr Palette colored{"\x1b[1;31m", "\x1b[1;35m", "\x1b[1;36m",
                          "\x1b[1m",    "\x1b[1;32m", "\x1b[0m"};

bool is_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7f;
}

// A part of a line, the bytes [first, last), on whose characters the caret fits.
struct Window {
    std::size_t first;
    std::size_t last;
};

Window window_of(std::string_view line, std::size_t caret, std::size_t size_max) {
    if (line.size() <= size_max) return {0, line.size()};
    std::size_t first = caret > size_max / 2 ? caret - size_max / 2 : 0;
    std::size_t last = std::min(line.size(), first + size_max);
    while (first < last && is_continuation(line[first])) first++;
    while (last < line.size() && last > first && is_continuation(line[last])) last--;
    return {first, last};
}

void render_line(std::string& out, const Sources& sources, const Span& span,
                 const Palette& palette) {
    const auto line = sources.line(sources.file_of(span.inclusion), span.begin.line);
    const std::size_t begin = std::min<std::size_t>(span.begin.column - 1, line.size());
    const std::size_t end = span.end.line == span.begin.line
                                ? std::min<std::size_t>(span.end.column - 1, line.size())
                                : line.size();
    const Window window = window_of(line, begin, line_shown_max);
    const std::string_view before = window.first ? "..." : "";
    const std::string_view after = window.last < line.size() ? "..." : "";

    // Tabs stay, above and below, so that the caret is right whatever their width.
    std::string shown(before);
    std::string marks(before.size(), ' ');
    for (std::size_t i = window.first; i < window.last; i++) {
        const char c = line[i];
        shown += is_control(c) && c != '\t' ? '?' : c;
        if (is_continuation(c)) continue;
        if (i < begin)
            marks += c == '\t' ? '\t' : ' ';
        else if (i == begin)
            marks += '^';
        else if (i < end)
            marks += '~';
    }
    if (begin >= window.last) marks += '^';  // behind the line's end
    shown += after;

    const auto number = fmt::format("{:5}", span.begin.line);
    fmt::format_to(std::back_inserter(out), "{} | {}\n{:>{}} | {}{}{}\n", number, shown, "",
                   number.size(), palette.caret, marks, palette.reset);
}

std::string place(const Sources& sources, const Span& span) {
    return fmt::format("{}:{}:{}", printable(sources.name_of(span)), span.begin.line,
                       span.begin.column);
}

void render_one(std::string& out, const Diagnostic& diagnostic, const Sources& sources,
                const Palette& palette) {
    const bool is_error = diagnostic.severity == Severity::error;
    const auto where = diagnostic.at ? place(sources, *diagnostic.at) : std::string("ipolc");
    fmt::format_to(std::back_inserter(out), "{}{}:{} {}{}:{} {}{}{}\n", palette.bold, where,
                   palette.reset, is_error ? palette.error : palette.warning,
                   is_error ? "error" : "warning", palette.reset, palette.bold,
                   printable(diagnostic.text), palette.reset);
    if (diagnostic.at) render_line(out, sources, *diagnostic.at, palette);
    if (!diagnostic.hint.empty())
        fmt::format_to(std::back_inserter(out), "{:>5} = {}hint:{} {}\n", "", palette.note,
                       palette.reset, printable(diagnostic.hint));
    if (diagnostic.at) {
        for (const Span& from : sources.trail(*diagnostic.at))
            fmt::format_to(std::back_inserter(out), "{:>5} = included from {}\n", "",
                           place(sources, from));
    }
    for (const Note& note : diagnostic.notes) {
        fmt::format_to(std::back_inserter(out), "{}{}:{} {}note:{} {}\n", palette.bold,
                       place(sources, note.at), palette.reset, palette.note, palette.reset,
                       printable(note.text));
        render_line(out, sources, note.at, palette);
    }
}

// Where a diagnostic stands in the text as read, includes in their place: the
// inclusion of the command line's file, then the positions on the way in.
std::vector<std::uint64_t> reading_order(const Diagnostic& diagnostic, const Sources& sources) {
    if (!diagnostic.at) return {};
    auto spans = sources.trail(*diagnostic.at);
    spans.insert(spans.begin(), *diagnostic.at);
    std::vector<std::uint64_t> key{spans.back().inclusion};
    for (auto span = spans.rbegin(); span != spans.rend(); ++span) {
        key.push_back(span->begin.line);
        key.push_back(span->begin.column);
    }
    return key;
}

std::vector<const Diagnostic*> in_reading_order(const Report& report, const Sources& sources) {
    std::vector<std::pair<std::vector<std::uint64_t>, const Diagnostic*>> keyed;
    for (const Diagnostic& diagnostic : report.diagnostics())
        keyed.emplace_back(reading_order(diagnostic, sources), &diagnostic);
    std::ranges::stable_sort(keyed, {}, [](const auto& entry) { return entry.first; });
    std::vector<const Diagnostic*> ordered;
    for (const auto& entry : keyed) ordered.push_back(entry.second);
    return ordered;
}

nlohmann::json place_json(const Sources& sources, const Span& span) {
    const auto line = sources.line(sources.file_of(span.inclusion), span.begin.line);
    const auto caret = std::min<std::size_t>(span.begin.column - 1, line.size());
    const auto [first, last] = window_of(line, caret, line_told_max);
    nlohmann::json place{
        {"file", sources.name_of(span)}, {"line", span.begin.line},
        {"column", span.begin.column},   {"end_line", span.end.line},
        {"end_column", span.end.column}, {"source", line.substr(first, last - first)}};
    if (last - first < line.size()) place["source_column"] = first + 1;
    return place;
}

std::string_view plural(std::size_t count) {
    return count == 1 ? "" : "s";
}

}  // namespace

std::string printable(std::string_view text) {
    std::string result(text);
    std::ranges::replace_if(result, is_control, '?');
    return result;
}

std::string render(const Report& report, const Sources& sources, bool color) {
    const Palette& palette = color ? colored : plain;
    const auto ordered = in_reading_order(report, sources);
    std::string out;
    for (std::size_t i = 0; i < ordered.size() && i < shown_max; i++)
        render_one(out, *ordered[i], sources, palette);

    const std::size_t total = report.errors() + report.warnings();
    if (total > shown_max) {
        const std::size_t rest = total - shown_max;
        fmt::format_to(std::back_inserter(out), "... and {} more\n", rest);
    }
    if (report.errors())
        fmt::format_to(std::back_inserter(out), "{} error{}", report.errors(),
                       plural(report.errors()));
    if (report.warnings())
        fmt::format_to(std::back_inserter(out), "{}{} warning{}", report.errors() ? ", " : "",
                       report.warnings(), plural(report.warnings()));
    if (total) out += '\n';
    return out;
}

nlohmann::json to_json(const Report& report, const Sources& sources) {
    auto list = nlohmann::json::array();
    for (const Diagnostic* diagnostic : in_reading_order(report, sources)) {
        auto entry =
            diagnostic->at ? place_json(sources, *diagnostic->at) : nlohmann::json::object();
        entry["severity"] = diagnostic->severity == Severity::error ? "error" : "warning";
        entry["message"] = diagnostic->text;
        if (!diagnostic->hint.empty()) entry["hint"] = diagnostic->hint;
        if (diagnostic->at) {
            for (const Span& from : sources.trail(*diagnostic->at))
                entry["included_from"].push_back(place_json(sources, from));
        }
        for (const Note& note : diagnostic->notes) {
            auto place = place_json(sources, note.at);
            place["message"] = note.text;
            entry["notes"].push_back(std::move(place));
        }
        list.push_back(std::move(entry));
    }
    const auto omitted = report.errors() + report.warnings() - list.size();
    nlohmann::json object{{"errors", report.errors()},
                          {"warnings", report.warnings()},
                          {"diagnostics", std::move(list)}};
    if (omitted) object["omitted"] = omitted;
    return object;
}

}  // namespace isolates::diag
