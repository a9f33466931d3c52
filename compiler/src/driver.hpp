// SPDX-License-Identifier: GPL-2.0-only
// The compiler as a whole.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "decide/decide.hpp"
#include "diag/report.hpp"
#include "diag/sources.hpp"
#include "parse/files.hpp"
#include "parse/include.hpp"
#include "sema/model.hpp"
#include "sema/variables.hpp"

namespace isolates {

struct CompileOptions {
    parse::SearchPath include_path;
    const parse::Files* files = &parse::disk();
    std::vector<sema::Definition> definitions;
    bool warnings_are_errors = false;
    bool lint = false;   // look for what is right, and still a mistake
    bool strip = false;  // leave the sources and the places of rules out of the blob
};

// What came of one run. There is a blob if nothing was wrong, and then it has passed
// the verifier.
struct Compilation {
    diag::Sources sources;
    diag::Report report;
    model::Program program;
    std::optional<decide::Blob> blob;
};

// A file to be compiled. What was read of it already is not read again.
struct SourceFile {
    std::string name;
    std::optional<std::string> text;
};

// Compiles the policies of all files into one blob. Reads nothing but these files
// and what they include; the same text always gives the same bytes.
Compilation compile(std::vector<SourceFile> files, const CompileOptions& options);
Compilation compile(const std::vector<std::string>& files, const CompileOptions& options);

// The same for one text, as if it were the file of that name.
Compilation compile_text(const std::string& name, std::string text, const CompileOptions& options);

}  // namespace isolates
