// SPDX-License-Identifier: GPL-2.0-only
#include "decide/decide.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "emit/emit.hpp"
#include "reference/generator.hpp"
#include "reference/reference.hpp"

namespace {

using namespace isolates;
using decide::FileFacts;
using decide::NetworkFacts;
using decide::SignalFacts;

std::vector<std::byte> bytes_of(const model::Policy& policy) {
    const auto blob = emit::build_blob({{policy}, {{"test.ipol", "text"}}}, {});
    if (!blob) FAIL(blob.error().message);
    return {blob->bytes().begin(), blob->bytes().end()};
}

decide::Blob blob_of(const model::Policy& policy) {
    auto blob = decide::Blob::load(bytes_of(policy));
    REQUIRE(blob);
    return std::move(*blob);
}

// A policy to which rules are added, each on a line of its own.
struct Builder {
    Builder() { policy.name = std::string("p"); }

    model::Effect effect(model::Action action, std::uint32_t error = 0) {
        const auto rule = static_cast<std::uint32_t>(policy.rules.size());
        policy.rules.push_back({0, rule + 1, 1});
        return {.action = action, .error = error, .rule = rule};
    }
    Builder& allow(std::string glob, std::uint32_t operations,
                   model::Whose whose = model::Whose::anyone) {
        policy.files.push_back({effect(model::Action::allow), std::move(glob), operations, whose});
        return *this;
    }
    Builder& deny(std::string glob, std::uint32_t operations, std::uint32_t error = 0,
                  model::Whose whose = model::Whose::anyone) {
        policy.files.push_back(
            {effect(model::Action::deny, error), std::move(glob), operations, whose});
        return *this;
    }

    model::Policy policy;
};

constexpr std::uint32_t kRead = ISOLATES_FILE_READ, kWrite = ISOLATES_FILE_WRITE;

// The lines of the rules that decide::rulings() finds.
template <typename Facts>
std::set<std::uint32_t> ruling_lines(const model::Policy& policy, const Facts& facts) {
    std::set<std::uint32_t> lines;
    for (const decide::Ruling& ruling : decide::rulings(policy, facts))
        lines.insert(ruling.origin.line);
    return lines;
}

}  // namespace

TEST_CASE("decide: a path may be written in several ways") {
    const decide::Blob blob = blob_of(
        Builder().allow("/", kRead).allow("/etc/", kRead).allow("/etc/passwd", kRead).policy);
    const decide::Policy policy = *blob.find("p");
    const auto reads = [&](std::string path, bool directory = false) {
        return !policy.decide(FileFacts{kRead, std::move(path), false, directory}).denied;
    };
    CHECK(reads("/"));
    CHECK(reads("/", true));
    CHECK(reads("/etc/"));
    CHECK(reads("/etc", true));
    CHECK(!reads("/etc"));
    CHECK(reads("/etc/passwd"));
    CHECK(reads("//etc//passwd"));
    CHECK(!reads("/etc/passwd/"));
    CHECK(!reads("/etc/passwd", true));
}

TEST_CASE("decide: of several rules that deny, the first is told") {
    const decide::Blob blob = blob_of(Builder()
                                          .allow("/**", kRead | kWrite)
                                          .deny("/a/b", kWrite)
                                          .deny("/a/*", kRead, 0, model::Whose::owner)
                                          .deny("/a/**", kRead)
                                          .policy);
    const decide::Policy policy = *blob.find("p");
    const auto line = [&](std::uint32_t operations, bool owner) -> std::uint32_t {
        const auto verdict = policy.decide(FileFacts{operations, "/a/b", owner});
        return verdict.denied_by ? verdict.denied_by->line : 0;
    };
    CHECK(line(kWrite, false) == 2);
    CHECK(line(kRead, true) == 3);
    CHECK(line(kRead, false) == 4);
    CHECK(line(kRead | kWrite, false) == 2);
    CHECK(line(ISOLATES_FILE_LOCK, false) == 0);
}

TEST_CASE("decide: a rule that denies a file's links is not told to deny its reading") {
    Builder builder;
    builder.deny("/a", ISOLATES_FILE_LINK).deny("/*", kWrite);
    const auto link = builder.effect(model::Action::allow);
    builder.policy.links = {
        {builder.policy.files[0].effect, "/a", "/**", ISOLATES_LINK_LINK, model::Whose::anyone},
        {link, "/b", "/c", ISOLATES_LINK_OPS, model::Whose::anyone}};
    const decide::Blob blob = blob_of(builder.policy);
    const auto line = [&](const auto& facts) -> std::uint32_t {
        const auto verdict = blob.find("p")->decide(facts);
        REQUIRE(verdict.denied);
        return verdict.denied_by ? verdict.denied_by->line : 0;
    };
    CHECK(line(FileFacts{kRead, "/a"}) == 0);
    CHECK(line(FileFacts{kWrite, "/a"}) == 2);
    CHECK(line(FileFacts{ISOLATES_FILE_LINK, "/a"}) == 1);
    CHECK(line(decide::LinkFacts{ISOLATES_LINK_LINK, "/a", "/c"}) == 1);
    CHECK(line(decide::LinkFacts{ISOLATES_LINK_MORE, "/a", "/c"}) == 0);
}

TEST_CASE("decide: the errno is that of the first rule that gives one, whose file it is") {
    const decide::Blob blob = blob_of(Builder()
                                          .deny("/a", kRead)
                                          .deny("/a", kRead, ENOENT, model::Whose::owner)
                                          .deny("/a", kRead | kWrite, EIO)
                                          .policy);
    const decide::Policy policy = *blob.find("p");
    CHECK(policy.decide(FileFacts{kRead, "/a", true}).error == ENOENT);
    CHECK(policy.decide(FileFacts{kRead, "/a", false}).error == EIO);
    CHECK(policy.decide(FileFacts{kWrite, "/a", true}).error == EIO);
    CHECK(policy.decide(FileFacts{ISOLATES_FILE_LOCK, "/a", true}).error == EACCES);
}

TEST_CASE("decide: the errno is the first rule's across automata, too") {
    // So many that none of them shares an automaton with all others.
    constexpr std::uint32_t kErrors[] = {ENOENT, EIO, EBUSY, EROFS, ENOSYS, EPERM};
    Builder builder;
    for (std::uint32_t i = 0; i < 18; i++)
        builder.deny(fmt::format("/**/d{}/**", i), 1u << i | ISOLATES_FILE_READ, kErrors[i % 6]);
    const decide::Blob blob = blob_of(builder.policy);
    REQUIRE(blob.find("p")->raw().classes[ISOLATES_CLASS_FILE].automata.count > 1);
    for (std::uint32_t first = 0; first < 18; first++)
        for (std::uint32_t second = 0; second < 18; second++) {
            const FileFacts facts{kRead, fmt::format("/x/d{}/d{}/y", second, first)};
            const auto verdict = blob.find("p")->decide(facts);
            const std::uint32_t least = std::min(first, second);
            if (verdict.error != kErrors[least % 6] || verdict.denied_by->line != least + 1)
                FAIL(facts.path);
        }
    SUCCEED();
}

TEST_CASE("decide: audit and quiet say what is reported") {
    Builder builder;
    builder.allow("/a", kRead).deny("/b", kRead).allow("/c", kRead).deny("/d", kRead);
    builder.policy.files[0].effect.audit = true;
    builder.policy.files[1].effect.quiet = true;
    builder.policy.files[3].effect.audit = builder.policy.files[3].effect.quiet = true;
    const decide::Blob blob = blob_of(builder.policy);
    const auto reported = [&](std::string path) {
        return blob.find("p")->decide(FileFacts{kRead | kWrite, std::move(path)}).reported;
    };
    CHECK(reported("/a") == (kRead | kWrite));
    CHECK(reported("/b") == kWrite);
    CHECK(reported("/c") == kWrite);
    CHECK(reported("/d") == (kRead | kWrite));
    CHECK(reported("/e") == (kRead | kWrite));
}

TEST_CASE("decide: what is open is allowed until it is denied") {
    Builder builder;
    builder.deny("/a", kWrite);
    builder.policy.open[ISOLATES_CLASS_FILE] |= kRead | kWrite;
    builder.policy.open[ISOLATES_CLASS_MOUNT] = ISOLATES_MOUNT_UMOUNT;
    const decide::Blob blob = blob_of(builder.policy);
    const decide::Policy policy = *blob.find("p");
    CHECK(policy.decide(FileFacts{kRead, "/a"}).denied == 0);
    CHECK(policy.decide(FileFacts{kWrite, "/a"}).denied == kWrite);
    CHECK(policy.decide(FileFacts{kWrite, "/b"}).denied == 0);
    CHECK(policy.decide(SignalFacts{ISOLATES_SIGNAL_SEND, 9}).error == EPERM);
    CHECK(policy.decide(decide::MountFacts{ISOLATES_MOUNT_UMOUNT, false, 0, {}, {}, {}}).denied ==
          0);
    CHECK(policy.decide(decide::MountFacts{ISOLATES_MOUNT_MOUNT, false, 0, {}, {}, {}}).error ==
          EPERM);
}

TEST_CASE("decide: system calls are found among many") {
    Builder builder;
    std::vector<std::string> names = {"a", "ab", "abc", "b", "ba", "mkdir", "mkdirat", "z"};
    for (const std::string& name : names)
        builder.policy.syscalls.push_back({builder.effect(model::Action::deny, EIO), name});
    const decide::Blob blob = blob_of(builder.policy);
    const decide::Policy policy = *blob.find("p");
    for (std::size_t i = 0; i < names.size(); i++) {
        const auto verdict = policy.decide_syscall(names[i]);
        REQUIRE(verdict.denied);
        CHECK(verdict.error == EIO);
        CHECK(verdict.denied_by->line == i + 1);
        CHECK(!policy.decide_syscall(names[i] + names[i]).denied);
    }
    CHECK(!policy.decide_syscall("").denied);
    CHECK(!policy.decide_syscall("mkd").denied);
    CHECK(!policy.decide_syscall("zz").denied);
    CHECK(!blob_of(Builder().policy).find("p")->decide_syscall("a").denied);
}

TEST_CASE("decide: the first system call that is allowed closes the class") {
    Builder builder;
    builder.policy.syscalls = {{builder.effect(model::Action::allow), "read"},
                               {builder.effect(model::Action::deny, EIO),
                                "read",
                                {{1, ISOLATES_COMPARE_EQUAL, 0xffffffff, 7}}}};
    const decide::Blob blob = blob_of(builder.policy);
    const decide::Policy policy = *blob.find("p");
    CHECK(!policy.decide_syscall("read").denied);
    CHECK(policy.decide_syscall("read", {0, 7}).error == EIO);
    // An int has no more than 32 bits.
    CHECK(policy.decide_syscall("read", {0, 7 | 1ull << 32}).error == EIO);
    CHECK(policy.decide_syscall("write").error == EPERM);
    CHECK(!policy.decide_syscall("write").denied_by);
}

TEST_CASE("decide: a condition on what is not known holds for rules that deny, only") {
    Builder builder;
    const auto deny = builder.effect(model::Action::deny, EIO);
    const auto allow = builder.effect(model::Action::allow);
    // The masks are those of a long and of an int.
    builder.policy.syscalls = {{deny, "a", {{0, ISOLATES_COMPARE_UNEQUAL, ~0ull, 1}}},
                               {allow, "a"},
                               {allow, "b", {{0, ISOLATES_COMPARE_EQUAL, ~0ull, 1}}},
                               {deny, "c", {{0, ISOLATES_COMPARE_UNEQUAL, 0xffffffff, 1}}},
                               {allow, "c"},
                               {allow, "d", {{0, ISOLATES_COMPARE_EQUAL, 0xffffffff, 1}}}};
    const decide::Blob blob = blob_of(builder.policy);
    const auto error = [&](const char* name, const isolates_syscall_arguments* args) {
        isolates_syscall_verdict verdict{};
        isolates_decide_syscall(&blob.view(), &blob.find("p")->raw(), name, 1, args, &verdict);
        return verdict.error;
    };
    const isolates_syscall_arguments wide{{1}, false}, narrow{{1}, true}, other{{2}, true};
    struct {
        const char* name;
        std::uint32_t unknown, of_wide, of_narrow, of_other;
    } lines[] = {
        {"a", EIO, 0, EIO, EIO},
        {"b", EPERM, 0, EPERM, EPERM},
        {"c", EIO, 0, 0, EIO},
        {"d", EPERM, 0, 0, EPERM},
    };
    for (const auto& line : lines) {
        INFO(line.name);
        CHECK(error(line.name, nullptr) == line.unknown);
        CHECK(error(line.name, &wide) == line.of_wide);
        CHECK(error(line.name, &narrow) == line.of_narrow);
        CHECK(error(line.name, &other) == line.of_other);
    }
}

TEST_CASE("decide: a blob outlives the bytes it came from, and a move") {
    decide::Blob first = blob_of(Builder().allow("/a", kRead).policy);
    const decide::Blob second = std::move(first);
    CHECK(second.find("p")->decide(FileFacts{kRead, "/a"}).denied == 0);
    CHECK(second.find("p")->name() == "p");
}

TEST_CASE("decide: bytes at any address are loaded, and bad ones refused with a reason") {
    const std::vector<std::byte> bytes = bytes_of(Builder().allow("/a", kRead).policy);
    for (std::size_t shift = 0; shift < 8; shift++) {
        std::vector<std::byte> moved(shift);
        moved.insert(moved.end(), bytes.begin(), bytes.end());
        CHECK(decide::Blob::load(std::span(moved).subspan(shift)));
    }
    const auto refused = decide::Blob::load(std::span(bytes).first(bytes.size() - 1));
    REQUIRE(!refused);
    CHECK(refused.error().error == -EINVAL);
    CHECK(std::string(refused.error().why.reason).find("cut short") != std::string::npos);
    CHECK(!decide::Blob::load(std::vector<std::byte>{}));
}

TEST_CASE("decide: rulings tell which rules speak of an operation") {
    const model::Policy policy = Builder()
                                     .allow("/a/**", kRead)
                                     .allow("/a/*", kWrite)
                                     .deny("/**", ISOLATES_FILE_EXEC)
                                     .allow("/a/b", kRead, model::Whose::owner)
                                     .allow("/b", kRead)
                                     .policy;
    CHECK(ruling_lines(policy, FileFacts{kRead, "/a/b", false}) == std::set<std::uint32_t>{1});
    CHECK(ruling_lines(policy, FileFacts{kRead, "/a/b", true}) == std::set<std::uint32_t>{1, 4});
    CHECK(ruling_lines(policy, FileFacts{kWrite | ISOLATES_FILE_EXEC, "/a/b", true}) ==
          std::set<std::uint32_t>{2, 3});
    CHECK(ruling_lines(policy, FileFacts{ISOLATES_FILE_LOCK, "/a/b", true}).empty());
}

TEST_CASE("decide: rulings agree with the reference on generated policies") {
    reference::Generator generator(reference::test_seed() + 6);
    std::size_t found = 0;
    for (int round = 0; round < 100; round++) {
        const model::Policy policy = generator.policy("p", 10);
        const auto compare = [&](const auto& facts, const auto& rules) {
            std::set<std::uint32_t> expected;
            for (const auto& rule : rules)
                if (reference::is_about(rule, facts) && (rule.operations & facts.operations))
                    expected.insert(rule.effect.rule + 1);
            found += expected.size();
            if (ruling_lines(policy, facts) != expected)
                FAIL(reference::describe(policy) << reference::describe(facts));
        };
        for (int i = 0; i < 10; i++) {
            compare(generator.file_facts(policy), policy.files);
            compare(generator.signal_facts(policy), policy.signals);
        }
        // What allows and denies must add up to the verdict.
        for (int i = 0; i < 10; i++) {
            const NetworkFacts facts = generator.network_facts(policy);
            std::uint32_t allow = policy.open[ISOLATES_CLASS_NETWORK], deny = 0;
            for (const decide::Ruling& ruling : decide::rulings(policy, facts))
                (ruling.effect.action == model::Action::deny ? deny : allow) |= ruling.operations;
            if ((facts.operations & ~(allow & ~deny)) != reference::judge(policy, facts).denied)
                FAIL(reference::describe(policy) << reference::describe(facts));
        }
    }
    CHECK(found > 500);
}
