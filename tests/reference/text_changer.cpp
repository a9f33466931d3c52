// SPDX-License-Identifier: GPL-2.0-only
#include "reference/text_changer.hpp"

#include <algorithm>
#include <iterator>

namespace isolates::reference {
namespace {

constexpr std::string_view kSigns[] = {"{", "}", "(",  ")",  ",",  ",\n",  ", ", "\"",  "\\",
                                       "=", "@", "\n", "#",  "<",  ">",    "->", " ",   "/",
                                       "$", "&", "\t", "\r", "==", "\\\n", "*",  " = ", " # "};

// What begins a rule, and what stands in one.
constexpr std::string_view kWords[] = {
    "@{A}",
    "@{A} = /a b\n",
    "@{A} += c\n",
    "$B = true\n",
    "^h ",
    "if ",
    "else ",
    "not ",
    "defined ",
    "include ",
    "#include ",
    "include if exists <a>\n",
    "abi <isolates/1>,\n",
    "alias /a -> /b,\n",
    "policy ",
    "profile c {",
    "flags=(complain) ",
    "flags=(default_allow) ",
    "deny ",
    "allow ",
    "audit ",
    "quiet ",
    "owner ",
    "other ",
    "priority=1 ",
    "errno=EIO ",
    "all,\n",
    "file,\n",
    "/a r,\n",
    "/** rw,\n",
    "/a px -> b,\n",
    "/a rCx -> c,\n",
    " pix",
    "link subset /a -> /b,\n",
    "capability chown,\n",
    "signal (send) set=(kill) peer=a,\n",
    "network inet stream,\n",
    "network (connect) inet ip=::1/8 port=1-9 peer=(ip=none port=5),\n",
    "unix (connect) type=stream peer=(addr=@a),\n",
    "ptrace (read) peer=a,\n",
    "userns create,\n",
    "mount options=(rw, bind) /a -> /b,\n",
    "remount /a,\n",
    "umount /a,\n",
    "pivot_root /a,\n",
    "io_uring sqpoll,\n",
    "change_profile /a -> b,\n",
    "set rlimit nofile <= 9,\n",
    "dbus,\n",
    "mqueue,\n",
    "bind net /a,\n",
    "bind pid 7 on exec,\n",
    "namespace (create) net,\n",
    "syscall (read) errno=EIO,\n",
    "deny syscall @clock,\n",
    "syscall socket(0 == AF_UNIX),\n",
    "syscall a(1 & 7 != 3, 2 <= 9),\n",
    "assert never /a w,\n",
    "assert never network,\n",
    "assert never syscall read,\n",
    "{a,b}",
    "{,a}",
    "[a-c]",
    "[^a]",
    "**",
    "?",
    "\\052",
    "\\x2a"};

}  // namespace

std::string TextChanger::changed(std::string_view text) {
    std::string result(text);
    for (auto changes = below(4) + 1; changes; changes--) {
        change(result);
        if (result.empty()) result = "x";
    }
    return result;
}

void TextChanger::change(std::string& text) {
    if (text.empty()) text = "x";
    const auto at = below(text.size());
    const auto line_at = [&](std::size_t place) {
        return place ? text.rfind('\n', place - 1) + 1 : 0;
    };
    switch (below(6)) {
        case 0:
            text.erase(at, below(8) + 1);
            break;
        case 1:
            text.insert(at, kSigns[below(std::size(kSigns))]);
            break;
        case 2:
            // Often where a rule may stand.
            text.insert(below(2) ? at : line_at(at), kWords[below(std::size(kWords))]);
            break;
        case 3:
            text[at] = static_cast<char>(below(255) + 1);
            break;
        case 4:
            text.insert(at, text.substr(below(text.size()), below(64)));
            break;
        default: {
            const auto from = line_at(below(text.size()));
            const auto line = text.substr(from, text.find('\n', from) - from) + '\n';
            text.insert(line_at(at), line);
        }
    }
}

}  // namespace isolates::reference
