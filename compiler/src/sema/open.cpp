// SPDX-License-Identifier: GPL-2.0-only
#include "sema/open.hpp"

namespace isolates::sema {

void open_all(model::Policy& policy) {
    policy.open[ISOLATES_CLASS_FILE] = ISOLATES_FILE_OPS;
    policy.open[ISOLATES_CLASS_SIGNAL] = ISOLATES_SIGNAL_OPS;
    policy.open[ISOLATES_CLASS_NETWORK] = ISOLATES_NETWORK_OPS;
    policy.open[ISOLATES_CLASS_MOUNT] = ISOLATES_MOUNT_OPS;
    policy.open[ISOLATES_CLASS_CAPABILITY] = ISOLATES_CAPABILITY_OPS;
    policy.open[ISOLATES_CLASS_PTRACE] = ISOLATES_PTRACE_OPS;
    policy.open[ISOLATES_CLASS_NAMESPACE] = ISOLATES_NAMESPACE_OPS;
    policy.open[ISOLATES_CLASS_IO_URING] = ISOLATES_IO_URING_OPS;
    policy.open[ISOLATES_CLASS_UNIX] = ISOLATES_NETWORK_OPS;
    policy.open[ISOLATES_CLASS_TRANSITION] = ISOLATES_TRANSITION_OPS;
    policy.open[ISOLATES_CLASS_LINK] = ISOLATES_LINK_OPS;
}

}  // namespace isolates::sema
