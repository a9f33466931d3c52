// SPDX-License-Identifier: GPL-2.0-only
// The heap of ipolc: one thread, that makes many small objects and ends soon. What is freed
// is kept by its size for the next object of that size, and nothing is split, joined or
// given back: a third of the work. What is larger is the C library's.
#include <array>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

// Blocks are of so many steps. In front of an object, at the end of the block before, is how
// many its own has; none: it is the C library's.
constexpr std::size_t step = __STDCPP_DEFAULT_NEW_ALIGNMENT__;
constexpr std::size_t header_size = sizeof(std::size_t);

// Larger ones are few, and what is kept of them would be missed.
constexpr std::size_t steps_max = 33;
constexpr std::size_t small_max = steps_max * step - header_size;

// What blocks are cut from.
constexpr std::size_t chunk_size = std::size_t{1} << 15;

struct Unused {
    Unused* next;
};

constinit std::array<Unused*, steps_max + 1> unused{};  // by their steps
constinit std::byte* chunk = nullptr;                   // where the next object will be
constinit std::size_t chunk_left = 0;

std::size_t& steps_of(void* object) {
    return *reinterpret_cast<std::size_t*>(static_cast<std::byte*>(object) - header_size);
}

std::byte* from_library(std::size_t size) {
    while (true) {
        if (auto* const memory = static_cast<std::byte*>(std::malloc(size + step)))
            return memory + step;
        const auto handler = std::get_new_handler();
        if (!handler) throw std::bad_alloc();
        handler();
    }
}

void* cut(std::size_t steps) {
    if (chunk_left < steps * step) {
        chunk = from_library(chunk_size);
        chunk_left = chunk_size;
    }
    auto* const object = chunk;
    chunk += steps * step;
    chunk_left -= steps * step;
    steps_of(object) = steps;
    return object;
}

void* allocate_large(std::size_t size) {
    if (size + step < size) throw std::bad_alloc();
    auto* const object = from_library(size);
    steps_of(object) = 0;
    return object;
}

}  // namespace

void* operator new(std::size_t size) {
    if (size > small_max) return allocate_large(size);
    const std::size_t steps = (size + header_size + step - 1) / step;
    Unused* const object = unused[steps];
    if (!object) return cut(steps);
    unused[steps] = object->next;
    return object;
}

void operator delete(void* object) noexcept {
    if (!object) return;
    if (const std::size_t steps = steps_of(object))
        unused[steps] = ::new (object) Unused{unused[steps]};
    else
        std::free(static_cast<std::byte*>(object) - step);
}

void operator delete(void* object, std::size_t) noexcept {
    operator delete(object);
}
