// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <utility>

namespace isolates::cli {

// Makes what lasts until the process ends. It is not taken apart then, which would be work
// for nothing: the kernel takes all memory at once.
template <typename T, typename... Arguments>
T& kept(Arguments&&... arguments) {
    static T* last = nullptr;  // for a leak checker to find
    last = new T(std::forward<Arguments>(arguments)...);
    return *last;
}

}  // namespace isolates::cli
