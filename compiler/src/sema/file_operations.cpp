// SPDX-License-Identifier: GPL-2.0-only
#include "sema/file_operations.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "core.hpp"

namespace isolates::sema {
namespace {

struct Operation {
    std::string_view name;
    std::uint32_t bit;
};

constexpr auto operations_by_name = std::to_array<Operation>({
    {"read", ISOLATES_FILE_READ},         {"write", ISOLATES_FILE_WRITE},
    {"append", ISOLATES_FILE_APPEND},     {"exec", ISOLATES_FILE_EXEC},
    {"mmap", ISOLATES_FILE_MMAP},         {"lock", ISOLATES_FILE_LOCK},
    {"link", ISOLATES_FILE_LINK},         {"create", ISOLATES_FILE_CREATE},
    {"unlink", ISOLATES_FILE_UNLINK},     {"mkdir", ISOLATES_FILE_MKDIR},
    {"rmdir", ISOLATES_FILE_RMDIR},       {"rename", ISOLATES_FILE_RENAME},
    {"symlink", ISOLATES_FILE_SYMLINK},   {"mknod", ISOLATES_FILE_MKNOD},
    {"chmod", ISOLATES_FILE_CHMOD},       {"chown", ISOLATES_FILE_CHOWN},
    {"truncate", ISOLATES_FILE_TRUNCATE}, {"chroot", ISOLATES_FILE_CHROOT},
    {"getattr", ISOLATES_FILE_GETATTR},   {"setxattr", ISOLATES_FILE_SETXATTR},
    {"ioctl", ISOLATES_FILE_IOCTL},
});

// What AppArmor's kernel side makes of 'w': see map_old_perms() in
// security/apparmor/policy_compat.c (append comes from the parser, and "set
// attributes" is asked of truncate, chmod and chown alike; extended attributes it
// leaves to who may change the file). 'a' alone neither creates a file nor changes one
// but at its end.
constexpr std::uint32_t write_letter =
    ISOLATES_FILE_WRITE | ISOLATES_FILE_APPEND | ISOLATES_FILE_CREATE | ISOLATES_FILE_UNLINK |
    ISOLATES_FILE_MKDIR | ISOLATES_FILE_RMDIR | ISOLATES_FILE_RENAME | ISOLATES_FILE_SYMLINK |
    ISOLATES_FILE_MKNOD | ISOLATES_FILE_CHMOD | ISOLATES_FILE_CHOWN | ISOLATES_FILE_TRUNCATE |
    ISOLATES_FILE_SETXATTR;

}  // namespace

std::optional<std::uint32_t> file_operation(std::string_view name) {
    const auto found = std::ranges::find(operations_by_name, name, &Operation::name);
    if (found == operations_by_name.end()) return std::nullopt;
    return found->bit;
}

std::uint32_t file_letter(char letter) {
    switch (letter) {
        case 'r':
            return ISOLATES_FILE_READ;
        case 'w':
            return write_letter;
        case 'a':
            return ISOLATES_FILE_APPEND;
        case 'x':
            return ISOLATES_FILE_EXEC;
        case 'm':
            return ISOLATES_FILE_MMAP;
        case 'k':
            return ISOLATES_FILE_LOCK;
        case 'l':
            return ISOLATES_FILE_LINK;
        default:
            return 0;
    }
}

std::span<const std::string_view> file_operation_names() {
    static const auto names = [] {
        std::vector<std::string_view> all;
        for (const auto& operation : operations_by_name) all.push_back(operation.name);
        return all;
    }();
    return names;
}

std::string describe_file_operations(std::uint32_t operations) {
    std::string text;
    for (const auto& operation : operations_by_name) {
        if (!(operations & operation.bit)) continue;
        if (!text.empty()) text += ", ";
        text += operation.name;
    }
    return text;
}

}  // namespace isolates::sema
