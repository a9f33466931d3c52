// SPDX-License-Identifier: GPL-2.0-only
/* Sockets: made, bound, connected, and sent from to an address, which is connecting too. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "harness.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

static const char policies[] =
    "policy nothing { capability, }\n"
    "policy all { capability, network, }\n"
    "policy streams { capability, network inet stream, network unix stream, }\n"
    "policy tcp { capability, network inet tcp, }\n"
    "policy server {\n"
    "  capability,\n"
    "  network (create, bind) inet stream port=8080-8089,\n"
    "  network (create, bind) inet dgram ip=127.0.0.1,\n"
    "  network (create, bind) inet raw ip=127.0.0.1,\n"
    "  network (create, bind) inet6 stream ip=::1,\n"
    "}\n"
    "policy client {\n"
    "  capability,\n"
    "  network (create),\n"
    "  network (connect, send) inet peer=(ip=127.0.0.0/8 port=9000),\n"
    "  network (connect, send) inet6 stream peer=(ip=::1 port=9000),\n"
    "  deny network (connect) inet peer=(ip=127.0.0.9) errno=EACCES,\n"
    "}\n"
    /* All but one address, by whatever name. */
    "policy but {\n"
    "  capability,\n"
    "  network,\n"
    "  deny network (connect) inet peer=(ip=127.0.0.1),\n"
    "  deny network (connect) inet peer=(ip=127.0.0.5),\n"
    "  deny network (connect) inet6 peer=(ip=::1),\n"
    "  deny network (bind) inet ip=127.0.0.1,\n"
    "}\n"
    "policy from {\n"
    "  capability,\n"
    "  network (create, bind),\n"
    "  network (connect) inet dgram ip=127.0.0.3,\n"
    "}\n";

/*
 * What to try, as words: the socket's family and type (and protocol, if not the default), what to
 * do with it, and of an address the family it is said to be of, itself and the port; "from" says
 * what the socket is bound to before.
 */
struct trial {
    const char* words;
    int want;
};

static const struct number {
    const char* name;
    int number;
} numbers[] = {
    {"unspec", AF_UNSPEC},   {"inet", AF_INET},        {"inet6", AF_INET6},
    {"unix", AF_UNIX},       {"netlink", AF_NETLINK},  {"packet", AF_PACKET},
    {"stream", SOCK_STREAM}, {"dgram", SOCK_DGRAM},    {"raw", SOCK_RAW},
    {"default", 0},          {"tcp", IPPROTO_TCP},     {"udp", IPPROTO_UDP},
    {"icmp", IPPROTO_ICMP},  {"mptcp", IPPROTO_MPTCP},
};

static int number(const char* name) {
    for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
        if (!strcmp(numbers[i].name, name)) return numbers[i].number;
    }
    return -1;
}

union address {
    struct sockaddr any;
    struct sockaddr_in inet;
    struct sockaddr_in6 inet6;
    struct sockaddr_un local;
    struct sockaddr_storage room;
};

/* An address of the family it looks like, but said to be of the family given. */
static socklen_t make_address(union address* address, int family, const char* text, int port) {
    memset(address, 0, sizeof(*address));
    if (strchr(text, ':')) {
        address->inet6.sin6_port = htons((uint16_t)port);
        inet_pton(AF_INET6, text, &address->inet6.sin6_addr);
    } else {
        address->inet.sin_port = htons((uint16_t)port);
        inet_pton(AF_INET, text, &address->inet.sin_addr);
    }
    address->any.sa_family = (sa_family_t)family;
    return strchr(text, ':') ? sizeof(address->inet6) : sizeof(address->inet);
}

/* What the network answers, once the policy has let it be asked. */
static int asked(long result) {
    if (result >= 0) return 0;
    switch (errno) {
        case ECONNREFUSED:
        case EINPROGRESS:
        case ENETUNREACH:
        case EADDRNOTAVAIL:
            return 0;
        default:
            return errno;
    }
}

static int send_message(int fd, union address* address, socklen_t length, bool many) {
    struct iovec text = {.iov_base = "text", .iov_len = 4};
    struct mmsghdr message = {
        .msg_hdr = {.msg_name = address, .msg_namelen = length, .msg_iov = &text, .msg_iovlen = 1}};

    return asked(many ? sendmmsg(fd, &message, 1, 0) : sendmsg(fd, &message.msg_hdr, 0));
}

/* Words as they were scanned. */
struct socket_words {
    char family[16], type[16], protocol[16], how[16];
    char address_family[16], address[64], local[64];
    int port;
};

static int use_socket(int fd, const struct socket_words* words) {
    union address address, local;
    socklen_t length;

    if (*words->local) {
        length = make_address(&local, number(words->family), words->local, 0);
        if (bind(fd, &local.any, length)) return errno;
    }
    length = make_address(&address, number(words->address_family), words->address, words->port);
    if (!strcmp(words->how, "bind")) return asked(bind(fd, &address.any, length));
    if (!strcmp(words->how, "connect")) return asked(connect(fd, &address.any, length));
    if (!strcmp(words->how, "sendto")) return asked(sendto(fd, "text", 4, 0, &address.any, length));
    if (!strcmp(words->how, "fastopen"))
        return asked(sendto(fd, "text", 4, MSG_FASTOPEN | MSG_NOSIGNAL, &address.any, length));
    if (!strcmp(words->how, "sendmsg")) return send_message(fd, &address, length, false);
    if (!strcmp(words->how, "sendmmsg")) return send_message(fd, &address, length, true);
    return strcmp(words->how, "socket") ? EINVAL : 0;
}

/* path: the trial's words. */
static int do_trial(struct arguments* arguments) {
    struct socket_words words = {};
    int fds[2], protocol, error;

    if (sscanf(arguments->path, "%15s %15s %15s %15s %15s %63s %d from %63s", words.family,
               words.type, words.protocol, words.how, words.address_family, words.address,
               &words.port, words.local) < 4)
        return EINVAL;
    protocol = number(words.protocol);
    if (!strcmp(words.how, "pair")) {
        if (socketpair(number(words.family), number(words.type), protocol, fds)) return errno;
        close(fds[1]);
        return outcome(close(fds[0]));
    }
    fds[0] =
        socket(number(words.family), number(words.type) | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
    if (fds[0] < 0) return errno;
    error = use_socket(fds[0], &words);
    close(fds[0]);
    return error;
}

/* Each under the policy and, if it is to be denied, also outside, where it must not be. */
static void try_all(const char* policy, const struct trial* trials, size_t count) {
    struct puppet* const puppet = puppet_under(policy);

    for (size_t i = 0; i < count; i++) {
        const struct trial* const trial = trials + i;

        check_errno(try_path(puppet, do_trial, trial->words, 0, 0), trial->want, "%s: %s", policy,
                    trial->words);
        if (trial->want)
            check_errno(try_path(NULL, do_trial, trial->words, 0, 0), 0, "%s, unconfined",
                        trial->words);
    }
    puppet_end(puppet);
}

#define TRY(policy, ...)                                    \
    do {                                                    \
        static const struct trial trials[] = {__VA_ARGS__}; \
        try_all(policy, trials, ARRAY_SIZE(trials));        \
    } while (0)

static void create(void) {
    TRY("nothing", {"inet stream default socket", EPERM}, {"inet6 dgram default socket", EPERM},
        {"unix stream default socket", EPERM}, {"unix stream default pair", EPERM},
        {"netlink raw default socket", EPERM}, {"packet raw default socket", EPERM});
    TRY("all", {"inet stream default socket", 0}, {"inet6 dgram default socket", 0},
        {"unix stream default socket", 0}, {"unix stream default pair", 0},
        {"netlink raw default socket", 0}, {"packet raw default socket", 0});
    TRY("streams", {"inet stream default socket", 0}, {"inet stream tcp socket", 0},
        {"inet stream mptcp socket", 0}, {"inet dgram default socket", EPERM},
        {"inet raw icmp socket", EPERM}, {"inet6 stream default socket", EPERM},
        {"unix stream default socket", 0}, {"unix stream default pair", 0},
        {"unix dgram default socket", EPERM}, {"unix dgram default pair", EPERM});
    TRY("tcp", {"inet stream default socket", 0}, {"inet stream tcp socket", 0},
        {"inet stream mptcp socket", 0}, {"inet dgram default socket", EPERM});
}

static void bind_to(void) {
    TRY("server", {"inet stream default bind inet 127.0.0.1 8080", 0},
        {"inet stream default bind inet 0.0.0.0 8089", 0},
        {"inet stream default bind inet 127.0.0.1 8079", EPERM},
        {"inet stream default bind inet 127.0.0.1 8090", EPERM},
        {"inet stream default bind inet 127.0.0.1 0", EPERM},
        {"inet dgram default bind inet 127.0.0.1 9999", 0},
        {"inet dgram default bind inet 127.0.0.2 9999", EPERM},
        {"inet raw icmp bind inet 127.0.0.1 0", 0}, {"inet raw icmp bind inet 127.0.0.2 0", EPERM},
        {"inet6 stream default bind inet6 ::1 80", 0},
        {"inet6 stream default bind inet6 :: 80", EPERM},
        /* An IPv4-mapped address is IPv4. */
        {"inet6 stream default bind inet6 ::ffff:127.0.0.1 8082", 0},
        {"inet6 stream default bind inet6 ::ffff:127.0.0.1 80", EPERM},
        /* IPv4 takes AF_UNSPEC for AF_INET, if the address is 0.0.0.0. */
        {"inet stream default bind unspec 0.0.0.0 8081", 0},
        {"inet stream default bind unspec 0.0.0.0 9999", EPERM});
    TRY("but", {"inet stream default bind inet 127.0.0.2 80", 0},
        {"inet stream default bind inet 127.0.0.1 80", EPERM},
        {"inet6 stream default bind inet6 ::ffff:127.0.0.1 80", EPERM},
        /* Nobody looks at the family there. */
        {"inet raw icmp bind unix 127.0.0.1 0", EPERM});
}

static void connect_to(void) {
    TRY("client", {"inet stream default connect inet 127.0.0.1 9000", 0},
        {"inet stream default connect inet 127.0.0.1 9001", EPERM},
        {"inet stream default connect inet 10.0.0.1 9000", EPERM},
        {"inet stream default connect inet 127.0.0.9 9000", EACCES},
        {"inet dgram default connect inet 127.0.0.1 9000", 0},
        {"inet dgram default connect inet 127.0.0.1 9001", EPERM},
        {"inet6 stream default connect inet6 ::1 9000", 0},
        {"inet6 stream default connect inet6 ::1 9001", EPERM},
        {"inet6 stream default connect inet6 ::ffff:127.0.0.1 9000", 0},
        {"inet6 stream default connect inet6 ::ffff:127.0.0.1 9001", EPERM},
        {"inet6 stream default connect inet6 ::ffff:127.0.0.9 9000", EACCES},
        {"inet6 dgram default connect inet 127.0.0.1 9000", 0},
        {"inet6 dgram default connect inet 127.0.0.1 9001", EPERM},
        /* The end of a connection has no peer that a rule could name. */
        {"inet dgram default connect unspec 0.0.0.0 0", EPERM});
    TRY("all", {"inet dgram default connect unspec 0.0.0.0 0", 0});
    TRY("from", {"inet dgram default connect inet 127.0.0.1 9000 from 127.0.0.3", 0},
        {"inet dgram default connect inet 127.0.0.1 9000 from 127.0.0.4", EPERM},
        {"inet dgram default connect inet 127.0.0.1 9000", EPERM});
}

static void send_to(void) {
    TRY("client", {"inet dgram default sendto inet 127.0.0.1 9000", 0},
        {"inet dgram default sendto inet 127.0.0.1 9001", EPERM},
        {"inet dgram default sendmsg inet 127.0.0.1 9000", 0},
        {"inet dgram default sendmsg inet 127.0.0.1 9001", EPERM},
        {"inet dgram default sendmmsg inet 127.0.0.1 9000", 0},
        {"inet dgram default sendmmsg inet 127.0.0.1 9001", EPERM},
        {"inet6 dgram default sendto inet6 ::ffff:127.0.0.1 9000", 0},
        {"inet6 dgram default sendto inet6 ::ffff:127.0.0.1 9001", EPERM},
        {"inet6 dgram default sendto inet 127.0.0.1 9000", 0},
        {"inet6 dgram default sendto inet 127.0.0.1 9001", EPERM},
        /* TCP Fast Open connects. */
        {"inet stream default fastopen inet 127.0.0.1 9000", 0},
        {"inet stream default fastopen inet 127.0.0.1 9001", EPERM},
        {"inet6 stream default fastopen inet6 ::1 9000", 0},
        {"inet6 stream default fastopen inet6 ::1 9001", EPERM});
}

/* One address is denied, however it is called. */
static void aliases(void) {
    TRY("but", {"inet stream default connect inet 127.0.0.2 9000", 0},
        {"inet stream default connect inet 127.0.0.1 9000", EPERM},
        {"inet6 stream default connect inet6 ::ffff:127.0.0.1 9000", EPERM},
        /* The unspecified address is this machine: the loopback, or what one is bound to. */
        {"inet stream default connect inet 0.0.0.0 9000", EPERM},
        {"inet6 stream default connect inet6 ::ffff:0.0.0.0 9000", EPERM},
        {"inet6 stream default connect inet6 :: 9000", EPERM},
        {"inet6 stream default connect inet6 :: 9000 from ::ffff:127.0.0.2", EPERM},
        {"inet dgram default connect inet 0.0.0.0 9000 from 127.0.0.5", EPERM},
        {"inet dgram default connect inet 0.0.0.0 9000 from 127.0.0.2", 0},
        {"inet dgram default sendto inet 0.0.0.0 9000", EPERM},
        {"inet6 dgram default sendto inet6 :: 9000", EPERM},
        /* Where it is an address, AF_UNSPEC is the socket's own family. */
        {"inet dgram default sendto unspec 127.0.0.1 9000", EPERM},
        {"inet dgram default sendto unspec 127.0.0.2 9000", 0},
        {"inet raw udp sendto unspec 127.0.0.1 0", EPERM},
        {"inet6 raw udp sendto unspec ::1 0", EPERM});
}

/* A datagram that is denied is not sent; one that is allowed arrives. */
static void arrival(void) {
    static const char words[] = "inet dgram default sendto unspec 127.0.0.1 9000";
    struct pollfd fd = {.fd = socket(AF_INET, SOCK_DGRAM, 0), .events = POLLIN};
    struct puppet *const all = puppet_under("all"), *const but = puppet_under("but");
    union address address;
    const socklen_t length = make_address(&address, AF_INET, "127.0.0.1", 9000);
    char text[16];

    if (fd.fd < 0 || bind(fd.fd, &address.any, length)) die("bind a socket");
    try_path(but, do_trial, words, 0, 0);
    check(poll(&fd, 1, 0) == 0, "a datagram that is denied does not arrive");
    try_path(all, do_trial, words, 0, 0);
    check(poll(&fd, 1, 10000) == 1 && recv(fd.fd, text, sizeof(text), 0) == 4,
          "a datagram that is allowed arrives");
    check(recv(fd.fd, text, sizeof(text), MSG_DONTWAIT) < 0, "and it is the only one");
    close(fd.fd);
}

int main(void) {
    load("%s", policies);
    create();
    bind_to();
    connect_to();
    send_to();
    aliases();
    arrival();
    return finish();
}
