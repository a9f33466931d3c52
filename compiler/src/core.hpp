// SPDX-License-Identifier: GPL-2.0-only
// The shared core (lsm/core), as C++ sees it.
#pragma once

extern "C" {
#include "core/blob.h"
#include "core/decide.h"
#include "core/facts.h"
#include "core/verify.h"
}

// The kernel's words, which are attributes and parts of other names in C++.
#undef fallthrough
#undef likely
#undef unlikely
