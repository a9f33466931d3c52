// SPDX-License-Identifier: GPL-2.0-only
/* Sockets in use, that were made by whoever is not confined: each operation, by every call. */
#define _GNU_SOURCE
#include "sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

static const char* const operations[] = {
    "send", "receive", "listen", "accept", "shutdown", "getattr", "setattr", "getopt", "setopt",
};

/* Each operation alone: that is allowed, and no other. And all but one. */
static void each(const char* what, const char* address) {
    make_sockets(address, 0);
    for (size_t i = 0; i < ARRAY_SIZE(operations); i++) {
        const char* const operation = operations[i];
        struct puppet *only, *but;

        load(
            "policy only { file, capability, io_uring, %s (%s), }\n"
            "policy but { file, capability, io_uring, %s, deny %s (%s), }\n",
            what, operation, what, what, operation);
        only = puppet_under("only");
        but = puppet_under("but");
        for (size_t at = 0; at < way_count; at++) {
            const bool is_it = !strcmp(ways[at].operation, operation);
            char name[64];

            snprintf(name, sizeof(name), "%s, only %s", what, operation);
            try_way(only, name, at, is_it ? 0 : EPERM);
            snprintf(name, sizeof(name), "%s, all but %s", what, operation);
            try_way(but, name, at, is_it ? EPERM : 0);
        }
        puppet_end(only);
        puppet_end(but);
        unload_all();
    }
    for (size_t at = 0; at < way_count; at++) try_way(NULL, "unconfined", at, 0);
    close_sockets();
}

/* Addresses and ports of both ends. */
static void ends(void) {
    load(
        "policy right {\n"
        "  capability,\n"
        "  network (send, receive) inet stream ip=127.0.0.1 port=7000 peer=(ip=127.0.0.0/8),\n"
        "  network (send) inet dgram peer=(ip=127.0.0.1 port=7002),\n"
        "  network (receive) inet dgram port=7002,\n"
        "}\n"
        "policy wrong {\n"
        "  capability,\n"
        "  network (send, receive) inet stream port=7001,\n"
        "  network (send) inet dgram peer=(ip=127.0.0.1 port=7003),\n"
        "  network (receive) inet dgram peer=(ip=127.0.0.1),\n"
        "}\n"
        "policy but {\n"
        "  capability, network,\n"
        "  deny network (send) inet stream peer=(ip=127.0.0.1) errno=EACCES,\n"
        "  deny network (send) inet dgram peer=(port=7002) errno=ENETDOWN,\n"
        "}\n");
    make_sockets("127.0.0.1", 0);
    check_act("right", "send", 0);
    check_act("right", "send of a datagram", 0);
    check_act("right", "recvfrom of a datagram", 0);
    check_act("wrong", "send", EPERM);
    check_act("wrong", "recv", EPERM);
    check_act("wrong", "send of a datagram", EPERM);
    check_act("wrong", "recvfrom of a datagram", EPERM); /* it is not connected: no peer */
    check_act("but", "send", EACCES);
    check_act("but", "send of a datagram", ENETDOWN);
    check_act("but", "recv", EAGAIN);
    close_sockets();
    /* The same, as an IPv6 socket sees it. */
    make_sockets("::ffff:127.0.0.1", 0);
    check_act("right", "send", 0);
    check_act("wrong", "send", EPERM);
    check_act("but", "send", EACCES);
    check_act("but", "send of a datagram", ENETDOWN);
    close_sockets();
    unload_all();
}

/* Whom connections come from. `to` is how the clients call the address that is listened at. */
static void peers_of(const char* name, const char* address, int protocol, const char* to) {
    struct puppet *allows, *denies, *others;
    int good, bad;

    sockets.listening = make_socket(SOCK_STREAM, protocol, address, PORT);
    if (listen(sockets.listening, 8)) die("listen");
    fcntl(sockets.listening, F_SETFL, O_NONBLOCK);
    allows = puppet_under("allows");
    denies = puppet_under("denies");
    others = puppet_under("others");

    check_errno(act(allows, "accept"), EAGAIN, "%s: nobody is there", name);
    good = knock("127.0.0.2", to);
    check_errno(act(allows, "accept"), 0, "%s: a peer that is allowed", name);
    bad = knock("127.0.0.3", to);
    check_errno(act(allows, "accept4"), EPERM, "%s: a peer that is not", name);
    check(is_readable(bad, 10000), "%s: its connection is closed", name);
    close(good);
    close(bad);
    bad = knock("127.0.0.3", to);
    check_errno(act(denies, "accept"), ECONNABORTED, "%s: a peer that is denied", name);
    good = knock("127.0.0.2", to);
    check_errno(act(denies, "a ring's accept"), 0, "%s: a peer that is not denied", name);
    close(bad);
    close(good);
    good = knock("127.0.0.2", to);
    check_errno(act(others, "accept"), EPERM, "%s: at another port", name);
    close(good);
    good = knock("127.0.0.3", to);
    check_errno(act(NULL, "accept"), 0, "%s: unconfined", name);
    close(good);
    puppet_end_all();
    close(sockets.listening);
}

static void peers(void) {
    load(
        "policy allows { capability, network (accept) inet port=7000 peer=(ip=127.0.0.2), }\n"
        "policy denies {\n"
        "  capability, io_uring, network,\n"
        "  deny network (accept) inet stream peer=(ip=127.0.0.3) errno=ECONNABORTED,\n"
        "}\n"
        "policy others { capability, network (accept) inet port=7001, }\n");
    peers_of("inet", "127.0.0.1", 0, "127.0.0.1");
    peers_of("inet, any address", "0.0.0.0", 0, "127.0.0.9");
    peers_of("inet6, IPv4 in it", "::", 0, "127.0.0.1");
    peers_of("mptcp", "127.0.0.1", IPPROTO_MPTCP, "127.0.0.1");
    unload_all();
}

/* A task that waits in accept() is asked about by what it is under when it gets something. */
static void waiting(void) {
    const struct arguments arguments = {.number = {(long)way_called("accept")}};
    struct puppet* puppet;
    int client;

    load("policy none { capability, }");
    sockets.listening = make_socket(SOCK_STREAM, 0, "127.0.0.1", PORT);
    if (listen(sockets.listening, 8)) die("listen");
    puppet = puppet_under("none");
    ask_begin(puppet, do_way, &arguments);
    usleep(100000);
    client = knock("127.0.0.1", "127.0.0.1");
    check_errno(ask_end(puppet), EPERM, "who waits for a connection does not get it");
    close(client);
    load("policy none { capability, network, }");
    ask_begin(puppet, do_way, &arguments);
    usleep(100000);
    load("policy none { capability, }");
    client = knock("127.0.0.1", "127.0.0.1");
    check_errno(ask_end(puppet), EPERM, "a policy that is replaced meanwhile counts");
    close(client);
    puppet_end(puppet);
    close(sockets.listening);
    unload_all();
}

static int set_mode(const char* policy, const char* mode) {
    char file[64];

    snprintf(file, sizeof(file), "policies/%s/mode", policy);
    return control(file, "%s", mode);
}

/* What was allowed once is known to be, until it is not. */
static void remembered(void) {
    static const char allows[] = "policy may { capability, network, }";
    static const char denies[] = "policy may { capability, network, deny network (send), }";
    static const char line[] = "allowed policy=\"may\" class=network operation=send";
    const struct arguments arguments = {.number = {(long)way_called("send")}};
    struct puppet *may, *not ;

    load("%s", allows);
    load("policy may_not { capability, network (receive) inet, }");
    make_sockets("127.0.0.1", 0);
    may = puppet_under("may");
    not = puppet_under("may_not");
    for (int i = 0; i < 10; i++) {
        check_errno(act(may, "send"), 0, "remembered: allowed");
        check_errno(act(not, "send"), EPERM, "remembered: not for another policy");
    }
    for (int i = 0; i < 10; i++) {
        load("%s", denies);
        check_errno(act(may, "send"), EPERM, "remembered: the policy denies it now");
        check_errno(act(may, "setsockopt"), 0, "remembered: and nothing else");
        if (set_mode("may", "complain")) die("change the mode");
        check_errno(act(may, "send"), 0, "remembered: it only complains");
        if (set_mode("may", "enforce")) die("change the mode");
        check_errno(act(may, "send"), EPERM, "remembered: and denies again");
        if (set_mode("may", "disabled")) die("change the mode");
        check_errno(act(may, "send"), 0, "remembered: it is disabled");
        if (set_mode("may", "enforce")) die("change the mode");
        check_errno(act(may, "send"), EPERM, "remembered: it is not any more");
        load("%s", allows);
        check_errno(act(may, "send"), 0, "remembered: the policy allows it now");
    }
    load("policy may { capability, network, audit network (send), }");
    check_errno(ask_until_told(may, do_way, &arguments, line), 0, "remembered: audited now");
    check(log_has(line), "remembered: it is told");
    puppet_end_all();
    close_sockets();
    unload_all();
}

static int do_zerocopy_receive(struct arguments* arguments) {
    struct tcp_zerocopy_receive receive = {};
    socklen_t size = sizeof(receive);

    (void)arguments;
    return outcome(getsockopt(sockets.stream, IPPROTO_TCP, TCP_ZEROCOPY_RECEIVE, &receive, &size));
}

static void options(void) {
    struct puppet* puppet;

    load(
        "policy options { capability, network (getopt) inet, }\n"
        "policy both { capability, network (getopt, receive) inet, }\n");
    make_sockets("127.0.0.1", 0);
    puppet = puppet_under("options");
    check_errno(ask(puppet, do_zerocopy_receive, NULL), EPERM,
                "to receive by an option is to receive");
    puppet_end(puppet);
    puppet = puppet_under("both");
    check(ask(puppet, do_zerocopy_receive, NULL) != EPERM, "and is allowed so");
    puppet_end(puppet);
    close_sockets();
    unload_all();
}

static void modes(void) {
    static const char* const names[] = {"send",   "recv",       "listen",
                                        "accept", "shutdown",   "getsockname",
                                        "fchmod", "getsockopt", "setsockopt"};
    struct puppet* puppet;

    load(
        "policy complains flags=(complain) { capability, }\n"
        "policy kills flags=(kill) { capability, network (receive), }\n"
        "policy audits { capability, audit network, }\n");
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        const struct arguments arguments = {.number = {(long)way_called(names[i])}};
        const char* const operation = ways[arguments.number[0]].operation;
        const int want = strcmp(names[i], "recv") && strcmp(names[i], "accept") ? 0 : EAGAIN;
        char line[128];
        int client = -1;

        make_sockets("127.0.0.1", 0);
        puppet = puppet_under("complains");
        if (strcmp(names[i], "accept")) {
            snprintf(line, sizeof(line),
                     "complained policy=\"complains\" class=network operation=%s", operation);
            check_errno(ask_until_told(puppet, do_way, &arguments, line), want,
                        "complain: %s goes on", names[i]);
            check(log_has(line), "complain: %s is told", names[i]);
        } else {
            client = knock("127.0.0.1", "127.0.0.1");
            if (!is_readable(sockets.listening, 10000)) die("nothing to accept");
            check_errno(ask(puppet, do_way, &arguments), 0, "complain: accept goes on");
            close(client);
        }
        puppet_end(puppet);

        puppet = puppet_under("kills");
        if (!strcmp(names[i], "accept")) client = knock("127.0.0.1", "127.0.0.1");
        if (strcmp(names[i], "recv"))
            check(ask(puppet, do_way, &arguments) == -1, "kill: %s", names[i]);
        else
            check_errno(ask(puppet, do_way, &arguments), EAGAIN, "kill: %s is allowed", names[i]);
        if (client >= 0) close(client);
        puppet_end(puppet);
        close_sockets();
    }
    make_sockets("127.0.0.1", 0);
    puppet = puppet_under("audits");
    {
        const char* const line = "allowed policy=\"audits\" class=network operation=send";
        const struct arguments arguments = {.number = {(long)way_called("send")}};

        check_errno(ask_until_told(puppet, do_way, &arguments, line), 0, "audit: send");
        check(log_has(line), "audit: it is told");
    }
    puppet_end(puppet);
    close_sockets();
    unload_all();
}

/* What is asked about only afterwards is probed for everybody, so only while it is asked about. */
static void probes(void) {
    unload_all();
    check(!stats_hold("probe inet_accept") && !stats_hold("probe sock_splice_read"),
          "probes: none without policies");
    load("policy open flags=(default_allow) { deny /tmp/secret r, }");
    check(!stats_hold("probe inet_accept"), "probes: none for a policy that leaves sockets alone");
    load("policy some { network inet, unix, }");
    check(stats_hold("probe inet_accept armed") && stats_hold("probe unix_accept armed") &&
              stats_hold("probe sock_splice_read armed"),
          "probes: for one that does not");
    check_errno(unload("some"), 0, "probes: when that is gone");
    check(!stats_hold("probe inet_accept"), "probes: none are left");
    unload_all();
}

int main(void) {
    signal(SIGPIPE, SIG_IGN);
    probes();
    each("network", "127.0.0.1");
    each("unix", "@isolates");
    ends();
    peers();
    waiting();
    remembered();
    options();
    modes();
    return finish();
}
