// SPDX-License-Identifier: GPL-2.0-only
#include "parse/keywords.hpp"

#include <algorithm>
#include <array>

namespace isolates::parse {
namespace {

using Token = Grammar::token;

struct Keyword {
    std::string_view word;
    Grammar::token_kind_type token;
    std::string_view unenforced;  // what its rules are called
};

constexpr std::array keywords = std::to_array<Keyword>({
    {"policy", Token::T_POLICY, {}},
    {"profile", Token::T_POLICY, {}},
    {"hat", Token::T_HAT, {}},
    {"abi", Token::T_ABI, {}},
    {"if", Token::T_IF, {}},
    {"else", Token::T_ELSE, {}},
    {"allow", Token::T_ALLOW, {}},
    {"deny", Token::T_DENY, {}},
    {"audit", Token::T_AUDIT, {}},
    {"quiet", Token::T_QUIET, {}},
    {"owner", Token::T_OWNER, {}},
    {"user", Token::T_OWNER, {}},
    {"other", Token::T_OTHER, {}},
    {"prompt", Token::T_PROMPT, {}},
    {"file", Token::T_FILE, {}},
    {"signal", Token::T_SIGNAL, {}},
    {"network", Token::T_NETWORK, {}},
    {"syscall", Token::T_SYSCALL, {}},
    {"bind", Token::T_BIND, {}},
    {"alias", Token::T_ALIAS, {}},
    {"all", Token::T_ALL, {}},
    {"assert", Token::T_ASSERT, {}},
    {"capability", Token::T_CLASS, {}},
    {"change_hat", Token::T_UNENFORCED, "change_hat rules"},
    {"change_profile", Token::T_CLASS, {}},
    {"dbus", Token::T_CLASS, {}},
    {"io_uring", Token::T_CLASS, {}},
    {"link", Token::T_LINK, {}},
    {"mount", Token::T_CLASS, {}},
    {"mqueue", Token::T_CLASS, {}},
    {"namespace", Token::T_CLASS, {}},
    {"pivot_root", Token::T_CLASS, {}},
    {"ptrace", Token::T_CLASS, {}},
    {"remount", Token::T_CLASS, {}},
    {"rewrite", Token::T_ALIAS, {}},
    {"safe", Token::T_SAFE, {}},
    {"set", Token::T_CLASS, {}},
    {"umount", Token::T_CLASS, {}},
    {"unix", Token::T_CLASS, {}},
    {"unmount", Token::T_CLASS, {}},
    {"unsafe", Token::T_UNSAFE, {}},
    {"userns", Token::T_CLASS, {}},
});

constexpr std::array<std::string_view, 39> in_policies = {
    "abi",     "all",     "allow",      "assert",
    "audit",   "bind",    "capability", "change_profile",
    "dbus",    "deny",    "else",       "file",
    "hat",     "if",      "include",    "io_uring",
    "link",    "mount",   "mqueue",     "namespace",
    "network", "other",   "owner",      "pivot_root",
    "policy",  "profile", "ptrace",     "quiet",
    "remount", "safe",    "set",        "signal",
    "syscall", "umount",  "unix",       "unsafe",
    "userns",  "prompt",  "change_hat"};

constexpr std::array<std::string_view, 5> in_files = {"policy", "profile", "include", "abi",
                                                      "alias"};

}  // namespace

std::optional<Grammar::token_kind_type> keyword(std::string_view word) {
    const auto found = std::ranges::find(keywords, word, &Keyword::word);
    if (found == keywords.end()) return std::nullopt;
    return found->token;
}

bool begins_no_item(std::string_view word) {
    if (word.starts_with('/') || word.starts_with("@{")) return true;
    switch (keyword(word).value_or(Token::T_END)) {
        case Token::T_POLICY:
        case Token::T_ALLOW:
        case Token::T_DENY:
        case Token::T_QUIET:
        case Token::T_OWNER:
        case Token::T_OTHER:
        case Token::T_FILE:
        case Token::T_SIGNAL:
        case Token::T_NETWORK:
        case Token::T_SYSCALL:
            return true;
        default:  // "bind", "link" and others are names of operations too
            return false;
    }
}

std::span<const std::string_view> rule_keywords() {
    return in_policies;
}
std::span<const std::string_view> file_keywords() {
    return in_files;
}

std::string_view unenforced_rules(std::string_view word) {
    const auto found = std::ranges::find(keywords, word, &Keyword::word);
    return found == keywords.end() ? "rules like this" : found->unenforced;
}

bool are_letters(std::string_view word) {
    return word.find_first_not_of("rwaxmklipcuRWAXMKLIPCU") == word.npos;
}

}  // namespace isolates::parse
