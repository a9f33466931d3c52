// SPDX-License-Identifier: GPL-2.0-only
#pragma once

namespace isolates {

// Fit the heap of this process to one that ends soon. To be called once, first of all; where
// any of it cannot be done, the heap stays as it is.
void prepare_heap();

}  // namespace isolates
