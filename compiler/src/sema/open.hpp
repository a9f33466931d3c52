// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "sema/model.hpp"

namespace isolates::sema {

// Leaves all operations of all classes open, as "flags=(default_allow)" does.
void open_all(model::Policy& policy);

}  // namespace isolates::sema
