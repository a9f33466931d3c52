// SPDX-License-Identifier: GPL-2.0-only
// How a cost grows with the size of the input.
#pragma once

#include <span>

namespace isolates::bench {

struct Sample {
    double size = 0;
    double cost = 0;
};

// The b for which cost = a * size^b fits best, in least squares over the logarithms. Takes
// two samples or more, all of them positive.
[[nodiscard]] double fitted_exponent(std::span<const Sample> samples);

// The same of size * log(size) at the sizes of @samples: what a cost that grows like that
// shows. It is a little more than 1.
[[nodiscard]] double linearithmic_exponent(std::span<const Sample> samples);

}  // namespace isolates::bench
