// SPDX-License-Identifier: GPL-2.0-only
// Text -> the same text in the formatter's style: the same tokens to whoever reads it, and
// nothing left to change.
#include <cstddef>
#include <cstdint>

#include "diag/report.hpp"
#include "format/format.hpp"
#include "fuzz/require.hpp"
#include "fuzz/tally.hpp"
#include "fuzz/texts.hpp"
#include "reference/formatting.hpp"

using namespace isolates;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static fuzz::Tally tally;
    const auto input = fuzz::text_of(data, size);
    const auto fault = reference::check_formatting(input);
    fuzz::require(fault.empty(), fault);
    diag::Report report;
    tally.asked++;
    tally.taken += format::formatted(input, 0, report).has_value();
    return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t size_max, unsigned seed) {
    return fuzz::change_text(data, size, size_max, seed);
}
