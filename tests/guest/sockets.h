/* SPDX-License-Identifier: GPL-2.0-only */
/* lib/sockets.c: sockets of who is not confined, and each operation on them, by every call. */
#ifndef ISOLATES_TESTS_GUEST_SOCKETS_H
#define ISOLATES_TESTS_GUEST_SOCKETS_H

#include "harness.h"

enum { PORT = 7000 };

/* What a puppet that is made later inherits. */
extern struct sockets {
    const char* address; /* of all of them */
    int listening;
    int stream, peer; /* the two ends of a connection */
    int dgram;        /* connected to dgram_peer */
    int dgram_peer;   /* not connected */
} sockets;

/* Makes them at an IP address, or at abstract ones that begin so. A protocol of 0: the default. */
void make_sockets(const char* address, int protocol);
void close_sockets(void);

/* A socket that is bound. */
int make_socket(int type, int protocol, const char* address, int port);
/* A connection that waits to be accepted. */
int knock(const char* from, const char* to);
bool is_readable(int fd, int timeout);

/* Ways to do an operation. Each returns 0 or an errno. */
struct way {
    const char *operation, *name;
    int (*function)(void);
};

extern const struct way ways[];
extern const size_t way_count;

size_t way_called(const char* name);
/* number[0]: the way. */
operation do_way;
/* Lets a puppet do it, with what has to be there for that; it must come to be done, or not. */
void try_way(struct puppet* puppet, const char* policy, size_t at, int want);
/* Lets it do it, with nothing more. */
int act(struct puppet* puppet, const char* way);
/* The same, and its outcome, by a new puppet under a policy. */
void check_act(const char* policy, const char* way, int want);

#endif /* ISOLATES_TESTS_GUEST_SOCKETS_H */
