// SPDX-License-Identifier: GPL-2.0-only
// A seccomp profile as its JSON has it, checked for its types and nothing else.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "diag/report.hpp"

namespace isolates::import {

enum class Action { allow, log, error, kill, trap, trace, notify };

struct Argument {
    std::uint32_t index = 0;
    std::string comparison;  // "==", ...; "&": value is a mask, value_two what is left of it
    std::uint64_t value = 0;
    std::uint64_t value_two = 0;
};

// What an entry asks of a container, or does not want.
struct Filter {
    std::vector<std::string> capabilities;
    std::vector<std::string> architectures;               // as Go calls them: "amd64"
    std::optional<std::pair<unsigned, unsigned>> kernel;  // that one, or newer

    [[nodiscard]] bool is_empty() const {
        return capabilities.empty() && architectures.empty() && !kernel;
    }
};

struct Entry {
    std::string place;  // "syscalls[3]"
    std::vector<std::string> names;
    Action action = Action::error;
    std::string action_name;                  // as it is written
    std::optional<std::uint32_t> error_code;  // an errno, if one is given
    std::vector<Argument> arguments;
    Filter includes;
    Filter excludes;
    std::string comment;
};

struct Profile {
    Action action = Action::error;
    std::string action_name;
    std::optional<std::uint32_t> error_code;
    std::vector<std::string> architectures;  // "SCMP_ARCH_X86_64"; empty: the host's
    std::vector<Entry> entries;
    std::vector<std::string> ignored;  // keys that mean nothing to us, with their places
};

// The first two numbers of a kernel's version: "6.12", "6.12.1-2-amd64".
std::optional<std::pair<unsigned, unsigned>> parse_version(std::string_view text);

// Nothing, and an error for each thing that is wrong, if it is no such profile.
std::optional<Profile> read_profile(const nlohmann::json& json, const std::string& file,
                                    diag::Report& report);

}  // namespace isolates::import
