// SPDX-License-Identifier: GPL-2.0-only
// What a command has to say, to people or to programs.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "cli/exit_status.hpp"
#include "config/config.hpp"
#include "diag/report.hpp"
#include "diag/sources.hpp"

namespace isolates::cli {

class Output {
  public:
    // Asked for JSON, all that is said goes into one object, which finish() prints.
    explicit Output(bool json) : is_json_(json) {}

    void set_color(config::Color color) { color_ = color; }

    // A line of the result.
    void line(std::string_view text) const;

    // Lines of the result that another program may read as they are.
    void text(std::string_view lines) const;

    // For programs, there is no one object, but one a line, as they come.
    void begin_stream() { is_stream_ = true; }
    void stream(const nlohmann::json& object) const;

    // Passes on what was said so far. Returns whether that worked.
    [[nodiscard]] bool flush() const;

    // A part of the result, for programs only.
    void set(const std::string& key, nlohmann::json value) { object_[key] = std::move(value); }

    // Why the command fails, as one line; returns its exit status. For people each
    // is printed at once, for programs the first one counts.
    ExitStatus fail(ExitStatus status, const std::string& reason);

    // What is wrong with policies, or with the configuration.
    void report(const diag::Report& report, const diag::Sources& sources);

    // Prints the object, if asked for. Returns the status it is given.
    ExitStatus finish(ExitStatus status);

    [[nodiscard]] bool is_json() const { return is_json_; }

  private:
    [[nodiscard]] bool has_color() const;

    bool is_json_;
    bool is_stream_ = false;
    config::Color color_ = config::Color::automatic;
    nlohmann::json object_ = nlohmann::json::object();
};

}  // namespace isolates::cli
