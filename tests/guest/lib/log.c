// SPDX-License-Identifier: GPL-2.0-only
/* The kernel's log. */
#include <string.h>
#include <sys/klog.h>
#include <unistd.h>

#include "../harness.h"

bool log_has(const char* text) {
    static char log[1 << 20];
    const int size = klogctl(3 /* SYSLOG_ACTION_READ_ALL */, log, sizeof(log) - 1);

    if (size < 0) die("read the log");
    log[size] = '\0';
    return strstr(log, text);
}

int ask_until_told(struct puppet* puppet, operation* operation, const struct arguments* arguments,
                   const char* text) {
    for (int tries = 0;; tries++) {
        const int error = ask(puppet, operation, arguments);

        if (log_has(text) || tries == 20) return error;
        sleep(1);
    }
}
