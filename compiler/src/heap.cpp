// SPDX-License-Identifier: GPL-2.0-only
// The kernel takes a tenth of the time of a small policy, and a third of that of a large one,
// for the pages of the heap, one fault after the other. So the heap is asked for in huge
// pages, of which most policies need one, wherever the system grants them on request
// ("madvise" in /sys/kernel/mm/transparent_hugepage/enabled).
#include "heap.hpp"

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

namespace isolates {

namespace {

constexpr std::uintptr_t kHugePage = 2 << 20;

// Enough for 100,000 rules. What is asked for is no memory yet, only addresses.
constexpr std::uintptr_t kAdvised = 128 * kHugePage;

// The largest that malloc takes from its heap, at most.
constexpr int kMmapThresholdMax = 32 << 20;

// More than malloc has left of what it took for what runs before main().
constexpr std::size_t kMoreThanLeft = 256 << 10;

// Around a chunk of malloc's, and before the next.
constexpr std::size_t kChunkOverhead = 32;

std::uintptr_t address(const void* pointer) {
    return reinterpret_cast<std::uintptr_t>(pointer);
}

// What keeps malloc from using the heap before its huge pages. None of it is ever touched, so
// it takes no memory. Volatile, or the compiler does without it.
void* volatile filler = nullptr;

}  // namespace

void prepare_heap() {
    // Never shrink: what is given back would be asked for again.
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    mallopt(M_MMAP_THRESHOLD, kMmapThresholdMax);

    // The heap grows by this, and what is left of it begins here.
    mallopt(M_TOP_PAD, kAdvised + kHugePage);
    void* const rest = std::malloc(kMoreThanLeft);
    // Volatile, or gcc takes the number for the pointer, which is of no use once it is freed.
    const volatile std::uintptr_t place = address(rest);
    const std::uintptr_t begin = place;
    const std::uintptr_t huge = (begin + kMoreThanLeft + kHugePage - 1) / kHugePage * kHugePage;
    std::free(rest);
    mallopt(M_TOP_PAD, kHugePage / 2);
    // Not if malloc is another one, as a sanitizer's. A page that was touched already stays
    // what it is, so the advice comes before the first use.
    if (!begin || huge + kAdvised > address(::sbrk(0))) return;
    filler = std::malloc(huge - begin - kChunkOverhead);
    ::madvise(reinterpret_cast<void*>(huge), kAdvised, MADV_HUGEPAGE);
}

}  // namespace isolates
