// SPDX-License-Identifier: GPL-2.0-only
#include "sema/open.hpp"

namespace isolates::sema {

void open_all(model::Policy& policy) {
    for (std::uint32_t id = 0; id < ISOLATES_CLASS_COUNT; id++)
        policy.open[id] = isolates_class_operations(id);
    // What a policy attaches to is said by its header alone.
    policy.open[ISOLATES_CLASS_ATTACH] = 0;
}

}  // namespace isolates::sema
