// SPDX-License-Identifier: GPL-2.0-only
#include "sema/variables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "diag/suggest.hpp"

namespace isolates::sema {
namespace {

constexpr std::string_view profile_name = "profile_name";

bool is_attachment(std::string_view name) {
    return name == "exec_path" || name == "attach_path";
}

// A run of text, or the name of a variable.
struct Piece {
    std::string_view text;
    std::size_t offset;  // of all that stands for it, "@{" included
    bool is_variable;
};

// Calls visit(piece) for each, until it returns false. Returns whether it never did.
template <typename Visit>
bool all_pieces(std::string_view text, Visit visit) {
    std::size_t begin = 0;
    for (std::size_t i = 0; i < text.size(); i++) {
        if (text[i] == '\\') {
            i++;
        } else if (text[i] == '@' && text.substr(i).starts_with("@{")) {
            const auto end = text.find('}', i);
            if (end == text.npos) break;
            if (i > begin && !visit(Piece{text.substr(begin, i - begin), begin, false}))
                return false;
            if (!visit(Piece{text.substr(i + 2, end - i - 2), i, true})) return false;
            i = end;
            begin = end + 1;
        }
    }
    return begin >= text.size() || visit(Piece{text.substr(begin), begin, false});
}

std::size_t bytes_of(const std::vector<std::string>& texts) {
    std::size_t bytes = 0;
    for (const auto& text : texts) bytes += text.size();
    return bytes;
}

void append(std::vector<std::string>& texts, std::string_view end) {
    for (auto& text : texts) text += end;
}

// Each of the texts with each of the ends, of which there is one most of the time.
void multiply(std::vector<std::string>& texts, const std::vector<std::string>& ends) {
    if (ends.size() == 1) return append(texts, ends.front());
    std::vector<std::string> product;
    product.reserve(texts.size() * ends.size());
    for (const auto& text : texts)
        for (const auto& end : ends) product.push_back(text + end);
    texts = std::move(product);
}

std::vector<std::string_view> words(std::string_view text) {
    std::vector<std::string_view> result;
    while (true) {
        const auto begin = text.find_first_not_of(" \t");
        if (begin == text.npos) return result;
        text.remove_prefix(begin);
        const auto end = std::min(text.find_first_of(" \t"), text.size());
        result.push_back(text.substr(0, end));
        text.remove_prefix(end);
    }
}

// Words of the command line and of the configuration stand nowhere.
bool is_of_file(const ast::Text& text) {
    return !text.at.is_empty();
}

std::optional<diag::Span> place_of(const ast::Text& text) {
    return is_of_file(text) ? std::optional(text.at) : std::nullopt;
}

bool is_name(std::string_view text) {
    const auto is_letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    return !text.empty() && is_letter(text.front()) &&
           std::ranges::all_of(text, [&](char c) { return is_letter(c) || is_digit(c); });
}

}  // namespace

diag::Span part(const ast::Text& text, std::size_t offset, std::size_t length) {
    diag::Span span = text.at;
    span.begin.column += static_cast<std::uint32_t>(offset + (text.quoted ? 1 : 0));
    span.end = {span.begin.line, span.begin.column + static_cast<std::uint32_t>(length)};
    return span;
}

std::string escape_glob(std::string_view text) {
    std::string escaped;
    escaped.reserve(text.size());
    for (const char c : text) {
        if (std::string_view("\\*?[]{}^,@").contains(c)) escaped += '\\';
        escaped += c;
    }
    return escaped;
}

std::optional<Definition> parse_definition(std::string_view text) {
    const auto equals = text.find('=');
    if (equals == text.npos || !is_name(text.substr(0, equals))) return std::nullopt;
    Definition definition{std::string(text.substr(0, equals)), {}};
    for (const auto word : words(text.substr(equals + 1))) definition.values.emplace_back(word);
    if (definition.values.empty()) return std::nullopt;
    return definition;
}

Variables::Variables(const std::vector<Definition>& definitions) {
    for (const auto& definition : definitions) {
        Variable variable;
        for (const auto& value : definition.values) variable.values.push_back({value, {}, false});
        variables_.insert_or_assign(definition.name, std::move(variable));
    }
}

bool Variables::has_variable(std::string_view text) {
    return !all_pieces(text, [](const Piece& piece) { return !piece.is_variable; });
}

void Variables::assign(const ast::Assignment& assignment, diag::Report& report) {
    using How = ast::Assignment::How;
    const auto found = variables_.find(assignment.name.text);
    if (found == variables_.end()) {
        if (assignment.how == How::append)
            report.error(assignment.name.at,
                         fmt::format("@{{{}}} is added to before it is set", assignment.name.text));
        Variable variable;
        variable.values = assignment.values;
        variable.assigned = assignment.name.at;
        variables_.emplace(assignment.name.text, std::move(variable));
    } else if (assignment.how == How::set_if_unset) {
        return;
    } else if (assignment.how == How::append) {
        auto& values = found->second.values;
        values.insert(values.end(), assignment.values.begin(), assignment.values.end());
    } else if (found->second.assigned) {
        report.error(assignment.name.at, fmt::format("@{{{}}} is set twice", assignment.name.text))
            .with_note(*found->second.assigned, "it is set here first; '+=' would add to it");
    } else {
        found->second.assigned = assignment.name.at;  // but the value is from outside
    }
}

void Variables::report_unset(std::string_view name, const ast::Text& text, std::size_t offset,
                             diag::Report& report) const {
    // It may be set by what could not be read, and that is reported.
    if (report.variables_incomplete()) return;
    std::vector<std::string_view> known{profile_name};
    for (const auto& variable : variables_) known.push_back(variable.first);
    const auto at =
        is_of_file(text) ? std::optional(part(text, offset, name.size() + 3)) : std::nullopt;
    report.error(at, fmt::format("@{{{}}} is not set", name))
        .with_hint(diag::did_you_mean(name, known));
}

const std::vector<std::string>* Variables::expansions_of(Variable& variable, std::size_t depth,
                                                         diag::Report& report) {
    switch (variable.state) {
        case Variable::State::known:
            return &variable.expansions;
        case Variable::State::wrong:
            return nullptr;
        case Variable::State::expanding:
            report.error(variable.assigned, "this variable leads to itself");
            variable.state = Variable::State::wrong;
            return nullptr;
        case Variable::State::unknown:
            break;
    }
    if (depth == depth_max) {
        report.error(variable.assigned, fmt::format("variables nest deeper than {}", depth_max));
        variable.state = Variable::State::wrong;
        return nullptr;
    }

    variable.state = Variable::State::expanding;
    std::set<std::string> seen;
    std::size_t bytes = 0;
    for (const auto& value : variable.values) {
        auto expansions = expand_text(value, depth + 1, report);
        if (!expansions || variable.state == Variable::State::wrong) {
            variable.state = Variable::State::wrong;
            return nullptr;
        }
        for (auto& expansion : *expansions) {
            if (!seen.insert(expansion).second) continue;
            bytes += expansion.size();
            variable.expansions.push_back(std::move(expansion));
        }
        if (variable.expansions.size() > expansions_max || bytes > bytes_max) {
            report.error(
                variable.assigned,
                fmt::format("this variable expands to more than {} words", expansions_max));
            variable.state = Variable::State::wrong;
            return nullptr;
        }
    }
    variable.state = Variable::State::known;
    return &variable.expansions;
}

std::optional<std::vector<std::string>> Variables::expand_text(const ast::Text& text,
                                                               std::size_t depth,
                                                               diag::Report& report) {
    if (!text.text.contains("@{")) return std::vector(1, std::string(text.text));
    std::vector<std::string> expansions(1);
    const bool is_right = all_pieces(text.text, [&](const Piece& piece) {
        if (!piece.is_variable) {
            append(expansions, piece.text);
            return true;
        }
        const auto* const values = values_of(piece.text, piece.offset, text, depth, report);
        if (!values) return false;
        const std::size_t bytes =
            values->size() * bytes_of(expansions) + expansions.size() * bytes_of(*values);
        if (expansions.size() * values->size() > expansions_max || bytes > bytes_max) {
            report
                .error(place_of(text),
                       fmt::format("{}expands to more than {} words",
                                   is_of_file(text) ? "this " : "-D ", expansions_max))
                .with_hint("write the variables' values as one alternation: {a,b}");
            return false;
        }
        multiply(expansions, *values);
        return true;
    });
    if (!is_right) return std::nullopt;
    return expansions;
}

const std::vector<std::string>* Variables::values_of(std::string_view name, std::size_t offset,
                                                     const ast::Text& text, std::size_t depth,
                                                     diag::Report& report) {
    if (const auto found = variables_.find(name); found != variables_.end())
        return expansions_of(found->second, depth, report);
    if (name == profile_name) {
        depends_on_policy_ = true;
        return &policy_name_;
    }
    if (is_attachment(name) && !attachment_.empty()) {
        depends_on_policy_ = true;
        return &attachment_;
    }
    if (is_attachment(name))
        report.error(place_of(text),
                     fmt::format("@{{{}}} is what the policy attaches to, and this one has no "
                                 "attachment",
                                 name));
    else
        report_unset(name, text, offset, report);
    return nullptr;
}

void Variables::set_policy(std::vector<std::string> name, std::vector<std::string> attachment) {
    if (name == policy_name_ && attachment == attachment_) return;
    policy_name_ = std::move(name);
    attachment_ = std::move(attachment);
    if (!std::exchange(depends_on_policy_, false)) return;
    for (auto& [_, variable] : variables_) {
        if (variable.state != Variable::State::known) continue;
        variable.state = Variable::State::unknown;
        variable.expansions.clear();
    }
}

void Variables::set_attachment(std::vector<std::string> attachment) {
    set_policy(policy_name_, std::move(attachment));
}

std::optional<std::vector<std::string>> Variables::expand(const ast::Text& text,
                                                          std::string_view policy,
                                                          diag::Report& report) {
    if (policy_name_.empty() || policy != policy_) {
        policy_ = policy;
        set_policy({escape_glob(policy)}, attachment_);
    }
    auto expansions = expand_text(text, 0, report);
    if (expansions && is_too_much(text, *expansions, report)) return std::nullopt;
    return expansions;
}

// Of all texts that are beyond the bounds the first one is reported.
bool Variables::is_too_much(const ast::Text& text, const std::vector<std::string>& expansions,
                            diag::Report& report) {
    const auto is_over = [this] {
        return expansions_total_ > expansions_total_max || bytes_total_ > bytes_total_max;
    };
    const bool was_over = is_over();
    // What is written once and stays one is no more than the text it was written in.
    if (expansions.size() <= 1) return false;
    expansions_total_ += expansions.size();
    bytes_total_ += bytes_of(expansions);
    if (!is_over()) return false;
    if (!was_over)
        report.error(place_of(text),
                     fmt::format("with this, the policies expand to more than {} words or {} bytes",
                                 expansions_total_max, bytes_total_max));
    return true;
}

}  // namespace isolates::sema
