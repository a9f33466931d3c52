// SPDX-License-Identifier: GPL-2.0-only
// The policies that a command is given: sources and blobs.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "cli/exit_status.hpp"
#include "cli/output.hpp"
#include "decide/decide.hpp"
#include "driver.hpp"

namespace isolates::cli {

// The options of every command that compiles.
struct CompileArguments {
    std::vector<std::string> files;
    std::vector<std::string> include_path;
    std::vector<std::string> definitions;
    std::string config_file;  // empty: look for one
    config::Config config;    // what is in it
    bool warnings_are_errors = false;
    bool lint = false;   // see CompileOptions
    bool strip = false;  // leave the sources and the places of rules out of the blob
};

// What became of the files.
struct Input {
    Compilation compilation;  // of the sources among them
    decide::Blob blob;        // with the policies of all of them
};

// Reads the configuration, of that file or of one that is found. All commands do, if
// only for the colour. On failure it is reported, and the exit status returned.
std::expected<config::Config, ExitStatus> read_config(const std::string& file, Output& output);

// Compiles the sources, verifies the blobs (a file that begins as one does is one),
// and makes one blob of all. On failure everything that is wrong is reported, and the
// exit status returned.
std::expected<Input, ExitStatus> read_input(const CompileArguments& arguments, Output& output);

}  // namespace isolates::cli
