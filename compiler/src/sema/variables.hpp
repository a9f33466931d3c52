// SPDX-License-Identifier: GPL-2.0-only
// Variables: sets of words that text in which they are named multiplies by.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "diag/report.hpp"
#include "parse/ast/assignment.hpp"
#include "parse/ast/text.hpp"

namespace isolates::sema {

// A variable set outside of the policies, by the command line or the configuration.
struct Definition {
    std::string name;  // without "@{" and "}"
    std::vector<std::string> values;
};

// "NAME=value value"; nothing if that is not what the text is.
std::optional<Definition> parse_definition(std::string_view text);

// The variables of one file of the command line.
class Variables {
  public:
    // Bounds on what one text may expand to, and on variables in variables.
    static constexpr std::size_t expansions_max = 4096;
    static constexpr std::size_t bytes_max = std::size_t{1} << 20;
    static constexpr std::size_t depth_max = 64;
    // And on what all texts together expand to that have several values and are no variables'
    // values.
    static constexpr std::size_t expansions_total_max = std::size_t{1} << 18;
    static constexpr std::size_t bytes_total_max = std::size_t{16} << 20;

    // Definitions go before what the file assigns with "=", and outlive this. Of two of one
    // name the last one counts.
    explicit Variables(const std::vector<Definition>& definitions);

    // Takes an assignment of the file, in their order.
    void assign(const ast::Assignment& assignment, diag::Report& report);

    // All that a text expands to, each once, in the order of the variables' values.
    // "policy" is what @{profile_name} stands for. Nothing on an error, which is
    // reported: a variable that is not set, that leads to itself, or that multiplies
    // beyond the bounds. What is wrong with a value is reported once, where it is
    // assigned.
    std::optional<std::vector<std::string>> expand(const ast::Text& text, std::string_view policy,
                                                   diag::Report& report);

    // What @{exec_path} and @{attach_path} stand for from now on: the globs that a policy
    // attaches to; if there are none, to name these is an error.
    void set_attachment(std::vector<std::string> attachment);

    // Whether a variable of that name is set.
    [[nodiscard]] bool is_set(std::string_view name) const {
        return variables_.find(name) != variables_.end();
    }

    // The text names a variable.
    static bool has_variable(std::string_view text);

  private:
    struct Variable {
        std::vector<ast::Text> values;
        std::optional<diag::Span> assigned;  // nothing: defined outside
        enum class State { unknown, expanding, known, wrong } state = State::unknown;
        std::vector<std::string> expansions;
    };

    const std::vector<std::string>* expansions_of(Variable& variable, std::size_t depth,
                                                  diag::Report& report);
    std::optional<std::vector<std::string>> expand_text(const ast::Text& text, std::size_t depth,
                                                        diag::Report& report);
    // What a name in a text stands for; null on an error, which is reported.
    const std::vector<std::string>* values_of(std::string_view name, std::size_t offset,
                                              const ast::Text& text, std::size_t depth,
                                              diag::Report& report);
    bool is_too_much(const ast::Text& text, const std::vector<std::string>& expansions,
                     diag::Report& report);
    void report_unset(std::string_view name, const ast::Text& text, std::size_t offset,
                      diag::Report& report) const;

    std::map<std::string, Variable, std::less<>> variables_;
    void set_policy(std::vector<std::string> name, std::vector<std::string> attachment);

    std::size_t expansions_total_ = 0;
    std::size_t bytes_total_ = 0;
    std::string policy_;                    // the one of which expand() was asked last
    std::vector<std::string> policy_name_;  // what @{profile_name} is now
    std::vector<std::string> attachment_;   // what @{exec_path} is now
    // An expansion that is known has one of these in it.
    bool depends_on_policy_ = false;
};

// The part of a text that begins so many bytes behind its beginning.
diag::Span part(const ast::Text& text, std::size_t offset, std::size_t length);

// A text such that a glob of it matches nothing else.
std::string escape_glob(std::string_view text);

}  // namespace isolates::sema
