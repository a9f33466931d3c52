// SPDX-License-Identifier: GPL-2.0-only
#include <asm/unistd.h>

#include "../harness.h"

const char* const entry_names[ENTRIES] = {"64-bit", "int $0x80", "x32"};

long enter(enum entry entry, long number, long a, long b, long c, long d) {
    register long r10 __asm__("r10") = d;
    long result;

    if (entry == ENTRY_32)
        __asm__ volatile("int $0x80"
                         : "=a"(result)
                         : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d)
                         : "memory", "r8", "r9", "r10", "r11");
    else
        __asm__ volatile("syscall"
                         : "=a"(result)
                         : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
                         : "memory", "rcx", "r11");
    return result;
}
