// SPDX-License-Identifier: GPL-2.0-only
// Bytes -> verify -> decide -> the same bytes again. Whatever the verifier takes must be
// a blob with nothing in it that its sections do not hold.
#include <cstddef>
#include <cstdint>
#include <set>
#include <string_view>
#include <utility>

#include "decide/decide.hpp"
#include "dump/dump.hpp"
#include "fuzz/blobs.hpp"
#include "fuzz/require.hpp"
#include "fuzz/tally.hpp"
#include "merge/merge.hpp"
#include "reference/blob_changer.hpp"
#include "reference/questions.hpp"

namespace {

using namespace isolates;
using fuzz::require;
using reference::Bytes;

// Every byte in every state of every automaton leads to a state of it, and so do the runs.
void walk_everywhere(const isolates_view& view) {
    for (std::uint32_t i = 0; i < isolates_view_count(&view, ISOLATES_SECTION_AUTOMATA); i++) {
        const auto& states = view.automata[i].states;
        const auto go = [&](std::uint32_t from, const __u8* bytes, std::uint32_t length) {
            auto walk = isolates_view_walk(&view, i);
            walk.state = from;
            isolates_walk_bytes(&walk, bytes, length);
            require(walk.state < states.count, "the walk stays in its automaton");
        };
        for (std::uint32_t from = 0; from < states.count; from++) {
            for (unsigned byte = 0; byte < 256; byte++) {
                const auto one = static_cast<__u8>(byte);
                go(from, &one, 1);
            }
            const auto& state = view.states[states.first + from];
            if (state.kind == ISOLATES_STATE_STRING)
                go(from,
                   reinterpret_cast<const __u8*>(view.edges + view.automata[i].edges.first +
                                                 state.edges + 1),
                   state.count);
        }
    }
}

// Sources that are there twice are so but once in what is merged.
bool has_equal_sources(const isolates_view& view) {
    std::set<std::pair<std::string_view, std::string_view>> seen;
    for (std::uint32_t i = 0; i < isolates_view_count(&view, ISOLATES_SECTION_SOURCES); i++)
        if (!seen.insert({isolates_view_text(&view, view.sources[i].name),
                          isolates_view_text(&view, view.sources[i].text)})
                 .second)
            return true;
    return false;
}

// Taken apart by its sections, and by its policies: the same again.
void check_bytes(const Bytes& bytes) {
    const auto sections = reference::sections_of(bytes);
    require(sections && sections->serialise() == bytes, "the same bytes again");
    auto mended = *sections;
    reference::mend(mended);
    require(mended.serialise() == bytes, "nothing is out of its place");

    const auto blob = decide::Blob::load(bytes);
    const auto merged = merge::merge(merge::parts_of(*blob));
    require(merged.has_value(), "one blob merges");
    require(*merged == bytes || has_equal_sources(blob->view()), "merged it is the same");
    const auto stripped = merge::merge(merge::parts_of(*blob), true);
    require(stripped && stripped->size() <= bytes.size(), "stripped it is no larger");
    static_cast<void>(dump::blob(*blob));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static fuzz::Tally tally;
    const Bytes bytes = fuzz::as_blob(data, size);
    // In memory of exactly its size, where a sanitizer sees every step outside.
    const reference::Exact exact(bytes);
    isolates_view view{};
    isolates_refusal refusal{};
    tally.asked++;
    if (isolates_verify(exact.data(), exact.size(), &view, &refusal)) {
        require(refusal.reason && *refusal.reason, "a refusal has a reason");
        return 0;
    }
    tally.taken++;
    for (std::uint32_t i = 0; i < isolates_view_count(&view, ISOLATES_SECTION_POLICIES); i++)
        require(reference::ask(view, view.policies[i]).empty(), "verdicts are sound");
    walk_everywhere(view);
    check_bytes(bytes);
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
