// SPDX-License-Identifier: GPL-2.0-only
#include "cli/rule_text.hpp"

#include <algorithm>

namespace isolates::cli {

std::string_view source_text(const isolates_view& view, std::string_view name) {
    for (std::uint32_t i = 0; i < isolates_view_count(&view, ISOLATES_SECTION_SOURCES); i++) {
        const auto& source = view.sources[i];
        if (name == isolates_view_text(&view, source.name))
            return {isolates_view_text(&view, source.text), source.text.length};
    }
    return {};
}

std::string_view rule_text(std::string_view source, std::uint32_t line, std::uint32_t column) {
    for (std::uint32_t i = 1; i < line && !source.empty(); i++)
        source.remove_prefix(std::min(source.find('\n'), source.size() - 1) + 1);
    source = source.substr(0, source.find('\n'));
    source.remove_prefix(std::min<std::size_t>(column ? column - 1 : 0, source.size()));
    for (const std::string_view comment : {" #", "\t#"})
        source = source.substr(0, source.find(comment));
    const auto last = source.find_last_not_of(" \t\r");
    return source.substr(0, last == source.npos ? 0 : last + 1);
}

}  // namespace isolates::cli
