// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <new>
#include <utility>

namespace isolates::cli {

// Makes what lasts until the process ends, one of each type. It is not taken apart then,
// which would be work for nothing: the kernel takes all memory at once.
template <typename T, typename... Arguments>
T& kept(Arguments&&... arguments) {
    alignas(T) static std::byte place[sizeof(T)];
    return *::new (place) T(std::forward<Arguments>(arguments)...);
}

}  // namespace isolates::cli
