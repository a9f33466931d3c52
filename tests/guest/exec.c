// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where an exec leads: by every mode of an exec rule, from every kind of task and program.
 *
 * What is executed is this program under other names. It says by its exit status what it is under:
 * each policy lets it read a file of its own.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"

#define DIR "/tmp/exec/"
#define BIN DIR "bin/"
#define INTERPRETER DIR "interpreter"
#define LOADER DIR "loader"
#define SET_ID_USER 1000

/* What a program can say of itself. */
enum {
    WEB = 1,
    CGI = 2,
    CHILD = 4,
    OTHER = 8,
    FREE = WEB | CGI | CHILD | OTHER,
    SECURE = 16,
    SET_ID = 32,
};

static const struct {
    const char* path;
    int status;
} marks[] = {
    {DIR "web", WEB},
    {DIR "cgi", CGI},
    {DIR "child", CHILD},
    {DIR "other", OTHER},
};

#define COMMON "signal, capability, "

static const char web_policy[] = "policy web { " COMMON
                                 "ptrace peer=web,\n"
                                 "  " DIR "web r, " RUN_JAIL
                                 "/ (chroot),\n"
                                 "  " BIN "{ix,set-id} ix, " BIN "{px,set-id-px} px -> cgi, " BIN
                                 "Px Px -> cgi,\n"
                                 "  safe " BIN "safe px -> cgi, unsafe " BIN
                                 "unsafe Px -> cgi,\n"
                                 "  " BIN
                                 "{attached,conflict,none} px,\n"
                                 "  " BIN "cx cx -> child, " BIN "child Cx, " BIN
                                 "self px -> web,\n"
                                 "  " BIN "ux ux, " BIN
                                 "Ux Ux,\n"
                                 "  " BIN "missing px -> missing, " BIN
                                 "missing-child cx -> missing,\n"
                                 "  " BIN "pix pix -> missing, " BIN
                                 "Pux Pux -> missing,\n"
                                 "  " BIN "{cix,conflict-ix} pix, " BIN
                                 "cux cux -> missing,\n"
                                 "  " BIN
                                 "unmapped px -> narrow,\n"
                                 "  " DIR "script/ix ix, " DIR "script/px px -> cgi, " DIR
                                 "script/narrow px -> narrow,\n"
                                 "  " DIR "script/ux ux, " DIR
                                 "script/Px Px -> cgi,\n"
                                 "  " DIR "dynamic/ix ix, " DIR "dynamic/px px -> cgi, " DIR
                                 "dynamic/pinned px -> dynamic,\n"
                                 "  profile child " BIN "child { " COMMON DIR "child r, " BIN
                                 "** m, }\n"
                                 "  profile other " BIN "none { " COMMON DIR "child r, " BIN
                                 "** m, }\n"
                                 "}\n";

static const char cgi_policy[] =
    "policy cgi { " COMMON DIR "cgi r, " BIN "** m, " INTERPRETER " px -> narrow, }\n";

static const char other_policies[] =
    "policy dynamic { " COMMON DIR "dynamic/* m, " LOADER
    " mr, }\n"
    "policy narrow { " COMMON DIR
    "other r, }\n"
    "policy attached " BIN "attached { " COMMON DIR "other r, " BIN
    "** m, }\n"
    "policy wide " BIN "att* { " COMMON DIR "cgi r, " BIN
    "** m, }\n"
    "policy one " BIN "conf* { " COMMON BIN
    "** m, }\n"
    "policy two " BIN "con[fg]lict* { " COMMON BIN
    "** m, }\n"
    "policy three " BIN "conf?* { " COMMON BIN
    "** m, }\n"
    "policy soft flags=(complain) { " COMMON DIR "web r, " BIN
    "missing px -> missing,\n"
    "  " BIN
    "px px -> cgi, ptrace, }\n"
    "policy deadly flags=(kill) { " COMMON BIN "missing px -> missing, " BIN
    "px px -> cgi, }\n"
    "policy watch { " COMMON
    "file, }\n"
    "policy watch-too { " COMMON "file, " BIN
    "px px -> attached, }\n"
    "policy tracer { " COMMON
    "ptrace, file, }\n"
    "policy entered { " COMMON "/** rix, deny " DIR "{web,cgi,child} r, }\n";

/* In the program that is executed */

static int tell(void) {
    int status = 0;

    for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
        const int fd = open(marks[i].path, O_RDONLY | O_CLOEXEC);

        if (fd < 0) continue;
        status |= marks[i].status;
        close(fd);
    }
    if (getauxval(AT_SECURE)) status |= SECURE;
    if (geteuid() == SET_ID_USER) status |= SET_ID;
    return status;
}

static void tell_and_exit(int signal) {
    (void)signal;
    _exit(tell());
}

/* Tells it when it is told to, or by a child, or elsewhere. */
static int be_program(char** argv) {
    pid_t pid;
    int fd;

    if (!strcmp(argv[1], "tell")) return tell();
    if (!strcmp(argv[1], "hold")) {
        signal(SIGUSR1, tell_and_exit);
        kill(getppid(), SIGUSR2);
        for (;;) pause();
    }
    if (!strcmp(argv[1], "fork")) {
        pid = fork();
        if (!pid) _exit(tell());
        return end_of(pid);
    }
    if (!strcmp(argv[1], "enter")) {
        fd = open(argv[2], O_RDONLY | O_CLOEXEC);
        if (fd < 0 || setns(fd, 0)) return 99;
        return tell();
    }
    if (!strcmp(argv[1], "control")) {
        fd = open(SECURITYFS "stats", O_RDONLY | O_CLOEXEC);
        return fd < 0 ? errno : 0;
    }
    return 98;
}

/* In a puppet */

static void on_signal(int signal) {
    (void)signal;
}

/* path: the program, which is left running. Leaves its number in number[1]. */
static int do_start(struct arguments* arguments) {
    sigset_t set, old;
    pid_t pid;

    signal(SIGUSR2, on_signal);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, &old);
    pid = fork();
    if (!pid) {
        sigprocmask(SIG_SETMASK, &old, NULL);
        execl(arguments->path, arguments->path, "hold", NULL);
        _exit(97);
    }
    sigwaitinfo(&set, NULL);
    sigprocmask(SIG_SETMASK, &old, NULL);
    arguments->number[1] = pid;
    return pid < 0 ? errno : 0;
}

/* Lets the one number[0] tell what it is under: leaves that in number[1]. */
static int do_finish(struct arguments* arguments) {
    if (kill((pid_t)arguments->number[0], SIGUSR1)) return errno;
    arguments->number[1] = end_of((pid_t)arguments->number[0]);
    return 0;
}

/* In the test */

/* What becomes of a program: an errno, or what it tells, negative. */
static int run(struct puppet* puppet, const char* path, enum how how, const char* argument) {
    struct arguments arguments = {.number = {how}};
    int error;

    snprintf(arguments.path, sizeof(arguments.path), "%s", path);
    snprintf(arguments.to, sizeof(arguments.to), "%s", argument);
    error = ask(puppet, do_run, &arguments);
    return error ? error : (int)-answered(puppet)->number[1];
}

static void check_run(struct puppet* puppet, const char* path, enum how how, int want,
                      const char* name) {
    const int got = run(puppet, path, how, "tell");

    if (!check(got == want, "%s: %s", name, path + sizeof(DIR) - 1))
        note("want %d, got %d", want, got);
}

static struct puppet* under(const char* policy) {
    struct puppet* const puppet = puppet_under(policy);

    if (!puppet) die("confine a process");
    return puppet;
}

static void write_script(const char* path) {
    static const char text[] = "#!" INTERPRETER " tell\n";

    write_file(path, text, sizeof(text) - 1, 0755);
}

static void make_files(void) {
    static const char* const programs[] = {
        "ix",   "px",  "Px",    "safe", "unsafe", "attached", "conflict",
        "none", "cx",  "child", "ux",   "Ux",     "missing",  "missing-child",
        "pix",  "Pux", "cix",   "cux",  "self",   "unmapped", "conflict-ix",
        "no",
    };
    static const char* const scripts[] = {"ix", "px", "narrow", "ux", "Px"};
    char path[128];

    if (mkdir(DIR, 0755) || mkdir(BIN, 0755) || mkdir(DIR "script", 0755) ||
        mkdir(RUN_JAIL, 0755) || mkdir(DIR "dynamic", 0755))
        die("make folders");
    for (size_t i = 0; i < ARRAY_SIZE(marks); i++) write_file(marks[i].path, "", 0, 0644);
    copy_program(INTERPRETER, 0755);
    write_program(LOADER, 0755);
    write_dynamic(DIR "dynamic/ix", LOADER);
    write_dynamic(DIR "dynamic/px", LOADER);
    write_dynamic(DIR "dynamic/pinned", LOADER);
    for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
        snprintf(path, sizeof(path), BIN "%s", programs[i]);
        if (i)
            if (link(BIN "ix", path)) die("make %s", path);
        if (!i) copy_program(path, 0755);
    }
    copy_program(BIN "set-id", 0755);
    if (chown(BIN "set-id", SET_ID_USER, 0) || chmod(BIN "set-id", 04755) ||
        link(BIN "set-id", BIN "set-id-px"))
        die("make a set-id program");
    for (size_t i = 0; i < ARRAY_SIZE(scripts); i++) {
        snprintf(path, sizeof(path), DIR "script/%s", scripts[i]);
        write_script(path);
    }
}

static const struct {
    const char* path;
    int want;
} modes[] = {
    {BIN "ix", -WEB},
    {BIN "px", -CGI},
    {BIN "Px", -(CGI | SECURE)},
    {BIN "safe", -(CGI | SECURE)},
    {BIN "unsafe", -CGI},
    {BIN "attached", -OTHER},
    {BIN "conflict", EACCES},
    {BIN "none", EACCES},
    {BIN "cx", -CHILD},
    {BIN "child", -(CHILD | SECURE)},
    {BIN "self", -WEB},
    {BIN "ux", -FREE},
    {BIN "Ux", -(FREE | SECURE)},
    {BIN "missing", EACCES},
    {BIN "missing-child", EACCES},
    {BIN "pix", -WEB},
    {BIN "Pux", -(FREE | SECURE)},
    {BIN "cix", -WEB},
    {BIN "conflict-ix", -WEB},
    {BIN "cux", -FREE},
    {BIN "unmapped", EACCES},
    {BIN "no", EACCES},
    {BIN "set-id", -(WEB | SECURE | SET_ID)},
    {BIN "set-id-px", -(CGI | SECURE | SET_ID)},
    /* The interpreter is asked for where the script leads; its own rule leads nowhere. */
    {DIR "script/ix", EACCES},
    {DIR "script/px", -CGI},
    {DIR "script/Px", -(CGI | SECURE)},
    {DIR "script/narrow", EACCES},
    {DIR "script/ux", -FREE},
    /* So is the loader, before there is no way back. */
    {DIR "dynamic/ix", EACCES},
    {DIR "dynamic/px", EACCES},
    {DIR "dynamic/pinned", -0},
};

static void test_modes(void) {
    static const struct {
        enum how how;
        const char* name;
    } ways[] = {
        {PLAIN, "by execve"},
        {BY_VFORK, "after vfork"},
        {BY_FD, "by its descriptor"},
        {BY_THREAD, "by another thread"},
    };
    struct puppet* const puppet = under("web");

    for (size_t way = 0; way < ARRAY_SIZE(ways); way++) {
        for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
            /* A script's interpreter would not find the descriptor. */
            if (ways[way].how == BY_FD && strstr(modes[i].path, "script")) continue;
            check_run(puppet, modes[i].path, ways[way].how, modes[i].want, ways[way].name);
        }
    }
    check_run(puppet, BIN "ix", PLAIN, -WEB, "whoever executed them is where it was");
    puppet_end(puppet);
}

/* From a task that could act on what the program is allowed, nothing changes. */
static void test_unsafe(void) {
    struct puppet* const web = under("web");
    struct puppet* const soft = under("soft");
    struct puppet* const tracer = under("tracer");

    check_run(web, BIN "ix", NO_NEW_PRIVS, -WEB, "no_new_privs");
    check_run(web, BIN "self", NO_NEW_PRIVS, -WEB, "no_new_privs");
    check_run(web, BIN "pix", NO_NEW_PRIVS, -WEB, "no_new_privs");
    check_run(web, BIN "px", NO_NEW_PRIVS, EPERM, "no_new_privs");
    check_run(web, BIN "cx", NO_NEW_PRIVS, EPERM, "no_new_privs");
    check_run(web, BIN "ux", NO_NEW_PRIVS, EPERM, "no_new_privs");
    check_run(web, BIN "Pux", NO_NEW_PRIVS, EPERM, "no_new_privs");
    check_run(soft, BIN "px", NO_NEW_PRIVS, -FREE, "no_new_privs, complained of");

    check_run(web, BIN "ix", SHARING, -WEB, "with a shared root");
    check_run(web, BIN "px", SHARING, EPERM, "with a shared root");
    check_run(web, BIN "ux", SHARING, EPERM, "with a shared root");

    check_run(web, BIN "ix", JAILED, -0, "from outside of its root");
    check_run(web, BIN "px", JAILED, EPERM, "from outside of its root");
    check_run(web, BIN "ux", JAILED, EPERM, "from outside of its root");

    check_run(web, BIN "ix", TRACED, -WEB, "traced");
    check_run(web, BIN "px", TRACED, EPERM, "traced by who may not trace that");
    check_run(web, BIN "ux", TRACED, EPERM, "traced by who may not trace that");
    check_run(tracer, BIN "ix", TRACED, -FREE, "traced");

    puppet_end(tracer);
    puppet_end(soft);
    puppet_end(web);
}

static void test_policy_modes(void) {
    struct puppet* const soft = under("soft");
    struct puppet* const deadly = under("deadly");

    check_run(soft, BIN "px", PLAIN, -CGI, "complain, allowed");
    check_run(soft, BIN "no", PLAIN, -FREE, "complain, not allowed: stays");
    check_run(soft, BIN "missing", PLAIN, -FREE, "complain, leads nowhere: stays");
    check_run(deadly, BIN "px", PLAIN, -CGI, "kill, allowed");
    check_run(deadly, BIN "missing", PLAIN, -(128 + SIGKILL), "kill, leads nowhere");
    puppet_end(deadly);
    puppet_end(soft);
}

static void test_reports(void) {
    struct arguments arguments = {.path = BIN "missing", .to = "tell"};
    struct puppet* const web = under("web");

    check_errno(ask_until_told(web, do_run, &arguments, "target=\"missing\""), EACCES,
                "a denial names the policy that it should lead to");
    check(log_has("the policy it leads to is not in force"), "and says why");
    strcpy(arguments.path, BIN "conflict");
    check_errno(ask_until_told(web, do_run, &arguments, "several policies attach"), EACCES,
                "a denial says that attachments conflict");
    puppet_end(web);
}

/* Each policy decides for itself. */
static void test_several(void) {
    struct puppet* const puppet = under("web");

    if (bind_process(puppet->pid, "uts", "watch")) die("bind");
    check_run(puppet, BIN "px", PLAIN, -CGI, "under a second policy that stays");
    check_run(puppet, BIN "ux", PLAIN, -FREE, "under a second policy that stays");
    if (bind_process(puppet->pid, "uts", "watch-too")) die("bind");
    check_run(puppet, BIN "px", PLAIN, -0, "under a third policy that leads elsewhere");
    puppet_end(puppet);
}

static pid_t hold(struct puppet* puppet, const char* path) {
    struct arguments arguments = {};

    snprintf(arguments.path, sizeof(arguments.path), "%s", path);
    if (ask(puppet, do_start, &arguments)) die("start %s", path);
    return (pid_t)answered(puppet)->number[1];
}

static int finish_held(struct puppet* puppet, pid_t pid) {
    const struct arguments arguments = {.number = {pid}};
    const int error = ask(puppet, do_finish, &arguments);

    return error ? error : (int)-answered(puppet)->number[1];
}

static void test_lasting(void) {
    struct puppet* const web = under("web");
    struct puppet* const elsewhere = puppet_make(CLONE_NEWIPC);
    char argument[64];
    pid_t cgi, free;

    cgi = hold(web, BIN "px");
    free = hold(web, BIN "ux");
    if (bind_process(elsewhere->pid, "ipc", "entered")) die("bind");
    check_errno(-finish_held(web, cgi), CGI, "a new binding does not bring the first one back");
    check_errno(-finish_held(web, free), FREE, "nor to who is under none any more");

    check_errno(-run(web, BIN "ux", PLAIN, "fork"), FREE, "a child of who is under none is, too");
    check_errno(-run(web, BIN "px", PLAIN, "fork"), CGI, "a child is under what its parent became");
    snprintf(argument, sizeof(argument), "enter /proc/%d/ns/ipc", elsewhere->pid);
    check_errno(-run(web, BIN "ux", PLAIN, argument), OTHER,
                "who is under none is confined where another policy is bound");
    check_errno(-run(web, BIN "ux", PLAIN, "control"), 0, "and may use the control files, if root");
    puppet_end(elsewhere);

    cgi = hold(web, BIN "px");
    check_errno(unload("cgi"), EBUSY, "what a task has come under is in use");
    load("policy cgi { " COMMON DIR "child r, " BIN "** m, }");
    check_errno(-finish_held(web, cgi), CHILD, "and is replaced under it");
    load("%s", cgi_policy);
    cgi = hold(web, BIN "px");
    check_errno(unload_force("cgi"), 0, "it can be unloaded by force");
    check_run(web, BIN "px", PLAIN, EACCES, "nobody comes under what is not in force");
    load("%s", cgi_policy);
    check_errno(-finish_held(web, cgi), CGI, "and comes back to whom it confined");
    check_errno(unload_unused("cgi"), 0, "what nobody is under any more is not in use");
    load("%s", cgi_policy);
    puppet_end(web);
}

/* A policy that comes and goes: nobody is ever without. */
static void test_race(void) {
    struct puppet* const web = under("web");
    int wrong = 0, went = 0, busy = 0;

    for (int i = 0; i < rounds(100); i++) {
        struct arguments arguments = {.path = BIN "px", .to = "tell"};
        int got, error;

        ask_begin(web, do_run, &arguments);
        /* At another point of what it does each time. */
        usleep((useconds_t)(i % 20) * 250);
        error = unload("cgi");
        if (error && error != EBUSY) die("unload: %s", strerror(error));
        busy += error == EBUSY;
        got = ask_end(web);
        if (!got) got = (int)-answered(web)->number[1];
        wrong += got != -CGI && got != EACCES;
        went += got == -CGI;
        if (!error) load("%s", cgi_policy);
    }
    note("%d of %d got there, %d unloads were refused", went, rounds(100), busy);
    check_errno(wrong, 0, "nobody runs without the policy that it was led to");
    puppet_end(web);
}

int main(int argc, char** argv) {
    if (argc > 1) return be_program(argv);

    make_files();
    load("%s%s%s", web_policy, cgi_policy, other_policies);
    test_modes();
    test_unsafe();
    test_policy_modes();
    test_several();
    test_lasting();
    test_race();
    test_reports();
    return finish();
}
