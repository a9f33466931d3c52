// SPDX-License-Identifier: GPL-2.0-only
#include <array>
#include <catch2/catch.hpp>
#include <string>

#include "automata/split/split.hpp"
#include "driver.hpp"
#include "dump/dump.hpp"
#include "parse/parse.hpp"
#include "support/temporary.hpp"

using namespace isolates;

namespace {

model::Policy one_rule() {
    model::Policy policy;
    policy.name = "p";
    policy.rules.emplace_back();
    model::FileRule rule;
    rule.glob = "/a*";
    rule.operations = ISOLATES_FILE_READ;
    policy.files.push_back(rule);
    return policy;
}

}  // namespace

TEST_CASE("dump: bytes and texts", "[dump]") {
    CHECK(dump::byte('a') == "'a'");
    CHECK(dump::byte(0) == "0x00");
    CHECK(dump::byte(' ') == "0x20");
    CHECK(dump::bytes(automata::ByteSet::all()) == "any");
    CHECK(dump::bytes({}) == "none");
    auto set = automata::ByteSet::range('a', 'f');
    set.add('/');
    set.add(255);
    CHECK(dump::bytes(set) == "'/' 'a'-'f' 0xff");
    CHECK(dump::quoted("a\"b\\") == "\"a\\\"b\\\\\"");
    automata::Label label;
    CHECK(dump::label(label) == "-");
    label.allow = {1, 3};
    label.deny = {4, 4};
    CHECK(dump::label(label) == "allow 0x1/0x3 deny 0x4");
}

TEST_CASE("dump: tokens have their places", "[dump]") {
    const test::TemporaryFolder folder;
    const auto file = folder.write("f.ipol", "policy p {\n  /a r,\n}\n");
    diag::Sources sources;
    diag::Report report;
    const auto text = dump::tokens(file, {}, sources, report);
    CHECK(report.errors() == 0);
    CHECK(text.starts_with(file + ":1:1\t"));
    CHECK(text.contains(file + ":2:3\t"));
    CHECK(text.contains("\t/a\n"));
}

TEST_CASE("dump: the syntax and the meaning of a text", "[dump]") {
    const test::TemporaryFolder folder;
    const std::string text =
        "@{A} = /a \"b c\"\npolicy p flags=(enforce) {\n  audit deny owner @{A}/x rw,\n"
        "  if not defined @{B} {\n    signal (send, receive) set=(kill) peer=q,\n  }\n"
        "  deny syscall socket(0 == 1) errno=EIO,\n  bind net 7,\n}\n";
    const auto file = folder.write("f.ipol", text);
    diag::Sources sources;
    diag::Report report;
    CHECK(dump::syntax(parse::parse(file, {}, sources, report)) ==
          "assignment 1:1 A = /a \"b c\"\n"
          "policy 2:8 p flags(enforce)\n"
          "  file 3:3 audit deny owner path @{A}/x letters rw\n"
          "  if (not defined @{B})\n"
          "    signal 5:5 (send receive) set=(kill) peer=(q)\n"
          "  syscall 7:3 deny socket arguments (0 == 1) errno=(EIO)\n"
          "  bind 8:3 net number 7\n");
    CHECK(report.errors() == 0);

    const auto run = compile({folder.write("g.ipol",
                                           "policy p {\n  audit deny owner /a/x r errno=EIO,\n"
                                           "  signal (send) set=(kill) peer=q,\n"
                                           "  bind net 7,\n}\n")},
                             {});
    REQUIRE(run.blob);
    const auto meaning = dump::program(run.program);
    CHECK(meaning.starts_with("policy \"p\": mode 0\n"));
    CHECK(meaning.contains("g.ipol:2:3 audit deny errno=EIO file owner \"/a/x\" 0x1 "));
    CHECK(meaning.contains("g.ipol:3:3 allow signal 0x1 signals 9 peer \"q\"\n"));
    CHECK(meaning.contains("  binding: kind 3, where "));
}

TEST_CASE("dump: an automaton before and after it is deterministic", "[dump]") {
    const auto policy = one_rule();
    automata::Labels labels(true);
    const auto patterns = automata::spell_class(policy, ISOLATES_CLASS_FILE, labels);
    REQUIRE(patterns);
    const std::array<std::uint32_t, 1> chosen = {0};
    const auto nfa = automata::build_nfa(*patterns, chosen, labels);
    REQUIRE(nfa);
    const auto text = dump::nfa(*nfa, labels, "p file", dump::Form::text);
    CHECK(text.starts_with("nfa p file: "));
    CHECK(text.contains(" start\n    '/' -> "));
    CHECK(text.contains(" accept allow 0x1\n"));
    const auto graph = dump::nfa(*nfa, labels, "p \"file\"", dump::Form::dot);
    CHECK(graph.starts_with("digraph \"p \\\"file\\\"\" {\n"));
    CHECK(graph.ends_with("}\n"));
    CHECK(graph.contains(" [label=\"'/'\"];\n"));
    CHECK(graph.contains("doublecircle, xlabel=\"allow 0x1\""));

    const auto built = automata::build_automata(*patterns, labels);
    REQUIRE(built);
    REQUIRE(built->size() == 1);
    const auto states = dump::dfa(built->front(), labels, "p file 0", dump::Form::text);
    CHECK(states.starts_with("dfa p file 0: "));
    CHECK(states.contains(" start\n    '/' -> "));
    CHECK(states.contains(" accept allow 0x1\n"));
    CHECK(states == dump::dfa(built->front(), labels, "p file 0", dump::Form::text));
    CHECK(dump::dfa(built->front(), labels, "x", dump::Form::dot).contains(" [label=\"'/'\"];\n"));
}

TEST_CASE("dump: a blob, section by section", "[dump]") {
    const test::TemporaryFolder folder;
    const auto run = compile({folder.write("f.ipol",
                                           "policy p {\n  /a/{b,c,d,e,f}*[xyz] r,\n"
                                           "  bind net /run/netns/x,\n"
                                           "  deny /a/q w errno=EIO,\n"
                                           "  deny syscall mkdir errno=EACCES,\n}\n")},
                             {});
    REQUIRE(run.blob);
    const auto text = dump::blob(*run.blob);
    CHECK(text.starts_with("blob: version 1, " + std::to_string(run.blob->bytes().size()) +
                           " bytes"));
    CHECK(text.contains("\n  policies: 1\n"));
    CHECK(text.contains("\npolicy p: mode 0\n"));
    CHECK(text.contains("path \"/run/netns/x\"\n"));
    CHECK(text.contains("\n  syscall mkdir: action 0, flags 0x0, errno 13\n"));
    CHECK(text.contains("    errno 5 for "));
    CHECK(text.contains(" string, perms 0, otherwise 0: '/' 'a' '/' -> "));
    CHECK(text.contains("\nsource 0: "));
}
