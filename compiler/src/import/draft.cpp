// SPDX-License-Identifier: GPL-2.0-only
#include "import/draft.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "diag/render.hpp"

namespace isolates::import {
namespace {

constexpr std::size_t width_max = 96;
constexpr std::string_view shift = "  ";

void write_comments(std::string& out, const std::vector<std::string>& comments,
                    std::string_view indent) {
    for (const auto& comment : comments) {
        auto line = fmt::format("{}# {}", indent, diag::printable(comment));
        line.resize(line.find_last_not_of(' ') + 1);
        out += line + '\n';
    }
}

// "(a, b, c)", over several lines if one is not enough.
std::string list_of(const std::vector<std::string>& calls, std::size_t room) {
    const auto line = fmt::format("({})", fmt::join(calls, ", "));
    if (line.size() <= room) return line;
    std::string out = "(";
    std::size_t column = width_max;
    for (std::size_t i = 0; i < calls.size(); i++) {
        const auto word = calls[i] + (i + 1 < calls.size() ? "," : "");
        if (column + 1 + word.size() > width_max) {
            out += fmt::format("\n{0}{0}", shift);
            column = 2 * shift.size();
        } else {
            out += ' ';
            column++;
        }
        out += word;
        column += word.size();
    }
    return out + fmt::format("\n{})", shift);
}

void write_rule(std::string& out, const Rule& rule) {
    write_comments(out, rule.comments, shift);
    if (rule.qualifier.empty()) return;
    const auto head = fmt::format("{}{} syscall ", shift, rule.qualifier);
    const auto tail = rule.error_name.empty() ? "" : fmt::format(" errno={}", rule.error_name);
    out += head;
    if (rule.calls.size() == 1)
        out += rule.calls.front();
    else
        out += list_of(rule.calls, width_max - head.size() - tail.size());
    if (!rule.arguments.empty()) out += fmt::format("({})", rule.arguments);
    out += tail + ",\n";
}

bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._-").contains(c);
}

}  // namespace

std::string write(const Draft& draft) {
    std::string out;
    write_comments(out, draft.comments, "");
    for (const auto& policy : draft.policies) {
        const bool is_word = std::ranges::all_of(policy.name, is_plain);
        const auto* const quote = is_word ? "" : "\"";
        fmt::format_to(std::back_inserter(out), "{}policy {}{}{} flags=(default_allow) {{\n",
                       out.empty() ? "" : "\n", quote, policy.name, quote);
        for (const auto& binding : policy.bindings)
            fmt::format_to(std::back_inserter(out), "{}bind {},\n", shift, binding);
        // An empty line says where a comment begins, and that it stands for itself.
        bool is_first = policy.bindings.empty();
        bool is_apart = false;
        for (const auto& rule : policy.rules) {
            if (rule.qualifier.empty() && rule.comments.empty()) continue;  // about no call
            if (!is_first && (is_apart || !rule.comments.empty())) out += '\n';
            is_first = false;
            is_apart = rule.qualifier.empty();
            write_rule(out, rule);
        }
        out += "}\n";
    }
    return out;
}

std::string name_for(std::string_view file) {
    file = file.substr(file.rfind('/') + 1);
    if (const auto dot = file.rfind('.'); dot != file.npos && dot > 0) file = file.substr(0, dot);
    std::string name(file);
    std::ranges::replace_if(
        name, [](char c) { return !is_plain(c); }, '-');
    return name.empty() ? "imported" : name;
}

bool is_name(std::string_view name) {
    return !name.empty() && std::ranges::none_of(name, [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f ||
               std::string_view("\"\\{}[]*?^@").contains(c);
    });
}

}  // namespace isolates::import
