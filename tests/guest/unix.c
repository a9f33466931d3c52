// SPDX-License-Identifier: GPL-2.0-only
/* Unix sockets: types, addresses of both ends, the policies of peers, and paths, which are files.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "harness.h"
#include "sockets.h"

#define TOP "/tmp/unix"

/* "@NAME" is abstract, "" what the kernel chooses. */
static socklen_t make_name(struct sockaddr_un* name, const char* text) {
    const size_t length = strlen(text);

    memset(name, 0, sizeof(*name));
    name->sun_family = AF_UNIX;
    memcpy(name->sun_path, text, length);
    if (*text == '@') name->sun_path[0] = '\0';
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
}

static int bind_name(int fd, const char* text) {
    struct sockaddr_un name;
    const socklen_t size = make_name(&name, text);

    return outcome(bind(fd, (struct sockaddr*)&name, size));
}

static int connect_name(int fd, const char* text) {
    struct sockaddr_un name;
    const socklen_t size = make_name(&name, text);

    return outcome(connect(fd, (struct sockaddr*)&name, size));
}

/* What a puppet keeps from one operation to the next: a socket, and a connection. */
static int own = -1, other = -1;

/* number[0]: the type. */
static int do_make(struct arguments* arguments) {
    if (own >= 0) close(own);
    own = socket(AF_UNIX, (int)arguments->number[0] | SOCK_NONBLOCK, 0);
    return outcome(own);
}

static int do_pair(struct arguments* arguments) {
    int fds[2];

    if (socketpair(AF_UNIX, (int)arguments->number[0], 0, fds)) return errno;
    own = fds[0];
    other = fds[1];
    return 0;
}

static int do_bind(struct arguments* arguments) {
    return bind_name(own, arguments->path);
}

static int do_connect(struct arguments* arguments) {
    return connect_name(own, arguments->path);
}

static int do_listen(struct arguments* arguments) {
    (void)arguments;
    return outcome(listen(own, 8));
}

/* Makes, binds and listens. */
static int do_serve(struct arguments* arguments) {
    return do_make(arguments) ?: do_bind(arguments) ?: arguments->number[0] == SOCK_DGRAM
               ? 0
               : do_listen(arguments);
}

static int do_accept(struct arguments* arguments) {
    (void)arguments;
    if (other >= 0) close(other);
    other = accept(own, NULL, NULL);
    return outcome(other);
}

static int sent(ssize_t size) {
    return size < 0 ? errno : size == 4 ? 0 : EIO;
}

static int do_send(struct arguments* arguments) {
    (void)arguments;
    return sent(send(own, "text", 4, MSG_NOSIGNAL));
}

static int do_send_to(struct arguments* arguments) {
    struct sockaddr_un name;
    const socklen_t size = make_name(&name, arguments->path);

    return sent(sendto(own, "text", 4, MSG_NOSIGNAL, (struct sockaddr*)&name, size));
}

static int do_receive(struct arguments* arguments) {
    char text[4];

    (void)arguments;
    return sent(recv(own, text, sizeof(text), MSG_DONTWAIT));
}

static int do_receive_accepted(struct arguments* arguments) {
    char text[4];

    (void)arguments;
    return sent(recv(other, text, sizeof(text), MSG_DONTWAIT));
}

static int do_chdir_(struct arguments* arguments) {
    return outcome(chdir(arguments->path));
}

static int try_name(struct puppet* puppet, operation* operation, const char* name) {
    return try_path(puppet, operation, name, SOCK_STREAM, 0);
}

static int try_type(struct puppet* puppet, operation* operation, int type) {
    return try_path(puppet, operation, "", type, 0);
}

/* Makes a new socket first, which the policy must allow. */
static int anew(struct puppet* puppet, int type, operation* operation, const char* name) {
    const int error = try_type(puppet, do_make, type);

    return error ? -error : try_path(puppet, operation, name, type, 0);
}

static void types(void) {
    struct puppet* puppet;

    load(
        "policy streams { capability, unix (create) type=stream, }\n"
        "policy dgrams { capability, network unix dgram, }\n"
        "policy none { capability, network inet, }\n"
        "policy addressed { capability, unix (create, bind) addr=@only, }\n");
    puppet = puppet_under("streams");
    check_errno(try_type(puppet, do_make, SOCK_STREAM), 0, "a type that is allowed");
    check_errno(try_type(puppet, do_pair, SOCK_STREAM), 0, "a pair of it");
    check_errno(try_type(puppet, do_make, SOCK_DGRAM), EPERM, "another type");
    check_errno(try_type(puppet, do_pair, SOCK_DGRAM), EPERM, "a pair of it");
    check_errno(try_type(puppet, do_make, SOCK_SEQPACKET), EPERM, "one more type");
    check_errno(try_type(puppet, do_make, SOCK_RAW), EPERM, "a raw one, which becomes dgram");
    puppet_end(puppet);
    puppet = puppet_under("dgrams");
    check_errno(try_type(puppet, do_make, SOCK_DGRAM), 0, "by a rule on networks");
    check_errno(try_type(puppet, do_make, SOCK_RAW), 0, "a raw one is a dgram");
    check_errno(try_type(puppet, do_make, SOCK_STREAM), EPERM, "another type");
    puppet_end(puppet);
    puppet = puppet_under("none");
    check_errno(try_type(puppet, do_make, SOCK_STREAM), EPERM, "no rule");
    puppet_end(puppet);
    puppet = puppet_under("addressed");
    check_errno(try_type(puppet, do_make, SOCK_STREAM), 0, "a rule with an address lets make one");
    check_errno(try_name(puppet, do_bind, "@other"), EPERM, "not bind it elsewhere");
    check_errno(try_name(puppet, do_bind, "@only"), 0, "but there");
    check_errno(try_name(puppet, do_listen, ""), EPERM, "and do nothing more");
    puppet_end(puppet);
    unload_all();
}

static void names(void) {
    struct puppet* puppet;

    load(
        "policy names {\n"
        "  capability,\n"
        "  unix (create, listen),\n"
        "  unix (bind) addr=@app-*,\n"
        "  deny unix (bind) addr=@app-secret errno=EACCES,\n"
        "}\n"
        "policy chosen { capability, unix (create), unix (bind) addr=auto, }\n");
    puppet = puppet_under("names");
    check_errno(anew(puppet, SOCK_STREAM, do_bind, "@app-1"), 0, "an abstract name");
    check_errno(try_name(puppet, do_listen, ""), 0, "where it listens");
    check_errno(anew(puppet, SOCK_DGRAM, do_bind, "@app-secret"), EACCES, "one that is denied");
    check_errno(anew(puppet, SOCK_DGRAM, do_bind, "@ap"), EPERM, "one that no rule allows");
    check_errno(anew(puppet, SOCK_DGRAM, do_bind, ""), EPERM, "one that the kernel chooses");
    puppet_end(puppet);
    puppet = puppet_under("chosen");
    check_errno(anew(puppet, SOCK_DGRAM, do_bind, ""), 0, "one that the kernel chooses, by a rule");
    check_errno(anew(puppet, SOCK_DGRAM, do_bind, "@app-1"), EPERM, "one that it does not");
    puppet_end(puppet);
    unload_all();
}

/* Peers by address, and by policy. */
static void peers(void) {
    struct puppet *web, *db, *free, *client, *bad;

    load(
        "policy web { capability, unix, }\n"
        "policy db { capability, unix, }\n"
        "policy client {\n"
        "  capability,\n"
        "  unix (create, bind, getopt),\n"
        "  unix (connect, send, receive) type=stream peer=(addr=@web* label=web),\n"
        "  unix (connect, send) type=dgram peer=(label=web),\n"
        "  unix (connect) peer=(addr=@free label=unconfined),\n"
        "  deny unix (send) type=dgram peer=(addr=@web-no) errno=EACCES,\n"
        "}\n"
        "policy picky {\n"
        "  capability,\n"
        "  unix (create, bind, listen),\n"
        "  unix (accept, receive) peer=(label=client),\n"
        "}\n");
    web = puppet_under("web");
    db = puppet_under("db");
    free = puppet_make(0);
    client = puppet_under("client");
    check_errno(try_name(web, do_serve, "@web"), 0, "peers: web serves");
    check_errno(try_name(db, do_serve, "@web-db"), 0, "peers: so does db");
    check_errno(try_name(free, do_serve, "@free"), 0, "peers: and one that is not confined");

    check_errno(anew(client, SOCK_STREAM, do_connect, "@web"), 0, "peers: a label and an address");
    check_errno(try_name(client, do_send, ""), 0, "peers: and it sends");
    check_errno(try_name(web, do_accept, ""), 0, "peers: which arrives");
    check_errno(try_name(web, do_receive_accepted, ""), 0, "peers: all of it");
    check_errno(try_name(client, do_receive, ""), EAGAIN, "peers: and it may receive");
    check_errno(anew(client, SOCK_STREAM, do_connect, "@web-db"), EPERM, "peers: another label");
    check_errno(anew(client, SOCK_STREAM, do_connect, "@free"), 0, "peers: the unconfined");
    check_errno(try_name(client, do_send, ""), EPERM, "peers: to whom it may not send");
    check_errno(anew(NULL, SOCK_STREAM, do_connect, "@web-db"), 0, "peers: unconfined");

    check_errno(anew(web, SOCK_DGRAM, do_serve, "@web-dgram"), 0, "peers: datagrams");
    check_errno(anew(db, SOCK_DGRAM, do_serve, "@db-dgram"), 0, "peers: of another");
    check_errno(anew(client, SOCK_DGRAM, do_send_to, "@web-dgram"), 0, "peers: sendto");
    check_errno(try_name(client, do_send_to, "@db-dgram"), EPERM, "peers: sendto, another label");
    check_errno(try_name(client, do_connect, "@db-dgram"), EPERM, "peers: connect, another label");
    check_errno(try_name(client, do_connect, "@web-dgram"), 0, "peers: connect");
    check_errno(try_name(client, do_send, ""), 0, "peers: and send");
    check_errno(try_name(web, do_receive, ""), 0, "peers: both datagrams arrive");
    check_errno(try_name(web, do_receive, ""), 0, "peers: the second");
    check_errno(try_name(web, do_receive, ""), EAGAIN, "peers: and no third");
    check_errno(anew(web, SOCK_DGRAM, do_serve, "@web-no"), 0, "peers: one that is denied");
    check_errno(anew(client, SOCK_DGRAM, do_send_to, "@web-no"), EACCES, "peers: sendto it");

    /* The other side: whom connections come from. */
    bad = puppet_under("picky");
    check_errno(try_name(bad, do_serve, "@web-picky"), 0, "peers: a picky one");
    load("policy client { capability, unix, }");
    check_errno(anew(client, SOCK_STREAM, do_connect, "@web-picky"), 0, "peers: client connects");
    check_errno(try_name(bad, do_accept, ""), 0, "peers: and is accepted");
    check_errno(try_name(client, do_send, ""), 0, "peers: what it sends");
    check_errno(try_name(bad, do_receive_accepted, ""), 0, "peers: is received");
    check_errno(anew(db, SOCK_STREAM, do_connect, "@web-picky"), 0, "peers: db connects");
    check_errno(try_name(bad, do_accept, ""), EPERM, "peers: and is not accepted");
    check_errno(try_name(db, do_send, ""), EPIPE, "peers: but cut off");
    check_errno(anew(free, SOCK_STREAM, do_connect, "@web-picky"), 0, "peers: unconfined connects");
    check_errno(try_name(bad, do_accept, ""), EPERM, "peers: and is not accepted");
    puppet_end_all();
    unload_all();
}

/* A pair is of who made it, whoever has it now. */
static void pairs(void) {
    struct puppet *maker, *child;

    load(
        "policy maker { capability, unix (create), unix (send) peer=(label=maker), }\n"
        "policy child { capability, unix (receive) peer=(addr=none label=maker), }\n"
        "policy stranger { capability, unix (send, receive) peer=(label=child), }\n");
    maker = puppet_under("maker");
    check_errno(try_type(maker, do_pair, SOCK_STREAM), 0, "a pair");
    check_errno(try_name(maker, do_send, ""), 0, "a pair: its maker sends");
    check_errno(try_name(maker, do_receive, ""), EPERM, "a pair: but may not receive");
    child = puppet_fork(maker, 0);
    if (!child || attach_process(child->pid, "child")) die("attach");
    check_errno(try_name(child, do_send, ""), EPERM, "a pair: under two policies both count");
    load("policy child { capability, unix (send) peer=(addr=none label=maker), }");
    check_errno(try_name(child, do_send, ""), 0, "a pair: and both allow");
    puppet_end_all();
    unload_all();
}

static void paths(void) {
    struct puppet *server, *client, *outside;
    int fd;

    mkdir(TOP, 0755);
    mkdir(TOP "/in", 0755);
    load(
        "policy server {\n"
        "  capability, unix (create), " TOP
        "/in/*.sock rw,\n"
        "}\n"
        "policy client {\n"
        "  capability, unix (create),\n"
        "  " TOP "/in/good.sock rw, " TOP "/in/log.sock w, " TOP
        "/in/half.sock w,\n"
        "}\n"
        "policy but {\n"
        "  capability, unix, file, deny " TOP
        "/in/good.sock w,\n"
        "}\n"
        "policy denies {\n"
        "  capability, unix, file, deny unix (connect) peer=(addr=" TOP
        "/in/good.sock)\n"
        "    errno=ENOLINK,\n"
        "}\n"
        "policy only_unix { capability, unix, }\n"
        "policy by_unix {\n"
        "  capability, unix (send) peer=(addr=" TOP
        "/in/good.sock),\n"
        "}\n");
    server = puppet_under("server");
    client = puppet_under("client");
    check_errno(try_name(server, do_serve, TOP "/in/good.sock"), 0, "path: bound and listening");
    check_errno(anew(server, SOCK_STREAM, do_bind, TOP "/bad.sock"), EACCES, "path: not elsewhere");
    check_errno(try_name(server, do_serve, TOP "/in/half.sock"), 0, "path: another");
    outside = puppet_under("server");
    unlink(TOP "/in/good.sock");
    check_errno(try_name(outside, do_serve, TOP "/in/good.sock"), 0, "path: one more");

    check_errno(anew(client, SOCK_STREAM, do_connect, TOP "/in/good.sock"), 0,
                "path: connect, by a rule on the file");
    check_errno(try_name(client, do_send, ""), 0, "path: and send");
    check_errno(try_name(outside, do_accept, ""), 0, "path: who has bound it accepts");
    check_errno(try_name(outside, do_receive_accepted, ""), 0, "path: and receives");
    check_errno(anew(client, SOCK_STREAM, do_connect, TOP "/in/half.sock"), EACCES,
                "path: a connection goes both ways");

    /* However it is called. */
    if (symlink(TOP "/in/half.sock", TOP "/in/link") ||
        symlink(TOP "/in/good.sock", TOP "/in/link2"))
        die("symlink");
    check_errno(anew(client, SOCK_STREAM, do_connect, TOP "/in/link"), EACCES,
                "path: by a link to one that is not allowed");
    check_errno(anew(client, SOCK_STREAM, do_connect, TOP "/in/link2"), 0,
                "path: by a link to one that is");
    check_errno(try_name(client, do_chdir_, TOP "/in"), 0, "path: chdir");
    check_errno(anew(client, SOCK_STREAM, do_connect, "half.sock"), EACCES, "path: a relative one");
    check_errno(anew(client, SOCK_STREAM, do_connect, "good.sock"), 0, "path: one that is allowed");
    check_errno(anew(client, SOCK_STREAM, do_connect, "absent.sock"), ENOENT, "path: no such file");

    check_errno(anew(server, SOCK_DGRAM, do_serve, TOP "/in/log.sock"), 0, "path: datagrams");
    check_errno(anew(client, SOCK_DGRAM, do_send_to, TOP "/in/log.sock"), 0, "path: sendto");
    check_errno(try_name(client, do_connect, TOP "/in/log.sock"), 0, "path: connect");
    check_errno(try_name(client, do_send, ""), 0, "path: send");
    check_errno(try_name(client, do_send_to, "log.sock"), 0, "path: sendto a relative one");
    unlink(TOP "/in/no.sock");
    check_errno(anew(server, SOCK_DGRAM, do_serve, TOP "/in/no.sock"), 0, "path: datagrams");
    check_errno(try_name(client, do_send_to, TOP "/in/no.sock"), EACCES, "path: one not allowed");
    check_errno(try_name(client, do_connect, TOP "/in/no.sock"), EACCES, "path: nor connect");
    puppet_end(client);

    client = puppet_under("but");
    check_errno(anew(client, SOCK_STREAM, do_connect, TOP "/in/good.sock"), EACCES,
                "path: a file that is denied");
    puppet_end(client);
    client = puppet_under("denies");
    check_errno(anew(client, SOCK_STREAM, do_connect, TOP "/in/good.sock"), ENOLINK,
                "path: a socket that is denied");
    puppet_end(client);
    client = puppet_under("only_unix");
    check_errno(anew(client, SOCK_STREAM, do_connect, TOP "/in/good.sock"), EACCES,
                "path: no rule on the file");
    puppet_end(client);

    /* A connection that somebody else has made is asked about by its name. */
    fd = own;
    own = socket(AF_UNIX, SOCK_STREAM, 0);
    if (own < 0 || connect_name(own, TOP "/in/good.sock")) die("connect");
    client = puppet_under("client");
    check_errno(try_name(client, do_send, ""), EPERM, "path: a connection that was inherited");
    puppet_end(client);
    client = puppet_under("by_unix");
    check_errno(try_name(client, do_send, ""), 0, "path: a rule on its address");
    puppet_end(client);
    close(own);
    own = fd;
    puppet_end_all();
    unload_all();
}

/* The server's file is called otherwise where the client lives. */
static int do_mount_elsewhere(struct arguments* arguments) {
    (void)arguments;
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) || mkdir(TOP "/there", 0755))
        return errno;
    return outcome(mount(TOP "/in", TOP "/there", NULL, MS_BIND, NULL));
}

static void mounts(void) {
    struct puppet *server, *client;

    load("policy client { capability, unix (create), " TOP "/there/s rw, }");
    server = puppet_make(0);
    unlink(TOP "/in/s");
    check_errno(try_name(server, do_serve, TOP "/in/s"), 0, "mounts: a server");
    client = puppet_make(CLONE_NEWNS | CLONE_NEWUTS);
    check_errno(ask(client, do_mount_elsewhere, NULL), 0, "mounts: bound elsewhere");
    if (bind_process(client->pid, "uts", "client")) die("bind");
    check_errno(anew(client, SOCK_STREAM, do_connect, TOP "/there/s"), 0,
                "mounts: by the name it has there");
    check_errno(anew(client, SOCK_STREAM, do_connect, TOP "/in/s"), EACCES, "mounts: by another");
    puppet_end_all();
    unload_all();
}

/* The file is another one each time somebody looks: none but the right one may be reached. */
static int do_connect_often(struct arguments* arguments) {
    const long rounds = arguments->number[1];

    for (long i = 0; i < rounds; i++) {
        char text[4] = "";
        const int fd = socket(AF_UNIX, SOCK_STREAM, 0);

        if (fd < 0) return errno;
        if (!connect_name(fd, TOP "/in/swap") && recv(fd, text, 1, 0) == 1 && *text == 'b')
            return EBADE;
        close(fd);
    }
    return 0;
}

static int do_greet(struct arguments* arguments) {
    for (;;) {
        struct pollfd fd = {.fd = own, .events = POLLIN};

        if (poll(&fd, 1, -1) != 1) return errno;
        if (do_accept(arguments)) continue;
        if (write(other, arguments->path, 1) != 1) continue;
    }
}

static int do_swap(struct arguments* arguments) {
    while (!arguments->number[0]) {
        symlink(TOP "/in/a", TOP "/in/new");
        rename(TOP "/in/new", TOP "/in/swap");
        symlink(TOP "/in/b", TOP "/in/new");
        rename(TOP "/in/new", TOP "/in/swap");
    }
    return 0;
}

static void race(void) {
    struct puppet *good, *bad, *swapper, *client;
    const struct arguments a = {.path = "a"}, b = {.path = "b"};
    const struct arguments often = {.number = {0, rounds(3000)}};

    load("policy client { capability, unix (create), " TOP "/in/a rw, }");
    good = puppet_make(0);
    bad = puppet_make(0);
    swapper = puppet_make(0);
    if (try_name(good, do_serve, TOP "/in/a") || try_name(bad, do_serve, TOP "/in/b")) die("serve");
    symlink(TOP "/in/a", TOP "/in/swap");
    ask_begin(good, do_greet, &a);
    ask_begin(bad, do_greet, &b);
    ask_begin(swapper, do_swap, NULL);
    client = puppet_under("client");
    check_errno(ask(client, do_connect_often, &often), 0,
                "race: a link that changes reaches nobody who is not allowed");
    puppet_end_all();
    unload_all();
}

static void modes(void) {
    struct puppet *server, *puppet;
    const char* line = "complained policy=\"complains\" class=unix operation=connect";
    const struct arguments name = {.path = "@modes", .number = {SOCK_STREAM}};

    load(
        "policy complains flags=(complain) { capability, }\n"
        "policy kills flags=(kill) { capability, unix (create), }\n"
        "policy audits { capability, audit unix, }\n");
    server = puppet_make(0);
    check_errno(ask(server, do_serve, &name), 0, "modes: a server");
    puppet = puppet_under("complains");
    check_errno(anew(puppet, SOCK_STREAM, do_connect, "@modes"), 0, "complain: connect goes on");
    check_errno(try_name(puppet, do_send, ""), 0, "complain: send goes on");
    for (int tries = 0; tries < 20 && !log_has(line); tries++) {
        sleep(1);
        anew(puppet, SOCK_STREAM, do_connect, "@modes");
        try_name(server, do_accept, "");
    }
    check(log_has(line), "complain: it is told");
    puppet_end(puppet);
    puppet = puppet_under("kills");
    check_errno(try_type(puppet, do_make, SOCK_STREAM), 0, "kill: what is allowed");
    check(try_name(puppet, do_connect, "@modes") == -1, "kill: connect");
    puppet_end(puppet);
    puppet = puppet_under("kills");
    check(try_name(puppet, do_serve, "@killed") == -1, "kill: bind");
    puppet_end(puppet);
    line = "allowed policy=\"audits\" class=unix operation=create";
    puppet = puppet_under("audits");
    check_errno(ask_until_told(puppet, do_make, &name, line), 0, "audit: create");
    check(log_has(line), "audit: it is told");
    puppet_end_all();
    unload_all();
}

int main(void) {
    signal(SIGPIPE, SIG_IGN);
    types();
    names();
    peers();
    pairs();
    paths();
    mounts();
    race();
    modes();
    return finish();
}
