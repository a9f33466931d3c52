// SPDX-License-Identifier: GPL-2.0-only
#include "cli/output.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "diag/render.hpp"

namespace isolates::cli {

bool Output::has_color() const {
    if (color_ != config::Color::automatic) return color_ == config::Color::always;
    const char* const none =
        std::getenv("NO_COLOR");  // see no-color.org: any value but an empty one
    return !(none && *none) && ::isatty(STDERR_FILENO);
}

void Output::line(std::string_view text) const {
    if (!is_json_) fmt::print("{}\n", diag::printable(text));
}

void Output::text(std::string_view lines) const {
    if (!is_json_) fmt::print("{}", lines);
}

void Output::stream(const nlohmann::json& object) const {
    if (is_json_)
        fmt::print("{}\n", object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

bool Output::flush() const {
    return std::fflush(stdout) == 0;
}

ExitStatus Output::fail(ExitStatus status, const std::string& reason) {
    if (is_json_) {
        if (!object_.contains("error")) object_["error"] = reason;
    } else {
        const auto* const label = has_color() ? "\x1b[1;31merror:\x1b[0m" : "error:";
        fmt::print(stderr, "ipolc: {} {}\n", label, diag::printable(reason));
    }
    return status;
}

void Output::report(const diag::Report& report, const diag::Sources& sources) {
    if (is_json_)
        object_.update(diag::to_json(report, sources));
    else
        fmt::print(stderr, "{}", diag::render(report, sources, has_color()));
}

ExitStatus Output::finish(ExitStatus status) {
    // File names and texts need not be UTF-8, but JSON does.
    if (is_json_ && !(is_stream_ && object_.empty()))
        fmt::print("{}\n", object_.dump(is_stream_ ? -1 : 2, ' ', false,
                                        nlohmann::json::error_handler_t::replace));
    if (std::fflush(stdout) != 0 && status == exit_done) {
        std::perror("ipolc: error: cannot write the result");
        return exit_refused;
    }
    return status;
}

}  // namespace isolates::cli
