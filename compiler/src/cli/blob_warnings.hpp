// SPDX-License-Identifier: GPL-2.0-only
// What a blob asks for and the kernel does not do. Of sources the compiler says it.
#pragma once

#include <string>

#include "decide/decide.hpp"
#include "diag/report.hpp"

namespace isolates::cli {

// Warns of each policy's rules that are not enforced; "file" is the blob's name.
void warn_unenforced(const std::string& file, const decide::Blob& blob, diag::Report& report);

}  // namespace isolates::cli
