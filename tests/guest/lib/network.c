// SPDX-License-Identifier: GPL-2.0-only
/* Sockets, as the lines of decision tables are about them. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "../harness.h"

/* A line, taken apart. */
struct line {
    char operation[16], family[16], type[16];
    int protocol;
    char address[64], local[64]; /* empty: none */
    int port, local_port;
};

/* Of the process that made them, and its children. */
static int kept = -1, others[2] = {-1, -1};

static const struct name {
    const char* name;
    int number;
} names[] = {
    {"unix", AF_UNIX},       {"inet", AF_INET},     {"inet6", AF_INET6},
    {"netlink", AF_NETLINK}, {"packet", AF_PACKET}, {"stream", SOCK_STREAM},
    {"dgram", SOCK_DGRAM},   {"raw", SOCK_RAW},     {"seqpacket", SOCK_SEQPACKET},
};

static int number_of(const char* name) {
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (!strcmp(names[i].name, name)) return names[i].number;
    }
    return -1;
}

/* "unix OPERATION TYPE [addr=ADDRESS] [peer=ADDRESS]", of abstract addresses. */
static bool parse_unix(const char* text, struct line* line) {
    const char* const own = strstr(text, " addr=");
    const char* const peer = strstr(text, " peer=");

    strcpy(line->family, "unix");
    if (own) sscanf(own, " addr=%63s", line->local);
    if (peer) sscanf(peer, " peer=%63s", line->address);
    return sscanf(text, "unix %15s %15s", line->operation, line->type) == 2;
}

static bool parse(const char* text, struct line* line) {
    memset(line, 0, sizeof(*line));
    if (!strncmp(text, "unix ", strlen("unix "))) return parse_unix(text, line);
    return sscanf(text, "%15s %15s %15s %d %63s %d local=%63s %d", line->operation, line->family,
                  line->type, &line->protocol, line->address, &line->port, line->local,
                  &line->local_port) >= 4;
}

static bool is(const struct line* line, const char* operation) {
    return !strcmp(line->operation, operation);
}

static socklen_t make_address(struct sockaddr_storage* address, const char* text, int port) {
    struct sockaddr_in* const inet = (struct sockaddr_in*)address;
    struct sockaddr_in6* const inet6 = (struct sockaddr_in6*)address;

    memset(address, 0, sizeof(*address));
    if (*text == '@') {
        address->ss_family = AF_UNIX;
        strcpy(((struct sockaddr_un*)address)->sun_path + 1, text + 1);
        return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(text));
    }
    if (strchr(text, ':')) {
        inet6->sin6_family = AF_INET6;
        inet6->sin6_port = htons((uint16_t)port);
        inet_pton(AF_INET6, text, &inet6->sin6_addr);
        return sizeof(*inet6);
    }
    inet->sin_family = AF_INET;
    inet->sin_port = htons((uint16_t)port);
    inet_pton(AF_INET, text, &inet->sin_addr);
    return sizeof(*inet);
}

static int bind_to(int fd, const char* text, int port) {
    struct sockaddr_storage address;
    const socklen_t length = make_address(&address, text, port);

    return outcome(bind(fd, (struct sockaddr*)&address, length));
}

static int connect_to(int fd, const char* text, int port) {
    struct sockaddr_storage address;
    const socklen_t length = make_address(&address, text, port);

    return outcome(connect(fd, (struct sockaddr*)&address, length));
}

static int make_one(const struct line* line) {
    const int fd =
        socket(number_of(line->family), number_of(line->type) | SOCK_CLOEXEC, line->protocol);
    const int yes = 1;

    if (fd >= 0) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    return fd;
}

static int accept_one(int fd) {
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};

    return poll(&poll_fd, 1, 10000) == 1 ? accept(fd, NULL, NULL) : -1;
}

/* The socket `kept` listens, and a connection waits there. */
static int make_waiting(const struct line* line) {
    int error = bind_to(kept, line->local, line->local_port) ?: outcome(listen(kept, 1));

    others[0] = make_one(line);
    if (*line->address) error = error ?: bind_to(others[0], line->address, line->port);
    return error ?: connect_to(others[0], line->local, line->local_port);
}

/* What is to be connected to: unix sockets must be there. */
static int make_peer(const struct line* line) {
    int error;

    others[0] = make_one(line);
    error = outcome(others[0]) ?: bind_to(others[0], line->address, line->port);
    return error ?: strcmp(line->type, "dgram") ? outcome(listen(others[0], 1)) : 0;
}

/* The socket `kept` is connected. */
static int make_connected(const struct line* line) {
    int error = *line->local ? bind_to(kept, line->local, line->local_port) : 0;

    if (!strcmp(line->family, "unix") && !strcmp(line->type, "dgram"))
        error = error ?: make_peer(line);
    if (strcmp(line->type, "stream")) return error ?: connect_to(kept, line->address, line->port);
    others[0] = make_one(line);
    error = error ?: bind_to(others[0], line->address, line->port);
    error = error ?: outcome(listen(others[0], 1));
    error = error ?: connect_to(kept, line->address, line->port);
    others[1] = error ? -1 : accept_one(others[0]);
    return error ?: outcome(others[1]);
}

int do_make_net(struct arguments* arguments) {
    (void)arguments;
    if (unshare(CLONE_NEWNET)) return errno;
    return system(
               "ip link set lo up && ip route add local default dev lo &&"
               "ip -6 route add local default dev lo &&"
               "echo 1 >/proc/sys/net/ipv6/ip_nonlocal_bind")
               ? EIO
               : 0;
}

int do_make_socket(struct arguments* arguments) {
    const bool is_unix = !strncmp(arguments->path, "unix ", strlen("unix "));
    struct line line;
    int error;

    if (!parse(arguments->path, &line)) return EINVAL;
    for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
        if (others[i] >= 0) close(others[i]);
        others[i] = -1;
    }
    if (kept >= 0) close(kept);
    kept = -1;
    if (is(&line, "create")) return 0;
    kept = make_one(&line);
    if (kept < 0) return errno;
    error = 0;
    if (is_unix && is(&line, "connect")) error = make_peer(&line);
    if (error) return error;
    if (is(&line, "accept"))
        error = make_waiting(&line);
    else if ((is(&line, "send") || is(&line, "receive")) && *line.address)
        error = make_connected(&line);
    else if (is(&line, "connect") && *line.local)
        error = bind_to(kept, line.local, line.local_port);
    else if (is_unix && !is(&line, "bind") && *line.local)
        error = bind_to(kept, line.local, 0);
    else if (!is_unix && !is(&line, "bind") && !is(&line, "connect") && *line.address && line.port)
        error = bind_to(kept, line.address, line.port);
    return error ?: outcome(fcntl(kept, F_SETFL, O_NONBLOCK));
}

/* What the network says to who was allowed to ask is no denial. */
static int asked(long result) {
    static const int answers[] = {ECONNREFUSED, ENETUNREACH, EHOSTUNREACH, EADDRNOTAVAIL,
                                  EINPROGRESS,  EAGAIN,      ENOTCONN};

    if (result >= 0) return 0;
    for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
        if (errno == answers[i]) return 0;
    }
    return errno;
}

int do_use_socket(struct arguments* arguments) {
    struct sockaddr_storage address;
    socklen_t size = sizeof(address);
    struct line line;
    int value = 1, fd;

    if (!parse(arguments->path, &line)) return EINVAL;
    if (is(&line, "create")) {
        fd = socket(number_of(line.family), number_of(line.type), line.protocol);
        return fd < 0 ? errno : outcome(close(fd));
    }
    if (is(&line, "bind")) {
        size = make_address(&address, *line.address ? line.address : line.local, line.port);
        return asked(bind(kept, (struct sockaddr*)&address, size));
    }
    if (is(&line, "connect")) {
        size = make_address(&address, line.address, line.port);
        return asked(connect(kept, (struct sockaddr*)&address, size));
    }
    if (is(&line, "listen")) return asked(listen(kept, 1));
    if (is(&line, "accept")) return outcome(accept_one(kept));
    if (is(&line, "send")) return asked(send(kept, "text", 4, MSG_NOSIGNAL));
    if (is(&line, "receive")) return asked(recv(kept, &value, sizeof(value), 0));
    if (is(&line, "shutdown")) return asked(shutdown(kept, SHUT_RDWR));
    if (is(&line, "getattr")) return asked(getsockname(kept, (struct sockaddr*)&address, &size));
    if (is(&line, "setattr")) return asked(fchmod(kept, 0600));
    size = sizeof(value);
    if (is(&line, "getopt")) return asked(getsockopt(kept, SOL_SOCKET, SO_TYPE, &value, &size));
    if (is(&line, "setopt"))
        return asked(setsockopt(kept, SOL_SOCKET, SO_KEEPALIVE, &value, sizeof(value)));
    return EINVAL;
}
