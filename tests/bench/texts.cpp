// SPDX-License-Identifier: GPL-2.0-only
#include "bench/texts.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <random>
#include <string_view>

namespace isolates::bench {
namespace {

class Generator {
  public:
    explicit Generator(std::uint64_t seed) : random_(seed) {}

    // Not std::uniform_int_distribution, which is another one in each library.
    std::size_t number(std::size_t below) { return random_() % below; }

    template <std::size_t Count>
    std::string_view one_of(const std::array<std::string_view, Count>& choices) {
        return choices[number(Count)];
    }

    std::string word() {
        static constexpr std::array<std::string_view, 20> kSyllables = {
            "lib", "con", "fig", "ser", "ver", "da", "ta", "log", "run", "net",
            "sys", "ab",  "ori", "ex",  "py",  "ru", "st", "gi",  "mo",  "de"};
        std::string word;
        const std::size_t syllables = 2 + number(3);
        for (std::size_t i = 0; i < syllables; i++) word += one_of(kSyllables);
        return word;
    }

    std::string directory() {
        static constexpr std::array<std::string_view, 7> kRoots = {
            "/usr/lib", "/usr/share", "/etc", "/var/lib", "/srv/www", "/opt", "/home"};
        std::string path(one_of(kRoots));
        const std::size_t components = 1 + number(2);
        for (std::size_t i = 0; i < components; i++) {
            path += '/';
            path += word();
        }
        return path;
    }

    std::string plain() {
        static constexpr std::array<std::string_view, 4> kEndings = {"conf", "so", "py", "html"};
        auto path = directory();
        path += fmt::format("/{}{}.", word(), number(1000));
        return path += one_of(kEndings);
    }

    std::string glob() {
        auto path = directory();
        switch (number(8)) {
            case 0:
                return path + "/*";
            case 1:
                return path + "/**";
            case 2:
                return path + fmt::format("/{}*.{{conf,d}}", word());
            case 3:
                return path + fmt::format("/*/{}[0-9]", word());
            case 4: {
                const auto top = word();
                return fmt::format("/{{,usr/}}{}/**/{}", top, word());
            }
            case 5: {
                const auto begin = word();
                return path + fmt::format("/{}?{}", begin, word());
            }
            case 6:
                return path + fmt::format("/*.{}", word());
            default:
                return plain();
        }
    }

    std::string_view permissions() {
        static constexpr std::array<std::string_view, 4> kPermissions = {"r", "rw", "rm", "rk"};
        return one_of(kPermissions);
    }

  private:
    std::mt19937_64 random_;
};

// One profile of as many rules, each of which @make gives without its comma.
template <typename Make>
std::string profile(std::size_t rules, Make make) {
    std::string text = "profile bench {\n";
    for (std::size_t i = 0; i < rules; i++) {
        text += "  ";
        text += make(i);
        text += ",\n";
    }
    return text += "}\n";
}

}  // namespace

std::string plain_rules(std::size_t rules) {
    Generator generator(1);
    return profile(rules, [&](std::size_t) {
        const auto path = generator.plain();
        return fmt::format("{} {}", path, generator.permissions());
    });
}

std::string mixed_globs(std::size_t rules, bool denying) {
    Generator generator(2);
    return profile(rules, [&](std::size_t) {
        const auto glob = generator.glob();
        const auto permissions = generator.permissions();
        const bool denies = denying && generator.number(10) == 0;
        return fmt::format("{}{} {}", denies ? "deny " : "", glob, permissions);
    });
}

std::string roaming_globs(std::size_t rules, std::size_t combinations) {
    static constexpr std::array<std::string_view, 20> kSubsets = {
        "r",   "w", "rw", "m",  "rm", "k",  "rk",  "wk",  "rwk", "mk",
        "rmk", "l", "rl", "wl", "ml", "kl", "rwl", "rml", "rkl", "lk"};
    return profile(rules, [&](std::size_t i) {
        return fmt::format("/**/w{}/** {}", i + 1, kSubsets[i % combinations]);
    });
}

std::string roaming_denials(std::size_t rules) {
    static constexpr std::array<std::string_view, 18> kOperations = {
        "read",  "write", "append", "exec",    "mmap",  "lock",  "link",  "create",   "unlink",
        "mkdir", "rmdir", "rename", "symlink", "mknod", "chmod", "chown", "truncate", "chroot"};
    return profile(rules, [&](std::size_t i) {
        return fmt::format("deny /**/w{}/** ({})", i + 1, kOperations[i % kOperations.size()]);
    });
}

}  // namespace isolates::bench
