// SPDX-License-Identifier: GPL-2.0-only
#include "import/list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include "diag/suggest.hpp"
#include "sema/syscall_names.hpp"

namespace isolates::import {
namespace {

constexpr std::string_view blanks = " \t\r";

// A part of a line, without the blanks around it.
struct Field {
    std::string_view text;
    std::size_t offset;  // in its line
};

Field trimmed(std::string_view line, std::size_t begin, std::size_t end) {
    while (begin < end && blanks.contains(line[begin])) begin++;
    while (end > begin && blanks.contains(line[end - 1])) end--;
    return {line.substr(begin, end - begin), begin};
}

// What the list says of one namespace.
struct Namespace {
    std::vector<std::string> calls;
    std::vector<std::string> unknown;
    std::set<std::string, std::less<>> seen;
};

class Reader {
  public:
    Reader(std::uint32_t inclusion, diag::Report& report)
        : inclusion_(inclusion), report_(report) {}

    void read(std::string_view text) {
        while (!text.empty()) {
            const auto end = std::min(text.find('\n'), text.size());
            line_++;
            read_line(text.substr(0, end));
            text.remove_prefix(std::min(end + 1, text.size()));
        }
    }

    // By number, in the order of the text.
    std::vector<std::pair<std::uint32_t, Namespace>> namespaces;

  private:
    [[nodiscard]] diag::Span span(const Field& field) const {
        const auto column = static_cast<std::uint32_t>(field.offset + 1);
        const auto length = static_cast<std::uint32_t>(std::max<std::size_t>(field.text.size(), 1));
        return {inclusion_, {line_, column}, {line_, column + length}};
    }

    void read_line(std::string_view line) {
        if (line.contains('\0')) {
            report_.error(span({{}, line.find('\0')}), "a NUL byte: this is no text");
            return;
        }
        line = line.substr(0, line.find('#'));
        const auto all = trimmed(line, 0, line.size());
        if (all.text.empty()) return;
        const auto comma = line.find(',');
        if (comma == line.npos) {
            report_.error(span(all), "this is no line of a list").with_hint("write syscall, inode");
            return;
        }
        const auto name = trimmed(line, 0, comma);
        const auto number = trimmed(line, comma + 1, line.size());
        const bool is_name = std::ranges::all_of(name.text, [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                   c == '_';
        });
        if (name.text.empty() || !is_name)
            report_.error(span(name), name.text.empty()
                                          ? std::string("the system call's name is missing")
                                          : fmt::format("'{}' is no name", name.text));
        const auto inode = parse(number);
        if (inode && is_name && !name.text.empty()) add(name, *inode);
    }

    // The kernel's numbers of namespaces have 32 bits, and 0 is none.
    std::optional<std::uint32_t> parse(const Field& field) {
        std::uint32_t inode = 0;
        const auto [end, error] = std::from_chars(field.text.begin(), field.text.end(), inode);
        if (error == std::errc() && end == field.text.end() && inode) return inode;
        report_.error(span(field),
                      field.text.empty()
                          ? std::string("the namespace's number is missing")
                          : fmt::format("'{}' is no number of a namespace", field.text));
        return std::nullopt;
    }

    void add(const Field& name, std::uint32_t inode) {
        const auto [index, is_new] = index_.try_emplace(inode, namespaces.size());
        if (is_new) namespaces.emplace_back(inode, Namespace{});
        auto& target = namespaces[index->second].second;
        if (!target.seen.emplace(name.text).second) return;
        if (sema::is_syscall(name.text)) {
            target.calls.emplace_back(name.text);
            return;
        }
        target.unknown.emplace_back(name.text);
        report_
            .warning(span(name),
                     fmt::format("unknown system call '{}' becomes a comment", name.text))
            .with_hint(diag::did_you_mean(name.text, sema::syscall_names()));
    }

    std::uint32_t inclusion_;
    diag::Report& report_;
    std::map<std::uint32_t, std::size_t> index_;
    std::uint32_t line_ = 0;
};

}  // namespace

std::optional<Draft> read_list(const diag::Sources& sources, std::uint32_t file,
                               std::uint32_t inclusion, std::string_view kind,
                               const std::string& name, diag::Report& report) {
    const auto& source = sources.file(file);
    Reader reader(inclusion, report);
    reader.read(source.text);
    if (!report.errors() && reader.namespaces.empty())
        report.error(std::nullopt, fmt::format("{} has no line with a system call", source.name));
    if (report.errors()) return std::nullopt;

    Draft draft;
    draft.comments.push_back(fmt::format("The system calls that {} denies.", source.name));
    for (auto& [inode, listed] : reader.namespaces) {
        Policy policy{
            reader.namespaces.size() == 1 ? name : fmt::format("{}-{}", name, inode), {}, {}};
        policy.bindings.push_back(fmt::format("{} {}", kind, inode));
        for (const auto& unknown : listed.unknown)
            policy.rules.push_back(
                {{fmt::format("unknown system call: {}", unknown)}, {}, {}, {}, {}});
        if (!listed.calls.empty())
            policy.rules.push_back({{}, "deny", std::move(listed.calls), {}, "EPERM"});
        draft.policies.push_back(std::move(policy));
    }
    return draft;
}

}  // namespace isolates::import
