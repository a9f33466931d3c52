// SPDX-License-Identifier: GPL-2.0-only
#include "diag/sources.hpp"

#include <algorithm>
#include <utility>

namespace isolates::diag {
namespace {

std::vector<std::size_t> milestones_of(std::string_view text) {
    std::vector<std::size_t> milestones{0};
    std::size_t at = 0, lines = 0;
    while ((at = text.find('\n', at)) != text.npos) {
        at++;
        if (++lines % Sources::lines_apart == 0) milestones.push_back(at);
    }
    return milestones;
}

}  // namespace

std::optional<std::uint32_t> Sources::find(const std::string& name) const {
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) return std::nullopt;
    return found->second;
}

std::uint32_t Sources::add(std::string name, std::string text) {
    const auto index = static_cast<std::uint32_t>(files_.size());
    by_name_.emplace(name, index);
    files_.push_back({std::move(name), std::move(text), {}});
    return index;
}

std::uint32_t Sources::include(std::uint32_t file, std::optional<Span> from) {
    inclusions_.push_back({file, from});
    return static_cast<std::uint32_t>(inclusions_.size() - 1);
}

Span Sources::span_at(std::uint32_t file, Position position) const {
    const auto found = std::ranges::find(inclusions_, file, &Inclusion::file);
    return {static_cast<std::uint32_t>(found - inclusions_.begin()), position, position};
}

std::vector<Span> Sources::trail(const Span& span) const {
    std::vector<Span> trail;
    for (auto from = inclusions_[span.inclusion].from; from;
         from = inclusions_[from->inclusion].from)
        trail.push_back(*from);
    return trail;
}

std::string_view Sources::line(std::uint32_t file, std::uint32_t number) const {
    std::string_view rest = files_[file].text;
    auto& milestones = files_[file].milestones;
    if (milestones.empty()) milestones = milestones_of(rest);
    const auto milestone = std::size_t{number - 1} / lines_apart;
    if (milestone >= milestones.size()) return {};
    rest.remove_prefix(milestones[milestone]);
    for (std::uint32_t i = 1; i <= (number - 1) % lines_apart; i++) {
        const auto end = rest.find('\n');
        if (end == rest.npos) return {};
        rest.remove_prefix(end + 1);
    }
    rest = rest.substr(0, rest.find('\n'));
    if (rest.ends_with('\r')) rest.remove_suffix(1);
    return rest;
}

std::string_view Sources::text(const Span& span) const {
    const auto whole = line(file_of(span.inclusion), span.begin.line);
    const std::size_t first = std::min<std::size_t>(span.begin.column - 1, whole.size());
    if (span.end.line != span.begin.line) return whole.substr(first);
    return whole.substr(first, span.end.column - span.begin.column);
}

}  // namespace isolates::diag
