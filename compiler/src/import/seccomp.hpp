// SPDX-License-Identifier: GPL-2.0-only
// Seccomp profiles of containers, in the form of the OCI runtime specification and in
// that of Docker and containers/common, which is a superset.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "diag/report.hpp"
#include "import/draft.hpp"

namespace isolates::import {

// What a profile's "includes" and "excludes" ask of the container and its host. The
// architecture is x86-64.
struct SeccompHost {
    std::set<std::string> capabilities;  // "CAP_CHOWN": those of the container
    unsigned kernel_major = 6;
    unsigned kernel_minor = 12;
};

// The capabilities that Docker and podman give a container unless told otherwise.
std::vector<std::string> usual_capabilities();

// One policy of that name. "file" is what messages call the profile.
//
// A default action that denies makes an allow-list of it: each action that allows is a
// rule, and each that denies with another errno. One that allows makes it a list of
// denials. Killing, trapping and asking a tracer or a supervisor become denials, which
// is what is nearest of what is no weaker. Of conditions that the language does not have an
// allowing entry is left out, and a denying one denies whatever they say. Each of these, and
// whatever else has no counterpart, is a warning that names the entry, and a comment in the
// policy.
//
// Nothing, and errors that name what is wrong, if the profile is malformed, or if it
// allows nothing at all: a policy without allowing rules would deny nothing.
std::optional<Draft> read_seccomp(const nlohmann::json& profile, const std::string& file,
                                  const std::string& name, const SeccompHost& host,
                                  diag::Report& report);

}  // namespace isolates::import
