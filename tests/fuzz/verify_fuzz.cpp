// SPDX-License-Identifier: GPL-2.0-only
// Bytes -> verify -> decide -> the same bytes again. Whatever the verifier takes must be
// a blob with nothing in it that its sections do not hold.
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "decide/decide.hpp"
#include "emit/sections.hpp"
#include "fuzz/require.hpp"
#include "merge/merge.hpp"
#include "reference/forged_blob.hpp"
#include "reference/questions.hpp"

namespace {

using namespace isolates;
using reference::Bytes;

template <typename Element>
void copy(const isolates_view& view, isolates_section section, const Element* from,
          std::vector<Element>& to) {
    to.assign(from, from + isolates_view_count(&view, section));
}

// All that a view shows, as the compiler holds it before it writes.
emit::Sections sections_of(const isolates_view& view) {
    static_assert(ISOLATES_SECTION_COUNT == 16, "each is copied below");
    emit::Sections sections;
    copy(view, ISOLATES_SECTION_POLICIES, view.policies, sections.policies);
    copy(view, ISOLATES_SECTION_AUTOMATA, view.automata, sections.automata);
    copy(view, ISOLATES_SECTION_STATES, view.states, sections.states);
    copy(view, ISOLATES_SECTION_EDGES, view.edges, sections.edges);
    copy(view, ISOLATES_SECTION_BYTE_CLASSES, view.byte_classes, sections.byte_classes);
    copy(view, ISOLATES_SECTION_PERMS, view.perms, sections.perms);
    copy(view, ISOLATES_SECTION_ERRORS, view.errors, sections.errors);
    copy(view, ISOLATES_SECTION_TRANSITIONS, view.transitions, sections.transitions);
    copy(view, ISOLATES_SECTION_SYSCALLS, view.syscalls, sections.syscalls);
    copy(view, ISOLATES_SECTION_ARGUMENTS, view.arguments, sections.arguments);
    copy(view, ISOLATES_SECTION_RLIMITS, view.rlimits, sections.rlimits);
    copy(view, ISOLATES_SECTION_BINDINGS, view.bindings, sections.bindings);
    copy(view, ISOLATES_SECTION_RULE_REFS, view.rule_refs, sections.rule_refs);
    copy(view, ISOLATES_SECTION_RULES, view.rules, sections.rules);
    copy(view, ISOLATES_SECTION_SOURCES, view.sources, sections.sources);
    copy(view, ISOLATES_SECTION_STRINGS, view.strings, sections.strings);
    return sections;
}

// Chance does not find a checksum, nor often a size.
Bytes as_blob(const std::uint8_t* data, std::size_t size) {
    Bytes bytes(size);
    if (size) std::memcpy(bytes.data(), data, size);
    if (size >= sizeof(isolates_header)) {
        const auto length = static_cast<std::uint32_t>(size);
        std::memcpy(bytes.data(), ISOLATES_BLOB_MAGIC, sizeof(isolates_header::magic));
        std::memcpy(&bytes[offsetof(isolates_header, size)], &length, sizeof(length));
        reference::put_checksum(bytes);
    }
    return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes bytes = as_blob(data, size);
    // In memory of exactly its size, where a sanitizer sees every step outside.
    const reference::Exact exact(bytes);
    isolates_view view{};
    isolates_refusal refusal{};
    if (isolates_verify(exact.data(), exact.size(), &view, &refusal)) {
        fuzz::require(refusal.reason && *refusal.reason, "a refusal has a reason");
        return 0;
    }
    for (std::uint32_t i = 0; i < isolates_view_count(&view, ISOLATES_SECTION_POLICIES); i++)
        fuzz::require(reference::ask(view, view.policies[i]).empty(), "verdicts are sound");
    fuzz::require(sections_of(view).serialise() == bytes, "the same bytes again");

    // A blob taken apart and put together is one that the verifier takes.
    const auto blob = decide::Blob::load(bytes);
    const auto merged = merge::merge(merge::parts_of(*blob));
    fuzz::require(merged.has_value(), "one blob merges");
    fuzz::require(decide::Blob::load(*merged).has_value(), "the verifier takes what was merged");
    return 0;
}
