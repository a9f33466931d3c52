// SPDX-License-Identifier: GPL-2.0-only
#include "bench/growth.hpp"

#include <cmath>
#include <vector>

namespace isolates::bench {

double fitted_exponent(std::span<const Sample> samples) {
    double mean_x = 0, mean_y = 0;
    for (const auto& sample : samples) {
        mean_x += std::log(sample.size);
        mean_y += std::log(sample.cost);
    }
    mean_x /= static_cast<double>(samples.size());
    mean_y /= static_cast<double>(samples.size());
    double above = 0, below = 0;
    for (const auto& sample : samples) {
        const double x = std::log(sample.size) - mean_x;
        above += x * (std::log(sample.cost) - mean_y);
        below += x * x;
    }
    return above / below;
}

double linearithmic_exponent(std::span<const Sample> samples) {
    std::vector<Sample> ideal(samples.begin(), samples.end());
    for (auto& sample : ideal) sample.cost = sample.size * std::log(sample.size);
    return fitted_exponent(ideal);
}

}  // namespace isolates::bench
