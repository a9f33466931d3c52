// SPDX-License-Identifier: GPL-2.0-only
/* A ring of io_uring with room for one operation at a time, for each process one. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../ring.h"

static struct {
    int fd;
    char* submission;
    char* completion;
    struct io_uring_params parameters;
    struct io_uring_sqe* entry;
} ring = {.fd = -1};

static unsigned* word(char* map, unsigned offset) {
    return (unsigned*)(void*)(map + offset);
}

int do_make_ring(struct arguments* arguments) {
    const int protection = PROT_READ | PROT_WRITE, flags = MAP_SHARED | MAP_POPULATE;

    if (ring.fd >= 0) close(ring.fd);
    memset(&ring.parameters, 0, sizeof(ring.parameters));
    ring.parameters.flags = (unsigned)arguments->number[0];
    ring.parameters.sq_thread_idle = 60000;
    ring.fd = (int)syscall(SYS_io_uring_setup, 1, &ring.parameters);
    if (ring.fd < 0) return errno;
    ring.submission = mmap(NULL, 4096, protection, flags, ring.fd, IORING_OFF_SQ_RING);
    ring.completion = mmap(NULL, 4096, protection, flags, ring.fd, IORING_OFF_CQ_RING);
    ring.entry = mmap(NULL, 4096, protection, flags, ring.fd, IORING_OFF_SQES);
    if (ring.submission == MAP_FAILED || ring.completion == MAP_FAILED || ring.entry == MAP_FAILED)
        return errno;
    return 0;
}

int ring_fd(void) {
    return ring.fd;
}

int ring_submit(const struct io_uring_sqe* entry) {
    unsigned* const tail = word(ring.submission, ring.parameters.sq_off.tail);
    unsigned* const head = word(ring.completion, ring.parameters.cq_off.head);
    unsigned enter = IORING_ENTER_GETEVENTS;
    const struct io_uring_cqe* done;
    int result;

    *ring.entry = *entry;
    *word(ring.submission, ring.parameters.sq_off.array) = 0;
    __atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (*word(ring.submission, ring.parameters.sq_off.flags) & IORING_SQ_NEED_WAKEUP)
        enter |= IORING_ENTER_SQ_WAKEUP;
    if (syscall(SYS_io_uring_enter, ring.fd, 1, 1, enter, NULL, 0) < 0) return -errno;
    if (__atomic_load_n(word(ring.completion, ring.parameters.cq_off.tail), __ATOMIC_ACQUIRE) ==
        *head)
        return -ETIME;
    done = (const struct io_uring_cqe*)(void*)(ring.completion + ring.parameters.cq_off.cqes);
    result = done[*head & *word(ring.completion, ring.parameters.cq_off.ring_mask)].res;
    __atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
    return result;
}
