// SPDX-License-Identifier: GPL-2.0-only
#include "reference/text_changer.hpp"

#include <algorithm>
#include <iterator>
#include <vector>

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
    "@{A} ?= /d\n",
    "$B = true\n",
    "$B",
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
    "hat c {",
    "}\n",
    "} else {\n",
    "if $B {\n",
    "/a xattrs=(a=b) ",
    "flags=(complain) ",
    "flags=(default_allow) ",
    "flags=(kill, audit) ",
    "deny ",
    "allow ",
    "audit ",
    "quiet ",
    "owner ",
    "other ",
    "priority=1 ",
    "priority=-2 ",
    "prompt ",
    "safe ",
    "unsafe ",
    "errno=EIO ",
    "all,\n",
    "file,\n",
    "/a r,\n",
    "/** rw,\n",
    "/a px -> b,\n",
    "/a rCx -> c,\n",
    "/a cux,\n",
    "/** ix,\n",
    "/** (chmod, getattr),\n",
    "deny /a (ioctl) errno=ENOENT,\n",
    " pix",
    "/tmp/lock l -> /tmp/a,\n",
    "link subset /a -> /b,\n",
    "capability chown,\n",
    "signal (send) set=(kill) peer=a,\n",
    "network inet stream,\n",
    "network (bind, listen) inet tcp port=(80 8000-8010),\n",
    "deny network netlink route,\n",
    "network (connect) inet ip=::1/8 port=1-9 peer=(ip=none port=5),\n",
    "unix (connect) type=stream peer=(addr=@a),\n",
    "unix (bind) addr=auto,\n",
    "unix (send, receive) addr=none peer=(label=b),\n",
    "ptrace (read) peer=a,\n",
    "ptrace (trace, tracedby, readby),\n",
    "userns create,\n",
    "namespace (create, enter) (user, net),\n",
    "mount options=(rw, bind) /a -> /b,\n",
    "mount fstype=tmpfs options in (ro, nodev) -> /a/,\n",
    "mount options=(rw, make-private),\n",
    "remount /a,\n",
    "umount /a,\n",
    "pivot_root oldroot=/a/ /b/ -> c,\n",
    "io_uring (sqpoll, override_creds) label=a,\n",
    "change_profile safe /a -> b,\n",
    "set rlimit nofile <= 9,\n",
    "set rlimit cpu <= 10 minutes,\n",
    "dbus,\n",
    "mqueue,\n",
    "bind net /a,\n",
    "bind pid 7 on exec,\n",
    "bind mnt of 4711,\n",
    "namespace (create) net,\n",
    "syscall (read) errno=EIO,\n",
    "allow syscall @default,\n",
    "audit syscall (execve, @mount),\n",
    "deny syscall @clock,\n",
    "syscall socket(0 == AF_UNIX),\n",
    "syscall a(1 & 7 != 3, 2 <= 9),\n",
    "assert never /a w,\n",
    "assert never network,\n",
    "assert never network (connect) inet peer=(ip=10.0.0.0/8),\n",
    "assert never owner /a/** x,\n",
    "assert never syscall read,\n",
    "{a,b}",
    "{,a}",
    "[a-c]",
    "[^a]",
    "**",
    "?",
    "\\052",
    "\\x2a"};

constexpr std::string_view kQualifiers[] = {"deny ",  "allow ", "audit ",      "quiet ",
                                            "owner ", "other ", "priority=1 ", "priority=-1 "};

// What stands in paths.
constexpr std::string_view kPieces[] = {"*",     "**",    "?",      "[a-c]", "[^a]", "{a,b}",
                                        "{,/x}", "a",     "b",      "/",     "/a/",  "/**",
                                        ".",     "\\052", "\\x2a.", "\\*",   "0",    "@{A}"};

bool is_rule(std::string_view word) {
    return word.ends_with(",\n") && !word.starts_with("alias") && !word.starts_with("abi");
}

}  // namespace

std::string TextChanger::revised(std::string_view text) {
    std::string result(text);
    for (auto revisions = below(3) + 1; revisions; revisions--) revise(result);
    return result.empty() ? "x" : result;
}

void TextChanger::revise(std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < text.size();) {
        const auto end = std::min(text.find('\n', begin), text.size() - 1) + 1;
        lines.push_back(text.substr(begin, end - begin));
        begin = end;
    }
    if (lines.empty()) return;
    if (!lines.back().ends_with('\n')) lines.back() += '\n';
    const auto place = [&] {
        return lines.begin() + static_cast<std::ptrdiff_t>(below(lines.size()));
    };
    auto& line = lines[below(lines.size())];
    const bool is_edge = line.find_first_of("{}#") != line.npos;
    switch (below(6)) {
        case 0:
            if (!is_edge) line.clear();
            break;
        case 1: {
            const auto word = kWords[below(std::size(kWords))];
            if (is_rule(word)) lines.insert(place(), std::string(word));
            break;
        }
        case 2:
            if (!is_edge) lines.insert(place(), std::string(line));
            break;
        case 3:
            line.insert(std::min(line.find_first_not_of(" \t"), line.size()),
                        kQualifiers[below(std::size(kQualifiers))]);
            break;
        default: {
            // A path, of which mostly there is one in a line.
            const auto from = line.find('/');
            if (from == line.npos) break;
            const auto size = std::min(line.find_first_of(" \t\n,)", from), line.size()) - from;
            const auto at = from + 1 + below(size);
            if (below(3))
                line.insert(at, kPieces[below(std::size(kPieces))]);
            else if (at < from + size)
                line.erase(at, 1);
        }
    }
    text.clear();
    for (const auto& each : lines) text += each;
}

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
