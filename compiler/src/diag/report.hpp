// SPDX-License-Identifier: GPL-2.0-only
// What is wrong with the policies, collected over a whole run.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "diag/span.hpp"

namespace isolates::diag {

enum class Severity { warning, error };

struct Note {
    Span at;
    std::string text;
};

struct Diagnostic {
    Severity severity = Severity::error;
    std::optional<Span> at;  // nothing: it is about no text, as with -D
    std::string text;        // one line, no capital, no full stop
    std::string hint;        // may be empty
    std::vector<Note> notes;

    Diagnostic& with_hint(std::string hint_text) {
        hint = std::move(hint_text);
        return *this;
    }
    Diagnostic& with_note(const Span& span, std::string note_text) {
        notes.push_back({span, std::move(note_text)});
        return *this;
    }
};

class Report {
  public:
    // How many diagnostics are kept; of those beyond only the number is.
    static constexpr std::size_t kept_max = 1000;

    // The result is valid until the next call; it is for hints and notes.
    Diagnostic& error(std::optional<Span> at, std::string text) {
        errors_++;
        return add({Severity::error, at, std::move(text), {}, {}});
    }
    Diagnostic& warning(std::optional<Span> at, std::string text) {
        warnings_++;
        return add({Severity::warning, at, std::move(text), {}, {}});
    }

    // In the order in which they were found.
    [[nodiscard]] const std::deque<Diagnostic>& diagnostics() const { return kept_; }
    [[nodiscard]] std::size_t errors() const { return errors_; }
    [[nodiscard]] std::size_t warnings() const { return warnings_; }

    // An include or an assignment was in error: that a variable is not set may
    // follow from that, and is then not worth telling.
    void set_variables_incomplete() { variables_incomplete_ = true; }
    [[nodiscard]] bool variables_incomplete() const { return variables_incomplete_; }

  private:
    Diagnostic& add(Diagnostic diagnostic) {
        if (kept_.size() == kept_max) return dropped_ = std::move(diagnostic);
        return kept_.emplace_back(std::move(diagnostic));
    }

    std::deque<Diagnostic> kept_;
    Diagnostic dropped_;
    std::size_t errors_ = 0;
    std::size_t warnings_ = 0;
    bool variables_incomplete_ = false;
};

}  // namespace isolates::diag
