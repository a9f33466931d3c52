// SPDX-License-Identifier: GPL-2.0-only
/* Sockets of who is not confined, and each operation on them, by every call. */
#define _GNU_SOURCE
#include "../sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "../ring.h"

enum { TEXT = 4 };

struct sockets sockets;

/* Ways to do it. Each returns 0 or an errno. */

static int done(ssize_t size) {
    return size < 0 ? errno : size == TEXT ? 0 : EIO;
}

static struct msghdr* message(void) {
    static char text[TEXT] = "text";
    static struct iovec vector = {text, TEXT};
    static struct msghdr header;

    header = (struct msghdr){.msg_iov = &vector, .msg_iovlen = 1};
    return &header;
}

static int by_send(void) {
    return done(send(sockets.stream, "text", TEXT, 0));
}

static int by_write(void) {
    return done(write(sockets.stream, "text", TEXT));
}

static int by_writev(void) {
    return done(writev(sockets.stream, message()->msg_iov, 1));
}

static int by_sendmsg(void) {
    return done(sendmsg(sockets.stream, message(), 0));
}

static int by_sendmmsg(void) {
    struct mmsghdr one = {.msg_hdr = *message()};

    return outcome(sendmmsg(sockets.stream, &one, 1, 0)) ?: done(one.msg_len);
}

static int by_send_dgram(void) {
    return done(send(sockets.dgram, "text", TEXT, 0));
}

static int by_sendfile(void) {
    const int fd = memfd_create("text", 0);
    off_t offset = 0;
    int error;

    if (write(fd, "text", TEXT) != TEXT) return EIO;
    error = done(sendfile(sockets.stream, fd, &offset, TEXT));
    close(fd);
    return error;
}

static int by_splice_out(void) {
    int pipes[2], error;

    if (pipe(pipes) || write(pipes[1], "text", TEXT) != TEXT) return EIO;
    error = done(splice(pipes[0], NULL, sockets.stream, NULL, TEXT, 0));
    close(pipes[0]);
    close(pipes[1]);
    return error;
}

static int by_ring(uint8_t opcode, int fd) {
    static char text[TEXT] = "text";
    const struct io_uring_sqe entry = {
        .opcode = opcode, .fd = fd, .addr = (uintptr_t)text, .len = TEXT};
    struct arguments none = {};
    int result = do_make_ring(&none);

    if (result) return EXDEV;
    result = ring_submit(&entry);
    return result < 0 ? -result : result == TEXT ? 0 : EIO;
}

static int by_ring_send(void) {
    return by_ring(IORING_OP_SEND, sockets.stream);
}

static int by_ring_write(void) {
    return by_ring(IORING_OP_WRITE, sockets.stream);
}

static char received[TEXT];

static int by_recv(void) {
    return done(recv(sockets.stream, received, TEXT, MSG_DONTWAIT));
}

static int by_peek(void) {
    return done(recv(sockets.stream, received, TEXT, MSG_DONTWAIT | MSG_PEEK));
}

static int by_read(void) {
    return done(read(sockets.stream, received, TEXT));
}

static int by_readv(void) {
    return done(readv(sockets.stream, message()->msg_iov, 1));
}

static int by_recvmsg(void) {
    return done(recvmsg(sockets.stream, message(), MSG_DONTWAIT));
}

static int by_recvmmsg(void) {
    struct mmsghdr one = {.msg_hdr = *message()};

    return outcome(recvmmsg(sockets.stream, &one, 1, MSG_DONTWAIT, NULL)) ?: done(one.msg_len);
}

static int by_recvfrom_dgram(void) {
    struct sockaddr_storage from;
    socklen_t size = sizeof(from);

    return done(
        recvfrom(sockets.dgram_peer, received, TEXT, MSG_DONTWAIT, (struct sockaddr*)&from, &size));
}

static int by_splice_in(void) {
    int pipes[2], error;

    if (pipe(pipes)) return EIO;
    error = done(splice(sockets.stream, NULL, pipes[1], NULL, TEXT, SPLICE_F_NONBLOCK));
    close(pipes[0]);
    close(pipes[1]);
    return error;
}

static int by_ring_recv(void) {
    return by_ring(IORING_OP_RECV, sockets.stream);
}

static int by_ring_read(void) {
    return by_ring(IORING_OP_READ, sockets.stream);
}

static int by_listen(void) {
    return outcome(listen(sockets.listening, 8));
}

static int accepted(int fd) {
    if (fd < 0) return errno;
    close(fd);
    return 0;
}

static int by_accept(void) {
    return accepted(accept(sockets.listening, NULL, NULL));
}

static int by_accept4(void) {
    struct sockaddr_storage address;
    socklen_t size = sizeof(address);

    return accepted(accept4(sockets.listening, (struct sockaddr*)&address, &size,
                            SOCK_CLOEXEC | SOCK_NONBLOCK));
}

static int by_ring_accept(void) {
    const struct io_uring_sqe entry = {.opcode = IORING_OP_ACCEPT, .fd = sockets.listening};
    struct arguments none = {};
    const int result = do_make_ring(&none) ? -EXDEV : ring_submit(&entry);

    if (result < 0) return -result;
    close(result);
    return 0;
}

static int by_shutdown(void) {
    return outcome(shutdown(sockets.dgram, SHUT_RD));
}

static int by_ring_shutdown(void) {
    const struct io_uring_sqe entry = {
        .opcode = IORING_OP_SHUTDOWN, .fd = sockets.dgram, .len = SHUT_RD};
    struct arguments none = {};

    return do_make_ring(&none) ? EXDEV : -ring_submit(&entry);
}

static int by_getsockname(void) {
    struct sockaddr_storage address;
    socklen_t size = sizeof(address);

    return outcome(getsockname(sockets.stream, (struct sockaddr*)&address, &size));
}

static int by_getpeername(void) {
    struct sockaddr_storage address;
    socklen_t size = sizeof(address);

    return outcome(getpeername(sockets.stream, (struct sockaddr*)&address, &size));
}

static int by_fchmod(void) {
    return outcome(fchmod(sockets.stream, 0600));
}

static int by_fchown(void) {
    return outcome(fchown(sockets.stream, 0, 0));
}

static int by_getsockopt(void) {
    int value;
    socklen_t size = sizeof(value);

    return outcome(getsockopt(sockets.stream, SOL_SOCKET, SO_TYPE, &value, &size));
}

static int by_setsockopt(void) {
    const int value = 1;

    return outcome(setsockopt(sockets.stream, SOL_SOCKET, SO_KEEPALIVE, &value, sizeof(value)));
}

const struct way ways[] = {
    {"send", "send", by_send},
    {"send", "write", by_write},
    {"send", "writev", by_writev},
    {"send", "sendmsg", by_sendmsg},
    {"send", "sendmmsg", by_sendmmsg},
    {"send", "send of a datagram", by_send_dgram},
    {"send", "sendfile", by_sendfile},
    {"send", "splice", by_splice_out},
    {"send", "a ring's send", by_ring_send},
    {"send", "a ring's write", by_ring_write},
    {"receive", "recv", by_recv},
    {"receive", "recv, peeking", by_peek},
    {"receive", "read", by_read},
    {"receive", "readv", by_readv},
    {"receive", "recvmsg", by_recvmsg},
    {"receive", "recvmmsg", by_recvmmsg},
    {"receive", "recvfrom of a datagram", by_recvfrom_dgram},
    {"receive", "splice", by_splice_in},
    {"receive", "a ring's recv", by_ring_recv},
    {"receive", "a ring's read", by_ring_read},
    {"listen", "listen", by_listen},
    {"accept", "accept", by_accept},
    {"accept", "accept4", by_accept4},
    {"accept", "a ring's accept", by_ring_accept},
    {"shutdown", "shutdown", by_shutdown},
    {"shutdown", "a ring's shutdown", by_ring_shutdown},
    {"getattr", "getsockname", by_getsockname},
    {"getattr", "getpeername", by_getpeername},
    {"setattr", "fchmod", by_fchmod},
    {"setattr", "fchown", by_fchown},
    {"getopt", "getsockopt", by_getsockopt},
    {"setopt", "setsockopt", by_setsockopt},
};

const size_t way_count = ARRAY_SIZE(ways);

/* number[0]: the way. */
int do_way(struct arguments* arguments) {
    return ways[arguments->number[0]].function();
}

union address {
    struct sockaddr any;
    struct sockaddr_in inet;
    struct sockaddr_in6 inet6;
    struct sockaddr_un local;
};

static socklen_t make_address(union address* address, const char* text, int port) {
    memset(address, 0, sizeof(*address));
    if (*text == '@') {
        address->local.sun_family = AF_UNIX;
        return (socklen_t)offsetof(struct sockaddr_un, sun_path) + 1 +
               (socklen_t)sprintf(address->local.sun_path + 1, "%s-%d", text + 1, port);
    }
    if (strchr(text, ':')) {
        address->inet6.sin6_family = AF_INET6;
        address->inet6.sin6_port = htons((uint16_t)port);
        inet_pton(AF_INET6, text, &address->inet6.sin6_addr);
        return sizeof(address->inet6);
    }
    address->inet.sin_family = AF_INET;
    address->inet.sin_port = htons((uint16_t)port);
    inet_pton(AF_INET, text, &address->inet.sin_addr);
    return sizeof(address->inet);
}

/* A socket that is bound. */
int make_socket(int type, int protocol, const char* text, int port) {
    union address address;
    const socklen_t size = make_address(&address, text, port);
    const int fd = socket(address.any.sa_family, type, protocol), yes = 1;

    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) ||
        bind(fd, &address.any, size))
        die("make a socket at %s:%d", text, port);
    return fd;
}

static void connect_to(int fd, const char* text, int port) {
    union address address;

    if (connect(fd, &address.any, make_address(&address, text, port)) && errno != EINPROGRESS)
        die("connect to %s:%d", text, port);
}

/* A connection that waits to be accepted. */
int knock(const char* from, const char* to) {
    const int fd =
        *from == '@' ? socket(AF_UNIX, SOCK_STREAM, 0) : make_socket(SOCK_STREAM, 0, from, 0);

    connect_to(fd, to, PORT);
    return fd;
}

static int accept_now(void) {
    struct pollfd fd = {.fd = sockets.listening, .events = POLLIN};

    if (poll(&fd, 1, 10000) != 1) die("nothing to accept");
    return accept(sockets.listening, NULL, NULL);
}

void make_sockets(const char* address, int protocol) {
    sockets.address = address;
    sockets.listening = make_socket(SOCK_STREAM, protocol, address, PORT);
    if (listen(sockets.listening, 8)) die("listen");
    sockets.peer = knock(address, address);
    sockets.stream = accept_now();
    sockets.dgram = make_socket(SOCK_DGRAM, 0, address, 7001);
    sockets.dgram_peer = make_socket(SOCK_DGRAM, 0, address, 7002);
    connect_to(sockets.dgram, address, 7002);
    fcntl(sockets.listening, F_SETFL, O_NONBLOCK);
    fcntl(sockets.stream, F_SETFL, O_NONBLOCK);
}

void close_sockets(void) {
    close(sockets.listening);
    close(sockets.stream);
    close(sockets.peer);
    close(sockets.dgram);
    close(sockets.dgram_peer);
}

bool is_readable(int fd, int timeout) {
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};

    return poll(&poll_fd, 1, timeout) == 1;
}

static void drain(int fd) {
    char text[64];

    while (recv(fd, text, sizeof(text), MSG_DONTWAIT) > 0) continue;
}

/* Lets the puppet do it; what has to be there for that is, and it must come to be done or not. */
void try_way(struct puppet* puppet, const char* policy, size_t at, int want) {
    const struct way* const way = ways + at;
    const struct arguments arguments = {.number = {(long)at}};
    const bool sends = !strcmp(way->operation, "send");
    const bool receives = !strcmp(way->operation, "receive");
    const bool is_dgram = strstr(way->name, "datagram");
    int client = -1, fd;

    if (receives) {
        fd = is_dgram ? sockets.dgram : sockets.peer;
        if (send(fd, "text", TEXT, 0) != TEXT) die("send");
        if (!is_readable(is_dgram ? sockets.dgram_peer : sockets.stream, 10000)) die("no data");
    }
    if (!strcmp(way->operation, "accept")) {
        client = knock(sockets.address, sockets.address);
        if (!is_readable(sockets.listening, 10000)) die("nothing to accept");
    }
    check_errno(ask(puppet, do_way, &arguments), want, "%s: %s", policy, way->name);
    if (sends) {
        fd = is_dgram ? sockets.dgram_peer : sockets.peer;
        check(is_readable(fd, want ? 0 : 10000) == !want, "%s: %s: %s", policy, way->name,
              want ? "nothing arrives" : "it arrives");
    } else if (receives && want) {
        check(recv(is_dgram ? sockets.dgram_peer : sockets.stream, received, TEXT, MSG_DONTWAIT) ==
                  TEXT,
              "%s: %s: what was not received is still there", policy, way->name);
    } else if (client >= 0 && want) {
        check(is_readable(client, 10000), "%s: %s: the connection is closed", policy, way->name);
    }
    if (client >= 0) close(client);
    drain(sockets.peer);
    drain(sockets.stream);
    drain(sockets.dgram_peer);
}

size_t way_called(const char* name) {
    for (size_t at = 0; at < ARRAY_SIZE(ways); at++) {
        if (!strcmp(ways[at].name, name)) return at;
    }
    die("no way is called %s", name);
}

int act(struct puppet* puppet, const char* way) {
    const struct arguments arguments = {.number = {(long)way_called(way)}};

    return ask(puppet, do_way, &arguments);
}

void check_act(const char* policy, const char* way, int want) {
    struct puppet* const puppet = puppet_under(policy);

    check_errno(act(puppet, way), want, "%s: %s", policy, way);
    puppet_end(puppet);
}
