// SPDX-License-Identifier: GPL-2.0-only
// Blob -> text -> blob: what is shown of a policy, whoever made it, compiles to one that
// decides the same; what cannot be shown says why.
#include <cstddef>
#include <cstdint>
#include <string>

#include "decide/decide.hpp"
#include "driver.hpp"
#include "exact/difference.hpp"
#include "fuzz/blobs.hpp"
#include "fuzz/require.hpp"
#include "fuzz/tally.hpp"
#include "show/show.hpp"

namespace {

using namespace isolates;
using fuzz::require;

// The comparison that show itself makes is another one.
void check_same(const exact::Side& before, const exact::Side& after, const std::string& text) {
    for (std::uint32_t id = 0; id < ISOLATES_CLASS_COUNT; id++)
        for (const auto& [one, other] : {std::pair(before, after), std::pair(after, before)}) {
            const auto lost = exact::lost_but_execs(one, other, static_cast<isolates_class>(id));
            require(!lost || lost->empty(), "it decides the same:\n" + text);
            if (id != ISOLATES_CLASS_FILE) continue;
            const auto execs = exact::lost_execs(one, other);
            require(!execs || execs->empty(), "execs lead where they led:\n" + text);
        }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static fuzz::Tally tally;
    const auto blob = decide::Blob::load(fuzz::as_blob(data, size));
    if (!blob) return 0;
    for (const auto& policy : blob->policies()) {
        tally.asked++;
        const auto shown = show::decompile(*blob, policy);
        if (!shown) {
            require(!shown.error().empty(), "a refusal has a reason");
            continue;
        }
        tally.taken++;
        const auto text = shown->whole();
        const auto again = compile_text("shown", text, {});
        require(again.blob.has_value(), "what is shown compiles:\n" + text);
        const auto& view = again.blob->view();
        check_same({&blob->view(), &policy.raw()}, {&view, view.policies}, text);
    }
    return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t size_max, unsigned seed) {
    return fuzz::change_blob(data, size, size_max, seed);
}

extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* data1, std::size_t size1,
                                                 const std::uint8_t* data2, std::size_t size2,
                                                 std::uint8_t* out, std::size_t size_max,
                                                 unsigned seed) {
    return fuzz::cross_blobs(data1, size1, data2, size2, out, size_max, seed);
}
