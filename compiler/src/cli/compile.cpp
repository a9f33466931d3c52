// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <numeric>
#include <span>
#include <system_error>

#include "cli/commands.hpp"
#include "kernel/descriptor.hpp"

namespace isolates::cli {
namespace {

// Returns an errno or 0.
int write_all(int fd, std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(fd, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return errno;
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return 0;
}

// Beside the file, and then in its place: nobody ever sees half of it. What is not
// a regular file (a device, a pipe) is written to as it is.
int write_file(const std::string& file, std::span<const std::byte> bytes) {
    struct stat status {};
    if (::stat(file.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
        const kernel::Descriptor target(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
        return target.is_open() ? write_all(target.get(), bytes) : errno;
    }
    std::string beside = file + ".XXXXXX";
    const kernel::Descriptor target(::mkostemp(beside.data(), O_CLOEXEC));
    if (!target.is_open()) return errno;
    const mode_t mask = ::umask(0);
    ::umask(mask);
    int error = write_all(target.get(), bytes);
    if (!error && ::fchmod(target.get(), 0666 & ~mask) < 0) error = errno;
    if (!error && ::rename(beside.c_str(), file.c_str()) < 0) error = errno;
    if (error) ::unlink(beside.c_str());
    return error;
}

std::size_t rule_count(const decide::Blob& blob) {
    const auto policies = blob.policies();
    return std::accumulate(policies.begin(), policies.end(), std::size_t{0},
                           [](std::size_t sum, const decide::Policy& policy) {
                               return sum + policy.raw().rules.count;
                           });
}

nlohmann::json describe(const decide::Blob& blob) {
    auto list = nlohmann::json::array();
    for (const auto& policy : blob.policies())
        list.push_back({{"name", policy.name()}, {"rules", policy.raw().rules.count}});
    return list;
}

}  // namespace

ExitStatus check(const CompileArguments& arguments, Output& output) {
    const auto input = read_input(arguments, output);
    if (!input) return input.error();
    const auto policies = input->blob.policies().size();
    const auto rules = rule_count(input->blob);
    output.set("policies", describe(input->blob));
    output.line(fmt::format("ok: {} {}, {} {}", policies, policies == 1 ? "policy" : "policies",
                            rules, rules == 1 ? "rule" : "rules"));
    return exit_done;
}

ExitStatus compile_to(const CompileArguments& arguments, const std::string& file, Output& output) {
    if (file == "-" && output.is_json())
        return output.fail(exit_usage, "-o - and --json both want the standard output");
    const auto input = read_input(arguments, output);
    if (!input) return input.error();
    const int error =
        file == "-" ? write_all(STDOUT_FILENO, input->bytes) : write_file(file, input->bytes);
    if (error)
        return output.fail(exit_refused,
                           fmt::format("cannot write {}: {}", file, std::strerror(error)));
    output.set("policies", describe(input->blob));
    output.set("output", file);
    output.set("size", input->bytes.size());
    return exit_done;
}

}  // namespace isolates::cli
