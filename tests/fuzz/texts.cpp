// SPDX-License-Identifier: GPL-2.0-only
#include "fuzz/texts.hpp"

#include <algorithm>
#include <cstring>
#include <set>
#include <utility>

#include "fuzz/memory_files.hpp"
#include "reference/text_changer.hpp"

namespace isolates::fuzz {

// FNV-1a: std::hash need not be the same tomorrow.
std::uint64_t seed_of(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : text) {
        hash ^= static_cast<std::uint8_t>(c);
        hash *= 0x100000001b3;
    }
    return hash;
}

Compilation compile(const std::string& file, const parse::Files& files, bool lint) {
    CompileOptions options;
    options.include_path = {"include"};
    options.files = &files;
    options.lint = lint;
    return isolates::compile({file}, options);
}

namespace {

// A line's file, and its number there.
using Place = std::pair<std::string, std::uint32_t>;

void list_errors(const std::string& file, const parse::Files& files, std::set<Place>& places) {
    const auto run = compile(file, files, false);
    for (const auto& diagnostic : run.report.diagnostics()) {
        if (diagnostic.severity != diag::Severity::error || !diagnostic.at) continue;
        const auto& at = *diagnostic.at;
        const auto& name = run.sources.name_of(at);
        for (auto line = at.begin.line; line <= at.end.line; line++) places.emplace(name, line);
    }
}

// Without the lines that are in error. What else that makes an error stays.
std::string mended(std::string_view text) {
    const MemoryFiles files(text);
    std::set<Place> wrong;
    for (const auto* const file : {"input.ipol", "after"})
        if (files.look_up(file).found) list_errors(file, files, wrong);
    std::string result;
    for (const auto& [place, line] : files.lines())
        if (!wrong.contains(place)) result += line;
    return result;
}

std::string changed(std::string_view text, unsigned seed) {
    reference::TextChanger changer(seed);
    if (seed % 4 == 1) return changer.changed(text);
    return changer.revised(seed % 4 == 2 ? mended(text) : std::string(text));
}

}  // namespace

std::size_t change_text(std::uint8_t* data, std::size_t size, std::size_t size_max, unsigned seed) {
    if (seed % 4 == 0) return LLVMFuzzerMutate(data, size, size_max);
    const auto text = changed(text_of(data, size), seed);
    const auto length = std::min(text.size(), size_max);
    std::memcpy(data, text.data(), length);
    return length;
}

}  // namespace isolates::fuzz
