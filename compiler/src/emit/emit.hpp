// SPDX-License-Identifier: GPL-2.0-only
// The last stage: a program's policies as the bytes of one blob, laid out as
// lsm/core/blob.h says.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "decide/decide.hpp"
#include "sema/model.hpp"

namespace isolates::emit {

struct Options {
    bool strip = false;  // leave out where the rules stand, and the sources
};

// Why there is no blob, and the rules it is about, if any.
struct Error {
    std::string message;
    std::vector<model::Origin> origins;
};

// Compile @program. The same program and options always give the same bytes,
// whatever order its policies are in. What comes out has passed the verifier.
//
// Fails if a glob is malformed, two policies share a name, a policy has no legal
// name, rules multiply each other beyond bounds, the blob gets too large, or
// there is no policy at all.
[[nodiscard]] std::expected<decide::Blob, Error> build_blob(const model::Program& program,
                                                            const Options& options);

}  // namespace isolates::emit
