// SPDX-License-Identifier: GPL-2.0-only
#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <vector>

#include "diag/render.hpp"
#include "driver.hpp"
#include "format/format.hpp"
#include "import/json.hpp"
#include "import/list.hpp"
#include "import/seccomp.hpp"
#include "support/temporary.hpp"

using namespace isolates;

namespace {

struct Imported {
    std::string text;  // of the policy; empty if there is none
    std::string said;
    std::size_t errors = 0;
    std::size_t warnings = 0;
};

Imported finish(const std::optional<import::Draft>& draft, const diag::Sources& sources,
                const diag::Report& report) {
    Imported result;
    result.said = diag::render(report, sources, false);
    result.errors = report.errors();
    result.warnings = report.warnings();
    REQUIRE(draft.has_value() == (report.errors() == 0));
    if (!draft) return result;
    result.text = import::write(*draft);
    // It is in the style of ipolc fmt, and it compiles.
    diag::Report formatting;
    CHECK(format::formatted(result.text, 0, formatting) == result.text);
    const test::TemporaryFolder folder;
    const auto compilation = compile({folder.write("f.ipol", result.text)}, {});
    INFO(result.text << diag::render(compilation.report, compilation.sources, false));
    CHECK(compilation.blob);
    // The comment at the head says the same of all.
    result.text.erase(0, result.text.find("policy "));
    return result;
}

Imported import_seccomp(const std::string& text, const import::SeccompHost& host = {}) {
    diag::Sources sources;
    diag::Report report;
    const auto file = sources.add("f.json", text);
    const auto inclusion = sources.include(file, std::nullopt);
    std::optional<import::Draft> draft;
    if (const auto json = import::parse_json(sources, file, inclusion, report))
        draft = import::read_seccomp(*json, "f.json", "p", host, report);
    return finish(draft, sources, report);
}

Imported import_list(const std::string& text, std::string_view kind = "pid") {
    diag::Sources sources;
    diag::Report report;
    const auto file = sources.add("f", text);
    const auto inclusion = sources.include(file, std::nullopt);
    return finish(import::read_list(sources, file, inclusion, kind, "p", report), sources, report);
}

// The rules of a profile with these entries, and what is said of it.
Imported rules(const std::string& action, const std::string& entries,
               const import::SeccompHost& host = {}) {
    auto result = import_seccomp(
        R"({"defaultAction": ")" + action + R"(", "syscalls": [)" + entries + "]}", host);
    const std::string head = "policy p flags=(default_allow) {\n";
    if (result.text.starts_with(head))
        result.text = result.text.substr(head.size(), result.text.size() - head.size() - 2);
    return result;
}

std::string error_of(const std::string& text) {
    const auto result = import_seccomp(text);
    CHECK(result.errors == 1);
    return result.said.substr(0, result.said.find('\n'));
}

}  // namespace

TEST_CASE("import: what is denied by default is an allow-list", "[import]") {
    const auto made = rules("SCMP_ACT_ERRNO",
                            R"({"names": ["read", "write"], "action": "SCMP_ACT_ALLOW"},
                               {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38},
                               {"names": ["execve"], "action": "SCMP_ACT_LOG"},
                               {"names": ["reboot"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1})");
    CHECK(made.text ==
          "  allow syscall (read, write),\n"
          "  deny syscall clone3 errno=ENOSYS,\n"
          "  audit allow syscall execve,\n\n"
          "  # syscalls[3]: SCMP_ACT_ERRNO is the default: reboot\n");
    CHECK(made.warnings == 0);
}

TEST_CASE("import: what is allowed by default is a list of denials", "[import]") {
    const auto made = rules("SCMP_ACT_ALLOW",
                            R"({"names": ["a", "mkdir"], "action": "SCMP_ACT_ERRNO"},
                               {"name": "chmod", "action": "SCMP_ACT_ERRNO", "errno": "EIO"},
                               {"names": ["chown"], "action": "SCMP_ACT_LOG"},
                               {"names": ["read"], "action": "SCMP_ACT_ALLOW"})");
    CHECK(made.text ==
          "  # syscalls[0]: unknown system calls: a\n"
          "  deny syscall mkdir errno=EPERM,\n"
          "  deny syscall chmod errno=EIO,\n"
          "  audit syscall chown,\n\n"
          "  # syscalls[3]: SCMP_ACT_ALLOW is the default: read\n");
    CHECK(made.warnings == 1);
}

TEST_CASE("import: conditions on arguments", "[import]") {
    const auto made =
        rules("SCMP_ACT_ERRNO",
              R"({"names": ["socket", "socketpair"], "action": "SCMP_ACT_ALLOW", "args":
             [{"index": 0, "value": 40, "op": "SCMP_CMP_NE"},
              {"index": 1, "value": 2, "valueTwo": 0, "op": "SCMP_CMP_LE"}]},
           {"names": ["clone"], "action": "SCMP_ACT_ALLOW", "args":
             [{"index": 0, "value": 2114060288, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}]},
           {"names": ["clone"], "action": "SCMP_ACT_ALLOW", "args":
             [{"index": 0, "value": 15, "valueTwo": 3, "op": "SCMP_CMP_MASKED_EQ"}]},
           {"names": ["personality"], "comment": "known ones", "action": "SCMP_ACT_ALLOW", "args":
             [{"index": 0, "value": 0, "op": "SCMP_CMP_EQ"},
              {"index": 0, "value": 8, "op": "SCMP_CMP_EQ"}]})");
    CHECK(made.text ==
          "  allow syscall socket(0 != 40, 1 <= 2),\n"
          "  allow syscall socketpair(0 != 40, 1 <= 2),\n"
          "  allow syscall clone(0 & 0x7e020000 == 0),\n"
          "  allow syscall clone(0 & 0xf == 0x3),\n\n"
          "  # known ones\n"
          "  allow syscall personality(0 == 0),\n"
          "  allow syscall personality(0 == 8),\n");
    CHECK(made.warnings == 0);
}

TEST_CASE("import: conditions that no argument has", "[import]") {
    const auto made =
        rules("SCMP_ACT_ERRNO",
              R"({"names": ["open", "read", "close"], "action": "SCMP_ACT_ALLOW", "args":
             [{"index": 1, "value": 4294967296, "op": "SCMP_CMP_EQ"}]},
           {"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args":
             [{"index": 0, "value": 18446744073709551615, "op": "SCMP_CMP_NE"}]})");
    CHECK(
        made.text ==
        "  # syscalls[0]: left out, as argument 1 of open has fewer bits than the condition\n\n"
        "  # syscalls[0]: left out, as argument 1 of read is a pointer, and what it points to can\n"
        "  # change\n\n"
        "  # syscalls[0]: left out, as there is no argument 1 of close\n\n"
        "  allow syscall socket(0 != 18446744073709551615),\n");
    CHECK(made.warnings == 3);
}

TEST_CASE("import: a denial is no weaker for conditions that no argument has", "[import]") {
    const auto made =
        rules("SCMP_ACT_ALLOW",
              R"({"names": ["socket", "read"], "action": "SCMP_ACT_ERRNO", "errnoRet": 5, "args":
             [{"index": 1, "value": 1, "op": "SCMP_CMP_GE"}]})");
    CHECK(made.text ==
          "  deny syscall socket(1 >= 1) errno=EIO,\n\n"
          "  # syscalls[0]: read is denied whatever its arguments are, as argument 1 of read is a\n"
          "  # pointer, and what it points to can change\n"
          "  deny syscall read errno=EIO,\n");
    CHECK(made.warnings == 1);
}

TEST_CASE("import: what has no counterpart denies, and is told", "[import]") {
    const auto made =
        rules("SCMP_ACT_ALLOW", R"({"names": ["reboot"], "action": "SCMP_ACT_KILL_PROCESS"},
                                   {"names": ["ptrace"], "action": "SCMP_ACT_TRACE"},
                                   {"names": ["mount"], "action": "SCMP_ACT_NOTIFY"},
                                   {"names": ["bpf"], "action": "SCMP_ACT_TRAP"},
                                   {"names": ["kexec_load"], "action": "SCMP_ACT_ERRNO",
                                    "errnoRet": 0})");
    CHECK(made.text ==
          "  # syscalls[0]: SCMP_ACT_KILL_PROCESS kills; here it denies\n"
          "  deny syscall reboot errno=EPERM,\n\n"
          "  # syscalls[1]: SCMP_ACT_TRACE asks a tracer; here it denies, as it does without one\n"
          "  deny syscall ptrace errno=ENOSYS,\n\n"
          "  # syscalls[2]: SCMP_ACT_NOTIFY asks a supervisor; here it denies, as it does without "
          "one\n"
          "  deny syscall mount errno=ENOSYS,\n\n"
          "  # syscalls[3]: SCMP_ACT_TRAP sends SIGSYS; here it denies\n"
          "  deny syscall bpf errno=EPERM,\n\n"
          "  # syscalls[4]: the errno 0 has no name; here it denies with EPERM\n"
          "  deny syscall kexec_load errno=EPERM,\n");
    CHECK(made.warnings == 5);

    const auto defaults = import_seccomp(
        R"({"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "flags": ["X"],
            "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X32", "SCMP_ARCH_ARM"],
            "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW", "x": 1}]})");
    CHECK(defaults.warnings == 5);
    CHECK(defaults.said.contains("what no rule allows is denied with EPERM, not ENOSYS"));
    CHECK(defaults.said.contains("f.json: architectures: SCMP_ARCH_ARM is not that"));
    CHECK(defaults.said.contains("f.json: architectures: SCMP_ARCH_X86 is not among them"));
    CHECK(defaults.said.contains("f.json: flags: has no meaning here"));
    CHECK(defaults.said.contains("f.json: syscalls[0].x: has no meaning here"));
    CHECK(defaults.text.contains("  # architectures: SCMP_ARCH_ARM is not that of this kernel\n"));
    CHECK(rules("SCMP_ACT_LOG", "").warnings == 1);
    CHECK(rules("SCMP_ACT_KILL", R"({"names": ["read"], "action": "SCMP_ACT_ALLOW"})").warnings ==
          1);
}

TEST_CASE("import: a denial beats what allows, and the first errno counts", "[import]") {
    const auto both = rules("SCMP_ACT_ERRNO",
                            R"({"names": ["read", "open"], "action": "SCMP_ACT_ALLOW"},
                               {"names": ["open"], "action": "SCMP_ACT_ERRNO", "errnoRet": 2},
                               {"names": ["open"], "action": "SCMP_ACT_ALLOW"})");
    CHECK(both.warnings == 2);
    CHECK(both.said.contains("syscalls[1]: open is allowed by syscalls[0] and denied here"));
    CHECK(both.said.contains("syscalls[2]: open is denied by syscalls[1] and allowed here"));
    const auto twice = rules("SCMP_ACT_ALLOW",
                             R"({"names": ["open"], "action": "SCMP_ACT_ERRNO"},
                                {"names": ["open"], "action": "SCMP_ACT_ERRNO", "errnoRet": 2})");
    CHECK(twice.warnings == 1);
    CHECK(twice.text.starts_with("  deny syscall open errno=EPERM,\n\n  # syscalls[1]: open is "));
    CHECK_FALSE(twice.text.contains("ENOENT"));
}

TEST_CASE("import: includes and excludes", "[import]") {
    const std::string entries =
        R"({"names": ["read"], "action": "SCMP_ACT_ALLOW", "includes": {}, "excludes": null},
           {"names": ["bpf"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_BPF"]}},
           {"names": ["clone"], "action": "SCMP_ACT_ALLOW", "excludes": {"caps": ["CAP_BPF"]}},
           {"names": ["ptrace"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "4.8"}},
           {"names": ["close"], "action": "SCMP_ACT_ALLOW", "excludes": {"minKernel": "4.8"}},
           {"names": ["pipe"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["amd64"]}},
           {"names": ["dup"], "action": "SCMP_ACT_ALLOW", "excludes": {"arches": ["amd64"]}})";
    CHECK(rules("SCMP_ACT_ERRNO", entries).text ==
          "  allow syscall read,\n\n"
          "  # syscalls[1] needs CAP_BPF, and is left out: bpf\n\n"
          "  allow syscall clone,\n"
          "  allow syscall ptrace,\n\n"
          "  # syscalls[4] is for before Linux 4.8, and is left out: close\n\n"
          "  allow syscall pipe,\n\n"
          "  # syscalls[6] is not for amd64, and is left out: dup\n");
    CHECK(rules("SCMP_ACT_ERRNO", entries, {{"CAP_BPF"}, 4, 7}).text ==
          "  allow syscall read,\n"
          "  allow syscall bpf,\n\n"
          "  # syscalls[2] is without CAP_BPF, and is left out: clone\n\n"
          "  # syscalls[3] needs Linux 4.8, and is left out: ptrace\n\n"
          "  allow syscall close,\n"
          "  allow syscall pipe,\n\n"
          "  # syscalls[6] is not for amd64, and is left out: dup\n");
    const auto foreign = rules("SCMP_ACT_ALLOW", R"({"names": ["read"], "action": "SCMP_ACT_ERRNO",
                                    "includes": {"arches": ["arm", "arm64"]}})");
    CHECK(foreign.text == "  # syscalls[0] is for arm, arm64, and is left out: read\n");
    CHECK(foreign.warnings == 1);
}

TEST_CASE("import: Docker's map of architectures is for all hosts", "[import]") {
    const std::string tail = R"("syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW"}]})";
    const auto whole = import_seccomp(
        R"({"defaultAction": "SCMP_ACT_ERRNO", "archMap": [
              {"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": ["SCMP_ARCH_ARM"]},
              {"architecture": "SCMP_ARCH_X86_64",
               "subArchitectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X32"]}], )" +
        tail);
    CHECK(whole.said.empty());
    CHECK(whole.text == "policy p flags=(default_allow) {\n  allow syscall read,\n}\n");
    CHECK(error_of(R"({"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86"],
                       "archMap": [], )" +
                   tail)
              .ends_with("archMap and architectures are both there"));
}

TEST_CASE("import: a container's configuration has a profile in it", "[import]") {
    const auto made = import_seccomp(
        R"({"ociVersion": "1.0.2", "linux": {"seccomp": {"defaultAction": "SCMP_ACT_ALLOW",
            "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO"}]}}})");
    CHECK(made.text.contains("deny syscall mkdir errno=EPERM"));
    CHECK(made.said.empty());
}

TEST_CASE("import: what a profile says cannot leave its comment", "[import]") {
    const auto made = rules("SCMP_ACT_ALLOW", R"({"names": ["x\n  allow all,\n"],
        "comment": "a\n/** rwx,\u001b[2J", "action": "SCMP_ACT_ERRNO"})");
    CHECK(made.text ==
          "  # a?/** rwx,?[2J\n"
          "  # syscalls[0]: unknown system calls: x?  allow all,?\n");
}

TEST_CASE("import: a call is denied for good but once", "[import]") {
    const auto made = rules("SCMP_ACT_ALLOW",
                            R"({"names": ["read"], "action": "SCMP_ACT_TRACE"},
           {"names": ["read"], "action": "SCMP_ACT_ERRNO", "args":
             [{"index": 1, "value": 1, "op": "SCMP_CMP_GE"}]})");
    CHECK(made.text.contains("deny syscall read errno=ENOSYS,\n"));
    CHECK(made.text.contains("# syscalls[1]: read is denied whatever its arguments are"));
    CHECK_FALSE(made.text.contains("EPERM"));
}

TEST_CASE("import: an entry about no call leaves no empty line", "[import]") {
    const auto made = rules("SCMP_ACT_ERRNO", R"({"names": ["read"], "action": "SCMP_ACT_ALLOW"},
           {"names": [], "action": "SCMP_ACT_LOG"})");
    CHECK(made.text == "  allow syscall read,\n");
}

TEST_CASE("import: no blank ends a line", "[import]") {
    const auto made = rules("SCMP_ACT_ERRNO", R"({"names": ["frob"], "action": "SCMP_ACT_ERRNO"},
           {"names": ["read"], "comment": "why ", "action": "SCMP_ACT_ALLOW"})");
    CHECK(made.text ==
          "  # syscalls[0]: unknown system calls: frob\n"
          "  # syscalls[0]: SCMP_ACT_ERRNO is the default:\n\n"
          "  # why\n"
          "  allow syscall read,\n");
}

TEST_CASE("import: malformed profiles", "[import]") {
    CHECK(error_of("") ==
          "f.json:1:1: error: this is no JSON: syntax error while parsing value - "
          "unexpected end of input; expected '[', '{', or a literal");
    CHECK(error_of("{\n  \"a\": tru\n}").starts_with("f.json:2:11: error: this is no JSON: "));
    CHECK(error_of("{\"a\": \"\xff\"}").contains("this is no JSON: "));
    CHECK(error_of(R"({"a": {"b": 1, "b": 2}})").ends_with("f.json: the key 'b' is there twice"));
    CHECK(error_of(R"({"a": 1e999})").contains("f.json"));
    CHECK(error_of(std::string(100'000, '[')).ends_with("nest deeper than 32"));
    std::string deep;
    for (int i = 0; i < 100'000; i++) deep += "{\"a\":";
    CHECK(error_of(deep).ends_with("nest deeper than 32"));
    CHECK(error_of("[]").ends_with("the profile is no object"));
    CHECK(error_of("{}").ends_with("defaultAction is missing"));
    CHECK(error_of(R"({"defaultAction": 5})").ends_with("defaultAction is no string"));
    CHECK(error_of(R"({"defaultAction": "SCMP_ACT_ERNO"})")
              .ends_with("defaultAction is an unknown action 'SCMP_ACT_ERNO'"));
    CHECK(error_of(R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": {}})")
              .ends_with("syscalls is no list"));
    CHECK(error_of(R"({"defaultAction": "SCMP_ACT_KILL", "syscalls": [], "defaultErrnoRet": -1})")
              .contains("defaultErrnoRet is no number from 0 to "));
    CHECK(error_of(R"({"defaultAction": "SCMP_ACT_ERRNO"})")
              .ends_with("it allows no system call: no process could run"));

    const auto many =
        rules("SCMP_ACT_ERRNO",
              R"(5, {"names": "read", "action": "SCMP_ACT_ALLOW"}, {"action": "SCMP_ACT_ALLOW"},
           {"names": [1], "action": null, "errnoRet": "x", "args": [7,
             {"index": 6, "value": 1.5, "op": "="}, {}], "includes": [],
            "excludes": {"caps": 1, "minKernel": "six"}})");
    CHECK(many.errors == 16);
    CHECK(many.said.contains("syscalls[0] is no object"));
    CHECK(many.said.contains("syscalls[1].names is no list"));
    CHECK(many.said.contains("syscalls[2].names is missing"));
    CHECK(many.said.contains("syscalls[3].names[0] is no string"));
    CHECK(many.said.contains("syscalls[3].action is no string"));
    CHECK(many.said.contains("syscalls[3].args[0] is no object"));
    CHECK(many.said.contains("syscalls[3].args[1].index is no number from 0 to 5"));
    CHECK(many.said.contains("syscalls[3].args[1].value is no number from 0 to "));
    CHECK(many.said.contains("syscalls[3].args[1].op is an unknown comparison '='"));
    CHECK(many.said.contains("syscalls[3].args[2].op is missing"));
    CHECK(many.said.contains("syscalls[3].includes is no object"));
    CHECK(many.said.contains("syscalls[3].excludes.minKernel 'six' is no version"));
}

TEST_CASE("import: a list is a policy for each namespace", "[import]") {
    const auto one =
        import_list("mkdir, 4026532201\r\n\n# why\n unlink ,4026532201# x\nmkdir,4026532201");
    CHECK(one.text ==
          "policy p flags=(default_allow) {\n  bind pid 4026532201,\n"
          "  deny syscall (mkdir, unlink) errno=EPERM,\n}\n");
    CHECK(one.said.empty());
    const auto two = import_list("mkdir, 2\nfrob, 1\nchmod, 2\n", "net");
    CHECK(two.text ==
          "policy p-2 flags=(default_allow) {\n  bind net 2,\n"
          "  deny syscall (mkdir, chmod) errno=EPERM,\n}\n\n"
          "policy p-1 flags=(default_allow) {\n  bind net 1,\n\n"
          "  # unknown system call: frob\n}\n");
    CHECK(two.said.starts_with("f:2:1: warning: unknown system call 'frob' becomes a comment"));
}

TEST_CASE("import: malformed lists", "[import]") {
    CHECK(import_list("").said.contains("f has no line with a system call"));
    CHECK(import_list("# a\n\n").errors == 1);
    const auto many = import_list(
        "mkdir\nmkdir 5\n, 5\nmkdir,\nmkdir, 0\nmkdir, 5x\nmkdir, 4294967296\nmk dir, 5\nmkdir, "
        "-1\n"
        "mkdir, 1, 2\n" +
        std::string("a\0b, 5\n", 7));
    CHECK(many.errors == 11);
    CHECK(many.said.contains("f:1:1: error: this is no line of a list"));
    CHECK(many.said.contains("f:3:1: error: the system call's name is missing"));
    CHECK(many.said.contains("f:4:7: error: the namespace's number is missing"));
    CHECK(many.said.contains("f:5:8: error: '0' is no number of a namespace"));
    CHECK(many.said.contains("f:8:1: error: 'mk dir' is no name"));
    CHECK(many.said.contains("f:11:2: error: a NUL byte"));
}

TEST_CASE("import: names of policies", "[import]") {
    CHECK(import::name_for("/a/b.c/web.min.json") == "web.min");
    CHECK(import::name_for("a b\"c") == "a-b-c");
    CHECK(import::name_for(".hidden") == ".hidden");
    CHECK(import::name_for("") == "imported");
    CHECK(import::is_name("a b"));
    CHECK_FALSE(import::is_name(""));
    CHECK_FALSE(import::is_name("a\"b"));
    CHECK_FALSE(import::is_name("a\nb"));
    const auto text = import::write({{}, {{"a b", {}, {}}}});
    CHECK(text == "policy \"a b\" flags=(default_allow) {\n}\n");
}
