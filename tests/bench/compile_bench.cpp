// SPDX-License-Identifier: GPL-2.0-only
// The table of tests/bench/compile, which says what this is about.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <system_error>

#include "bench/growth.hpp"
#include "bench/measure.hpp"
#include "bench/texts.hpp"
#include "core.hpp"

namespace {

using namespace isolates::bench;

struct Goals {
    double faster = 0;             // how many times faster than apparmor_parser,
    std::string_view beside = {};  // over the text of this row, or of the same one
    double memory_share = 0;       // of apparmor_parser's peak
    std::size_t memory = 0;        // bytes
    bool smaller_blob = false;
    std::size_t blob = 0;  // bytes
};

struct Row {
    std::string_view name;
    std::function<std::string()> text;
    int runs = 0;           // of ipolc
    int apparmor_runs = 0;  // one where it fails, or takes long
    Goals goals;
};

constexpr std::size_t kB = 1000, GB = 1000 * 1000 * 1000;

// What each of them is to reach is written beside it.
const std::array kRows = {
    Row{"plain-1000", [] { return plain_rules(1000); }, 10, 5, {.faster = 20}},
    Row{"plain-3500",
        [] { return plain_rules(3500); },
        10,
        2,
        {.faster = 100, .memory_share = 0.5, .smaller_blob = true}},
    Row{"mixed-3000", [] { return mixed_globs(3000); }, 10, 2, {.faster = 50}},
    Row{"plain-10000",
        [] { return plain_rules(10000); },
        5,
        1,
        {.faster = 5, .beside = "plain-3500"}},
    Row{"mixed-10000",
        [] { return mixed_globs(10000); },
        5,
        1,
        {.faster = 5, .beside = "plain-3500"}},
    Row{"plain-100000",
        [] { return plain_rules(100000); },
        3,
        1,
        {.faster = 1, .beside = "plain-3500", .memory = GB}},
    Row{"roaming-20",
        [] { return roaming_globs(20, 14); },
        10,
        1,
        {.faster = 100, .blob = 256 * kB}},
    // No goals, and nothing that apparmor_parser could do: where ours might blow up.
    Row{"denials-100", [] { return roaming_denials(100); }, 3, 0, {}},
    Row{"denied-10000", [] { return mixed_globs(10000, true); }, 3, 0, {}},
};

constexpr std::string_view kGrowth = "growth", kProfiles = "profiles";
constexpr double kProfilesFaster = 20;
constexpr Limits kIpolcLimits{}, kApparmorLimits{.seconds = 60};

struct Programs {
    std::string ipolc, apparmor_parser;
};

// Both are told to read one file and to write one blob, and to leave caches alone.
// Both write to their standard output, which is a file.
std::vector<std::string> ipolc_command(const Programs& programs, const std::string& source) {
    return {programs.ipolc, "compile", "-I", "/etc/apparmor.d", "-o", "-", source};
}

std::vector<std::string> apparmor_command(const Programs& programs, const std::string& source) {
    return {programs.apparmor_parser, "-QKTS", source};
}

// The lesser time and the larger peak; whatever fails once has failed.
void keep_best(std::optional<Cost>& best, const Cost& cost) {
    if (!best || !cost.done) {
        if (!best || best->done) best = cost;
        return;
    }
    if (!best->done) return;
    best->seconds = std::min(best->seconds, cost.seconds);
    best->memory = std::max(best->memory, cost.memory);
    best->output = cost.output;
}

struct Pair {
    std::optional<Cost> ipolc, apparmor;
    std::optional<double> verifying;  // seconds; none if the verifier refuses the blob
};

std::string time_text(double seconds) {
    return seconds < 0.1 ? fmt::format("{:.1f} ms", seconds * 1e3)
                         : fmt::format("{:.2f} s", seconds);
}

std::string size_text(std::size_t bytes) {
    const auto size = static_cast<double>(bytes);
    return bytes < 1000 * 1000 ? fmt::format("{:.1f} kB", size / 1e3)
                               : fmt::format("{:.2f} MB", size / 1e6);
}

void print_cost(std::string_view name, std::string_view program, const std::optional<Cost>& cost) {
    if (!cost) return;
    fmt::print("{:<14} {:<16}{:>10} {:>10} {:>10}{}\n", name, program, time_text(cost->seconds),
               size_text(cost->memory), cost->done ? size_text(cost->output) : "-",
               cost->done ? "" : "  failed: " + cost->reason);
}

// How long the kernel's verifier takes for a blob, in seconds; none if it refuses.
std::optional<double> verifying_time(const std::string& file) {
    const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat status {};
    if (fd < 0 || ::fstat(fd, &status) < 0)
        throw std::system_error(errno, std::generic_category(), file);
    const auto size = static_cast<std::size_t>(status.st_size);
    // Mapped, so that it does not count for what this process holds: see run().
    void* const blob = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    if (blob == MAP_FAILED) throw std::system_error(errno, std::generic_category(), file);
    isolates_view view{};
    isolates_refusal refusal{};
    const std::clock_t begin = std::clock();
    const int error = isolates_verify(blob, size, &view, &refusal);
    const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    ::munmap(blob, size);
    ::close(fd);
    return error ? std::nullopt : std::optional(seconds);
}

class Bench {
  public:
    Bench(Programs programs, std::string work)
        : programs_(std::move(programs)), work_(std::move(work)) {}

    void measure_row(const Row& row) {
        const auto& pair = costs_of(row);
        print_cost(row.name, "ipolc", pair.ipolc);
        print_cost("", "apparmor_parser", pair.apparmor);
        judge(row, pair);
        fmt::print("\n");
        std::fflush(stdout);
    }

    void measure_growth() {
        measure_growth("plain rules", &plain_rules);
        measure_growth("mixed globs", [](std::size_t rules) { return mixed_globs(rules); });
        fmt::print("\n");
    }

    // Each profile by a process of its own, as both programs are run at boot.
    void measure_profiles(const std::string& list) {
        std::ifstream names(list);
        std::size_t count = 0, compiled = 0, theirs = 0;
        Cost ipolc{.done = true}, apparmor{.done = true};
        const auto add = [](Cost& sum, const Cost& cost) {
            sum.seconds += cost.seconds;
            sum.memory = std::max(sum.memory, cost.memory);
            sum.output += cost.output;
        };
        for (std::string name; std::getline(names, name); count++) {
            const auto pair = measure(name, 3, 1);
            theirs += pair.apparmor->done;
            if (!pair.ipolc->done) continue;
            compiled++;
            if (!pair.apparmor->done) continue;
            add(ipolc, *pair.ipolc);
            add(apparmor, *pair.apparmor);
        }
        print_cost(kProfiles, "ipolc", ipolc);
        print_cost("", "apparmor_parser", apparmor);
        fmt::print(
            "    the sums over those that both compile: ipolc {} of {}, apparmor_parser {}\n",
            compiled, count, theirs);
        goal(fmt::format("all {} that apparmor_parser compiles", theirs),
             fmt::format("{}", compiled), compiled >= theirs);
        if (compiled) judge_time(kProfilesFaster, "", ipolc, apparmor);
        fmt::print("\n");
    }

    [[nodiscard]] std::size_t missed() const { return missed_; }

  private:
    Pair measure(const std::string& source, int runs, int apparmor_runs) {
        const auto blob = work_ + "/blob";
        Pair pair;
        for (int i = 0; i < std::max(runs, apparmor_runs); i++) {
            if (i < runs) {
                keep_best(pair.ipolc, run(ipolc_command(programs_, source), blob, kIpolcLimits));
            }
            if (i < apparmor_runs)
                keep_best(pair.apparmor, run(apparmor_command(programs_, source),
                                             work_ + "/apparmor", kApparmorLimits));
        }
        if (pair.ipolc && pair.ipolc->done) pair.verifying = verifying_time(blob);
        return pair;
    }

    std::string write(const std::string& text) {
        const auto file = work_ + "/bench.ipol";
        std::ofstream(file, std::ios::binary) << text;
        return file;
    }

    // Measures a row once, however often it is asked for.
    const Pair& costs_of(const Row& row) {
        const auto found = costs_.find(row.name);
        if (found != costs_.end()) return found->second;
        const auto source = write(row.text());
        return costs_[row.name] = measure(source, row.runs, row.apparmor_runs);
    }

    const Pair& costs_of(std::string_view name) {
        return costs_of(*std::ranges::find(kRows, name, &Row::name));
    }

    void measure_growth(std::string_view name,
                        const std::function<std::string(std::size_t)>& make) {
        // What it takes to start is no part of it.
        const double start = measure(write(make(1)), 20, 0).ipolc->seconds;
        std::vector<Sample> samples;
        std::string times;
        for (const std::size_t rules : {1000u, 3000u, 10000u, 30000u, 100000u}) {
            const auto cost = *measure(write(make(rules)), rules < 30000 ? 10 : 3, 0).ipolc;
            if (!cost.done) {
                fmt::print("{:<14} {}: {} rules failed: {}\n", kGrowth, name, rules, cost.reason);
                missed_++;
                return;
            }
            samples.push_back({static_cast<double>(rules), cost.seconds - start});
            times += fmt::format(" {}: {}", rules, time_text(cost.seconds));
        }
        const double fitted = fitted_exponent(samples), ideal = linearithmic_exponent(samples);
        fmt::print("{:<14} {}, ipolc:{}\n", kGrowth, name, times);
        goal(fmt::format("no faster than n log n, which is n^{:.2f} here", ideal),
             fmt::format("n^{:.2f}", fitted), fitted <= ideal);
        std::fflush(stdout);
    }

    void goal(const std::string& wanted, const std::string& got, bool reached) {
        fmt::print("    {:<7} {}: {}\n", reached ? "reached" : "MISSED", wanted, got);
        missed_ += !reached;
    }

    void judge_time(double faster, std::string_view beside, const Cost& ipolc,
                    const Cost& apparmor) {
        const double factor = apparmor.seconds / ipolc.seconds;
        goal(fmt::format("{:g} times as fast as apparmor_parser{}{}", faster,
                         beside.empty() ? "" : " with ", beside),
             fmt::format("{}{:.1f} times", apparmor.done ? "" : "more than ", factor),
             ipolc.done && factor >= faster);
    }

    void judge(const Row& row, const Pair& pair) {
        const Goals& goals = row.goals;
        const Cost& ipolc = *pair.ipolc;
        if (!ipolc.done) goal("it compiles", "no", false);
        if (goals.faster) {
            const Pair& other = goals.beside.empty() ? pair : costs_of(goals.beside);
            judge_time(goals.faster, goals.beside, ipolc, *other.apparmor);
        }
        if (goals.memory_share) {
            const double share =
                static_cast<double>(ipolc.memory) / static_cast<double>(pair.apparmor->memory);
            goal(fmt::format("{:g} % of its memory", goals.memory_share * 100),
                 fmt::format("{:.1f} %", share * 100), ipolc.done && share <= goals.memory_share);
        }
        if (goals.memory)
            goal(fmt::format("at most {} of memory", size_text(goals.memory)),
                 size_text(ipolc.memory), ipolc.done && ipolc.memory <= goals.memory);
        if (goals.smaller_blob)
            goal("a smaller blob",
                 fmt::format("{:.1f} %", 100 * static_cast<double>(ipolc.output) /
                                             static_cast<double>(pair.apparmor->output)),
                 ipolc.done && pair.apparmor->done && ipolc.output < pair.apparmor->output);
        if (goals.blob)
            goal(fmt::format("a blob of at most {}", size_text(goals.blob)),
                 size_text(ipolc.output), ipolc.done && ipolc.output <= goals.blob);
        if (ipolc.done)
            goal("a blob that the kernel's verifier takes",
                 pair.verifying ? "in " + time_text(*pair.verifying) : "no",
                 pair.verifying.has_value());
    }

    Programs programs_;
    std::string work_;
    std::map<std::string_view, Pair> costs_;
    std::size_t missed_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
    std::vector<std::string_view> names;
    for (const auto& row : kRows) names.push_back(row.name);
    names.push_back(kGrowth);
    names.push_back(kProfiles);

    Programs programs;
    std::string work, profiles;
    std::vector<std::string> wanted;
    bool list = false;
    CLI::App app("The table of tests/bench/compile");
    app.add_option("--ipolc", programs.ipolc)->required();
    app.add_option("--apparmor-parser", programs.apparmor_parser)->required();
    app.add_option("--work", work, "An empty folder")->required();
    app.add_option("--profiles", profiles, "A list of files")->required();
    app.add_flag("--list", list, "Print the names of the rows");
    app.add_option("ROW", wanted)->check([&](const std::string& name) -> std::string {
        if (std::ranges::find(names, name) != names.end()) return "";
        return fmt::format("no such row; there are {}", fmt::join(names, " "));
    });
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    if (list) {
        fmt::print("{}\n", fmt::join(names, "\n"));
        return 0;
    }

    const auto is_wanted = [&](std::string_view name) {
        return wanted.empty() || std::ranges::find(wanted, name) != wanted.end();
    };
    try {
        Bench bench(std::move(programs), work);
        fmt::print("{:<14} {:<16}{:>10} {:>10} {:>10}\n", "input", "program", "CPU time", "peak",
                   "blob");
        for (const auto& row : kRows)
            if (is_wanted(row.name)) bench.measure_row(row);
        if (is_wanted(kGrowth)) bench.measure_growth();
        if (is_wanted(kProfiles)) bench.measure_profiles(profiles);
        fmt::print("{}\n", bench.missed() ? fmt::format("{} goals missed", bench.missed())
                                          : "all goals reached");
        return bench.missed() ? 1 : 0;
    } catch (const std::exception& error) {
        fmt::print(stderr, "tests/bench/compile: {}\n", error.what());
        return 3;
    }
}
