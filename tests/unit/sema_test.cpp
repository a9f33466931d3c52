// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <catch2/catch.hpp>
#include <cerrno>
#include <string>
#include <vector>

#include "diag/render.hpp"
#include "parse/parse.hpp"
#include "sema/analyze.hpp"
#include "sema/errno_names.hpp"
#include "sema/file_operations.hpp"
#include "sema/network_names.hpp"
#include "sema/signal_names.hpp"
#include "sema/syscall_arguments.hpp"
#include "sema/syscall_groups.hpp"
#include "sema/syscall_names.hpp"
#include "support/temporary.hpp"

using namespace isolates;

namespace {

struct Analyzed {
    explicit Analyzed(const std::string& text,
                      const std::vector<sema::Definition>& definitions = {}) {
        const auto file = folder.write("f.ipol", text);
        const auto document = parse::parse(file, {}, sources, report);
        sema::analyze(document, definitions, sources, report, program);
    }

    [[nodiscard]] std::string said() const { return diag::render(report, sources, false); }

    [[nodiscard]] const model::Policy& policy() const {
        INFO(said());
        REQUIRE(report.errors() == 0);
        REQUIRE(program.policies.size() == 1);
        return program.policies[0];
    }

    test::TemporaryFolder folder;
    diag::Sources sources;
    diag::Report report;
    model::Program program;
};

model::Policy policy_of(const std::string& rules, const std::string& preamble = "") {
    return Analyzed(preamble + "\npolicy p {\n" + rules + "\n}\n").policy();
}

std::string said_of(const std::string& rules) {
    return Analyzed("policy p {\n" + rules + "\n}\n").said();
}

std::vector<std::string> globs_of(const std::string& rules, const std::string& preamble) {
    std::vector<std::string> globs;
    for (const auto& rule : policy_of(rules, preamble).files) globs.push_back(rule.glob);
    return globs;
}

constexpr std::uint32_t write_letter =
    ISOLATES_FILE_WRITE | ISOLATES_FILE_APPEND | ISOLATES_FILE_CREATE | ISOLATES_FILE_UNLINK |
    ISOLATES_FILE_MKDIR | ISOLATES_FILE_RMDIR | ISOLATES_FILE_RENAME | ISOLATES_FILE_SYMLINK |
    ISOLATES_FILE_MKNOD | ISOLATES_FILE_CHMOD | ISOLATES_FILE_CHOWN | ISOLATES_FILE_TRUNCATE |
    ISOLATES_FILE_SETXATTR;

using Strings = std::vector<std::string>;

}  // namespace

TEST_CASE("sema: letters mean what they do to AppArmor", "[sema]") {
    const auto operations = [](const std::string& rule) {
        return policy_of(rule).files[0].operations;
    };
    CHECK(operations("/x r,") == ISOLATES_FILE_READ);
    CHECK(operations("/x w,") == write_letter);
    CHECK(operations("/x a,") == ISOLATES_FILE_APPEND);
    CHECK(operations("/x mkl,") == (ISOLATES_FILE_MMAP | ISOLATES_FILE_LOCK | ISOLATES_FILE_LINK));
    CHECK(operations("/x ix,") == ISOLATES_FILE_EXEC);
    CHECK(operations("/x mrix,") == (ISOLATES_FILE_EXEC | ISOLATES_FILE_READ | ISOLATES_FILE_MMAP));
    CHECK(operations("/x Rix,") == (ISOLATES_FILE_EXEC | ISOLATES_FILE_READ));
    CHECK(operations("deny /x x,") == ISOLATES_FILE_EXEC);
    CHECK(operations("/x rr,") == ISOLATES_FILE_READ);
    CHECK(operations("/x (chmod, chown),") == (ISOLATES_FILE_CHMOD | ISOLATES_FILE_CHOWN));
    CHECK(operations("/x (write),") == ISOLATES_FILE_WRITE);
    CHECK(operations("/x (exec),") == ISOLATES_FILE_EXEC);
    CHECK(operations("/x (getattr, setxattr, ioctl),") ==
          (ISOLATES_FILE_GETATTR | ISOLATES_FILE_SETXATTR | ISOLATES_FILE_IOCTL));
    CHECK(operations("file,") ==
          (ISOLATES_FILE_OPS & ~(ISOLATES_FILE_GETATTR | ISOLATES_FILE_IOCTL)));
}

TEST_CASE("sema: qualifiers become a rule's effect", "[sema]") {
    const auto policy = policy_of(
        "/a r,\nallow /b r,\ndeny /c r,\naudit deny owner /d r errno=ENOENT,\nquiet deny other /e "
        "r,\naudit user /f r,");
    REQUIRE(policy.files.size() == 6);
    CHECK(policy.files[0].effect.action == model::Action::allow);
    CHECK(policy.files[1].effect.action == model::Action::allow);
    CHECK(policy.files[2].effect.action == model::Action::deny);
    CHECK(policy.files[2].effect.error == 0);
    CHECK(policy.files[3].effect.audit);
    CHECK(policy.files[3].effect.error == ENOENT);
    CHECK(policy.files[3].whose == model::Whose::owner);
    CHECK(policy.files[4].effect.quiet);
    CHECK(policy.files[4].whose == model::Whose::other);
    CHECK(policy.files[5].effect.audit);
    CHECK(policy.files[5].whose == model::Whose::owner);
    for (std::uint32_t i = 0; i < 6; i++) CHECK(policy.files[i].effect.rule == i);
    CHECK(policy.rules[4].line == 7);
}

TEST_CASE("sema: a policy is closed, and default_allow opens all of it", "[sema]") {
    const auto closed = Analyzed("policy p { }").policy();
    // But for what AppArmor leaves open as well.
    for (std::uint32_t id = 0; id < ISOLATES_CLASS_COUNT; id++)
        CHECK(closed.open[id] ==
              (id == ISOLATES_CLASS_FILE ? ISOLATES_FILE_GETATTR | ISOLATES_FILE_IOCTL : 0u));
    const auto open = Analyzed("policy p flags=(default_allow) { }").policy();
    CHECK(open.open[ISOLATES_CLASS_FILE] == ISOLATES_FILE_OPS);
    CHECK(open.open[ISOLATES_CLASS_SIGNAL] == ISOLATES_SIGNAL_OPS);
    CHECK(open.open[ISOLATES_CLASS_NETWORK] == ISOLATES_NETWORK_OPS);
    CHECK(open.open[ISOLATES_CLASS_MOUNT] == ISOLATES_MOUNT_OPS);
    // All but to what it attaches: that allows nothing.
    for (std::uint32_t id = 0; id < ISOLATES_CLASS_COUNT; id++)
        CHECK((open.open[id] != 0) == (id != ISOLATES_CLASS_ATTACH));
}

TEST_CASE("sema: mount rules are about what mount(2) does with their flags", "[sema]") {
    const auto operations = [](const char* rule) {
        const auto policy = policy_of(rule);
        // Of rules without conditions nothing is left but that.
        std::uint32_t all = policy.open[ISOLATES_CLASS_MOUNT];
        for (const auto& mount : policy.mounts) all |= mount.operations;
        return all;
    };
    constexpr std::uint32_t others = ISOLATES_MOUNT_UMOUNT | ISOLATES_MOUNT_PIVOT_ROOT;
    CHECK(operations("mount,") == (ISOLATES_MOUNT_OPS & ~others));
    CHECK(operations("umount,") == ISOLATES_MOUNT_UMOUNT);
    CHECK(operations("unmount /a,") == ISOLATES_MOUNT_UMOUNT);
    CHECK(operations("pivot_root,") == ISOLATES_MOUNT_PIVOT_ROOT);
    CHECK(operations("remount,") == ISOLATES_MOUNT_REMOUNT);
    CHECK(operations("mount options=(ro, remount) /a,") == ISOLATES_MOUNT_REMOUNT);
    CHECK(operations("mount options=(remount, bind),") == ISOLATES_MOUNT_REMOUNT);
    CHECK(operations("mount options=(ro, bind) /a -> /b,") == ISOLATES_MOUNT_BIND);
    CHECK(operations("mount options=rbind,") == ISOLATES_MOUNT_BIND);
    CHECK(operations("mount options=move,") == ISOLATES_MOUNT_MOVE);
    CHECK(operations("mount options=(make-rslave) /a,") == ISOLATES_MOUNT_PROPAGATE);
    CHECK(operations("mount options=ro /dev/sda -> /b,") == ISOLATES_MOUNT_MOUNT);
    CHECK(operations("mount options in (ro, bind) /a -> /b,") ==
          (ISOLATES_MOUNT_MOUNT | ISOLATES_MOUNT_BIND));
    CHECK(operations("mount fstype=tmpfs,") == ISOLATES_MOUNT_MOUNT);
    CHECK(operations("mount /a -> /b,") ==
          (ISOLATES_MOUNT_MOUNT | ISOLATES_MOUNT_BIND | ISOLATES_MOUNT_MOVE));
    CHECK(said_of("mount options=(bind) fstype=tmpfs,").contains("no effect"));
}

TEST_CASE("sema: variables multiply", "[sema]") {
    CHECK(globs_of("/@{A}/@{B} r,", "@{A} = 1 2\n@{B} = x y\n@{B} += z") ==
          Strings{"/1/x", "/1/y", "/1/z", "/2/x", "/2/y", "/2/z"});
    CHECK(globs_of("@{A}/x r,", "@{A} = @{B} /b\n@{B} = /a") == Strings{"/a/x", "/b/x"});
    CHECK(globs_of("/@{A}x r,", "@{A} = \"\"") == Strings{"/x"});
    CHECK(globs_of("/@{A} r,", "@{A} = x x y") == Strings{"/x", "/y"});
    CHECK(globs_of("\"/@{A}\" r,", "@{A} = \"a b\"") == Strings{"/a b"});
    CHECK(globs_of("/\\@\\{A\\} r,", "@{A} = x") == Strings{"/\\@\\{A\\}"});
}

TEST_CASE("sema: slashes that variables multiply in front are one", "[sema]") {
    CHECK(globs_of("@{ROOT}/etc/shadow r,", "@{ROOT} = /") == Strings{"/etc/shadow"});
    CHECK(globs_of("///x//y r,", "") == Strings{"/x//y"});
    CHECK(globs_of("// r,", "") == Strings{"/"});
}

TEST_CASE("sema: definitions from outside go before the file's own", "[sema]") {
    const std::vector<sema::Definition> given = {{"A", {"given"}}, {"B", {"b"}}};
    const Analyzed analyzed("@{A} = own\n@{A} += more\npolicy p { /@{A}/@{B} r, }\n", given);
    const auto& files = analyzed.policy().files;
    REQUIRE(files.size() == 2);
    CHECK(files[0].glob == "/given/b");
    CHECK(files[1].glob == "/more/b");
}

TEST_CASE("sema: variables that grow beyond all bounds end in an error, and soon", "[sema]") {
    std::string text;
    SECTION("by multiplying") {
        text = "@{V0} = a b\n";
        for (int i = 1; i < 100; i++)
            text += "@{V" + std::to_string(i) + "} = @{V" + std::to_string(i - 1) + "}@{V" +
                    std::to_string(i - 1) + "}\n";
        text += "policy p { /@{V99} r, }\n";
    }
    SECTION("in length") {
        text = "@{V0} = " + std::string(1000, 'a') + "\n";
        for (int i = 1; i < 100; i++)
            text += "@{V" + std::to_string(i) + "} = @{V" + std::to_string(i - 1) + "}@{V" +
                    std::to_string(i - 1) + "}\n";
        text += "policy p { /@{V99} r, }\n";
    }
    SECTION("in depth") {
        text = "@{V0} = a\n";
        for (int i = 1; i < 100'000; i++)
            text += "@{V" + std::to_string(i) + "} = @{V" + std::to_string(i - 1) + "}\n";
        text += "policy p { /@{V99999} r, }\n";
    }
    SECTION("in a loop") {
        text = "@{A} = @{B}\n@{B} = @{A}\npolicy p { /@{A} r, }\n";
    }
    SECTION("in one rule") {
        text = "@{A} = 1 2 3 4 5 6 7 8 9 0\npolicy p { /" +
               std::string("@{A}@{A}@{A}@{A}@{A}@{A}@{A}@{A}@{A}") + " r, }\n";
    }
    const Analyzed analyzed(text);
    CHECK(analyzed.report.errors() == 1);
}

TEST_CASE("sema: @{profile_name} is the policy's, and no glob", "[sema]") {
    const auto policy = Analyzed("policy \"a,b@c\" { signal peer=@{profile_name}, }").policy();
    CHECK(policy.signals[0].peer == "a\\,b\\@c");
}

TEST_CASE("sema: signal rules", "[sema]") {
    const auto all = policy_of("signal,").signals.at(0);
    CHECK(all.operations == ISOLATES_SIGNAL_OPS);
    CHECK(all.signals.all());
    CHECK(all.peer == "**");
    const auto some =
        policy_of("signal send set=(kill, exists, rtmin+0) peer=/usr/{a,b},").signals.at(0);
    CHECK(some.operations == ISOLATES_SIGNAL_SEND);
    CHECK(some.signals.count() == 3);
    CHECK(some.signals.test(9));
    CHECK(some.signals.test(0));
    CHECK(some.signals.test(32));
    CHECK(some.peer == "/usr/{a,b}");
    CHECK(policy_of("signal peer=@{P},", "@{P} = a b").signals.size() == 2);
}

TEST_CASE("sema: names of signals", "[sema]") {
    CHECK(sema::signal_number("rtmin+32") == 64);
    CHECK_FALSE(sema::signal_number("rtmin+33"));
    CHECK_FALSE(sema::signal_number("rtmin+"));
    CHECK_FALSE(sema::signal_number("rtmin+1x"));
    CHECK_FALSE(sema::signal_number("KILL"));
    for (std::uint8_t number = 0; number <= 64; number++)
        CHECK(sema::signal_number(sema::signal_name(number)) == number);
}

TEST_CASE("sema: network rules", "[sema]") {
    const auto network = [](const std::string& rule) { return policy_of(rule).networks; };
    SECTION("without anything they are about everything") {
        const auto rules = network("network,");
        REQUIRE(rules.size() == 1);
        CHECK(rules[0].operations == ISOLATES_NETWORK_OPS);
        CHECK_FALSE(rules[0].family);
        CHECK_FALSE(rules[0].type);
    }
    SECTION("tcp is multipath TCP too") {
        const auto rules = network("network inet tcp,");
        REQUIRE(rules.size() == 2);
        CHECK(rules[0].protocol == 6);
        CHECK(rules[1].protocol == 262);
        CHECK(rules[1].type == 1);
    }
    SECTION("a protocol without a family is of both") {
        CHECK(network("network tcp,").size() == 4);
    }
    SECTION("a type without a family is of all") {
        const auto rules = network("network stream,");
        REQUIRE(rules.size() == 1);
        CHECK_FALSE(rules[0].family);
        CHECK(rules[0].type == 1);
    }
    SECTION("an address has its family, a port both") {
        CHECK(network("network ip=10.0.0.1,").at(0).family == ISOLATES_AF_INET);
        CHECK(network("network ip=::1,").at(0).family == ISOLATES_AF_INET6);
        CHECK(network("network port=80,").size() == 2);
    }
    SECTION("a peer says nothing of what is bound") {
        const auto rules = network("network inet peer=(ip=10.0.0.0/8 port=5432),");
        CHECK(rules.at(0).operations == (ISOLATES_NETWORK_CREATE | ISOLATES_NETWORK_PEER_OPS));
        CHECK(rules.at(0).peer.prefix->bits == 8);
        CHECK(rules.at(0).peer.ports->first == 5432);
        CHECK(rules.at(0).local.is_any());
    }
    SECTION("ranges of ports") {
        const auto ports = network("network (bind) inet port=80-90,").at(0).local.ports;
        CHECK(ports->first == 80);
        CHECK(ports->last == 90);
    }
}

TEST_CASE("sema: addresses and ports", "[sema]") {
    CHECK(sema::parse_prefix("10.0.0.1")->bits == 32);
    CHECK(sema::parse_prefix("fd00::/8")->bits == 8);
    CHECK(sema::parse_prefix("0.0.0.0/0")->bits == 0);
    for (const auto* const wrong : {"", "/8", "10.0.0", "10.0.0.1/", "10.0.0.1/x", "10.0.0.1/33",
                                    "::1/129", "10.0.0.1/-1", "x"})
        CHECK_FALSE(sema::parse_prefix(wrong));
    CHECK(sema::has_stray_bits(*sema::parse_prefix("10.0.0.1/8")));
    CHECK_FALSE(sema::has_stray_bits(*sema::parse_prefix("10.0.0.0/8")));
    CHECK(sema::parse_ports("0-65535")->last == 65535);
    for (const auto* const wrong : {"", "-", "1-", "-1", "65536", "2-1", "1-2-3", "http", " 1"})
        CHECK_FALSE(sema::parse_ports(wrong));
}

TEST_CASE("sema: system calls are named once", "[sema]") {
    const auto policy = policy_of(
        "deny syscall (mkdirat, unlinkat, mkdirat) errno=EACCES,\ndeny syscall mkdirat "
        "errno=EACCES,");
    // Once in a rule; another rule may say the same again.
    REQUIRE(policy.syscalls.size() == 3);
    CHECK(policy.syscalls[0].name == "mkdirat");
    CHECK(policy.syscalls[0].effect.error == EACCES);
    CHECK(policy.syscalls[1].name == "unlinkat");
    CHECK(policy.syscalls[2].name == "mkdirat");
    CHECK(said_of("deny syscall mkdriat,").contains("did you mean 'mkdirat'?"));
}

TEST_CASE("sema: conditions on arguments are as wide as the argument", "[sema]") {
    const auto arguments = [](const char* rule) {
        const auto policy = policy_of(rule);
        REQUIRE(policy.syscalls.size() == 1);
        return policy.syscalls[0].arguments;
    };
    using Arguments = std::vector<model::Argument>;
    CHECK(arguments("deny syscall socket(0 == AF_PACKET),") ==
          Arguments{{0, ISOLATES_COMPARE_EQUAL, 0xffffffff, 17}});
    CHECK(arguments("deny syscall clone(0 & CLONE_NEWUSER|CLONE_NEWNET != 0),") ==
          Arguments{{0, ISOLATES_COMPARE_UNEQUAL, 0x50000000, 0}});
    CHECK(arguments("deny syscall chmod(1 & 06000 != 0),") ==
          Arguments{{1, ISOLATES_COMPARE_UNEQUAL, 06000, 0}});
    CHECK(arguments("deny syscall openat(0 == -100, 2 >= 0x10),") ==
          Arguments{{0, ISOLATES_COMPARE_EQUAL, 0xffffffff, 0xffffff9c},
                    {2, ISOLATES_COMPARE_GREATER_EQUAL, 0xffffffff, 16}});
    CHECK(arguments("deny syscall lseek(1 == -1),") ==
          Arguments{{1, ISOLATES_COMPARE_EQUAL, ~0ull, ~0ull}});
}

TEST_CASE("sema: groups of system calls", "[sema]") {
    const auto policy = policy_of("deny syscall (@swap, swapon),");
    REQUIRE(policy.syscalls.size() == 2);
    CHECK(policy.syscalls[0].name == "swapoff");
    CHECK(policy.syscalls[0].is_grouped);
    CHECK(policy.syscalls[1].name == "swapon");
    CHECK(!policy.syscalls[1].is_grouped);  // by its own name as well
    for (const auto group : sema::syscall_group_names()) {
        const auto calls = sema::syscall_group(group);
        INFO(group);
        CHECK(!calls.empty());
        for (const auto call : calls) CHECK(sema::is_syscall(call));
    }
    const auto privileged = sema::syscall_group("@privileged");
    CHECK(std::ranges::find(privileged, "init_module") != privileged.end());  // of @module
    for (const auto name : sema::syscall_names())
        CHECK(sema::syscall_argument_count(name).has_value());
}

TEST_CASE("sema: both tables of system calls are known", "[sema]") {
    for (const auto* const name :
         {"openat2", "socketcall", "clock_gettime64", "mseal", "read", "newfstatat", "fstat"})
        CHECK(sema::is_syscall(name));
    for (const auto* const name : {"", "sys_read", "Read", "creat2"})
        CHECK_FALSE(sema::is_syscall(name));
}

TEST_CASE("sema: errnos have names", "[sema]") {
    CHECK(sema::errno_number("EACCES") == EACCES);
    CHECK(sema::errno_number("EWOULDBLOCK") == EAGAIN);
    CHECK_FALSE(sema::errno_number(""));
    CHECK_FALSE(sema::errno_number("0"));
    for (const auto name : sema::errno_names())
        CHECK(sema::errno_name(*sema::errno_number(name)) == name);
}

TEST_CASE("sema: bind rules", "[sema]") {
    const auto policy = policy_of(
        "bind net /run/netns/a\\ b,\nbind pid 4026531836 on exec,\nbind uts of 17,\nbind mnt \"/x "
        "y\",\nbind ipc @{D}/i,",
        "@{D} = /one /two");
    REQUIRE(policy.bindings.size() == 6);
    CHECK(policy.bindings[0].kind == ISOLATES_NAMESPACE_NET);
    CHECK(policy.bindings[0].path == "/run/netns/a b");
    CHECK(policy.bindings[1].where == ISOLATES_WHERE_NUMBER);
    CHECK(policy.bindings[1].number == 4026531836);
    CHECK(policy.bindings[1].on_exec);
    CHECK_FALSE(policy.bindings[2].on_exec);
    CHECK(policy.bindings[2].where == ISOLATES_WHERE_PID);
    CHECK(policy.bindings[2].number == 17);
    CHECK(policy.bindings[3].path == "/x y");
    CHECK(policy.bindings[5].path == "/two/i");
    CHECK(said_of("bind net 4294967296,").contains("is no number of a namespace"));
}

TEST_CASE("sema: policies of several files may not share a name", "[sema]") {
    test::TemporaryFolder folder;
    diag::Sources sources;
    diag::Report report;
    model::Program program;
    for (const auto* const name : {"a", "b"}) {
        const auto document =
            parse::parse(folder.write(name, "policy p { }\n"), {}, sources, report);
        sema::analyze(document, {}, sources, report, program);
    }
    CHECK(report.errors() == 1);
}

TEST_CASE("sema: a policy's name has its bounds", "[sema]") {
    CHECK(Analyzed("policy " + std::string(255, 'x') + " { }").report.errors() == 0);
    CHECK(Analyzed("policy " + std::string(256, 'x') + " { }").report.errors() == 1);
    CHECK(Analyzed("policy \"\" { }").report.errors() == 1);
    CHECK(Analyzed("policy \"a b/c.d-e:f//g\" { }").report.errors() == 0);
}

TEST_CASE("sema: -D takes a name and words", "[sema]") {
    CHECK(sema::parse_definition("A=x  y\tz")->values == Strings{"x", "y", "z"});
    CHECK(sema::parse_definition("A=x=y")->values == Strings{"x=y"});
    for (const auto* const wrong : {"", "A", "=x", "A=", "A= ", "1A=x", "A-B=x", "@{A}=x"})
        CHECK_FALSE(sema::parse_definition(wrong));
}

TEST_CASE("sema: operations have names", "[sema]") {
    CHECK(sema::file_operation("mknod") == ISOLATES_FILE_MKNOD);
    CHECK(sema::file_operation("getattr") == ISOLATES_FILE_GETATTR);
    CHECK_FALSE(sema::file_operation("getattrs"));
    CHECK(sema::describe_file_operations(ISOLATES_FILE_READ | ISOLATES_FILE_CHROOT) ==
          "read, chroot");
}
