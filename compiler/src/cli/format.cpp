// SPDX-License-Identifier: GPL-2.0-only
#include "format/format.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include "cli/commands.hpp"
#include "cli/file.hpp"
#include "parse/file.hpp"

namespace isolates::cli {
namespace {

constexpr auto* standard_input = "-";

class Formatter {
  public:
    Formatter(bool only_check, Output& output) : only_check_(only_check), output_(output) {}

    void format(const std::string& file) {
        const bool is_filter = file == standard_input;
        const auto name = is_filter ? std::string("standard input") : file;
        if (sources_.find(name)) return;  // named twice
        auto text = is_filter
                        ? parse::read_file("/dev/stdin", parse::text_size_max, parse::FileKind::any)
                        : parse::read_file(file);
        if (!text) return fail(exit_refused, fmt::format("cannot read {}: {}", name, text.error()));
        const auto index = sources_.add(name, std::move(*text));
        const auto& before = sources_.file(index).text;
        const auto after =
            format::formatted(before, sources_.include(index, std::nullopt), report_);
        if (!after) return worsen(exit_policy);

        const bool differs = *after != before;
        results_.push_back({{"file", file}, {"changed", differs}});
        if (only_check_) {
            if (!differs) return;
            output_.line(name);
            worsen(exit_policy);
        } else if (is_filter || differs) {
            const auto bytes = std::as_bytes(std::span(*after));
            if (const int error =
                    is_filter ? write_all(STDOUT_FILENO, bytes) : rewrite_file(file, bytes))
                fail(exit_refused,
                     fmt::format("cannot write {}: {}", is_filter ? "the result" : name,
                                 std::strerror(error)));
        }
    }

    ExitStatus finish() {
        output_.set("files", std::move(results_));
        output_.report(report_, sources_);
        return status_;
    }

  private:
    void fail(ExitStatus status, const std::string& why) { worsen(output_.fail(status, why)); }
    void worsen(ExitStatus status) { status_ = std::max(status_, status); }

    bool only_check_;
    Output& output_;
    diag::Sources sources_;
    diag::Report report_;
    nlohmann::json results_ = nlohmann::json::array();
    ExitStatus status_ = exit_done;
};

}  // namespace

ExitStatus format_files(const std::vector<std::string>& files, bool only_check, Output& output) {
    const auto names = files.empty() ? std::vector<std::string>{standard_input} : files;
    if (!only_check && output.is_json() && std::ranges::find(names, standard_input) != names.end())
        return output.fail(exit_usage, "- and --json both want the standard output");
    Formatter formatter(only_check, output);
    for (const auto& file : names) formatter.format(file);
    return formatter.finish();
}

}  // namespace isolates::cli
