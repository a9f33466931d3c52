// SPDX-License-Identifier: GPL-2.0-only
#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "diag/render.hpp"
#include "parse/file.hpp"
#include "parse/parse.hpp"
#include "reference/generator.hpp"
#include "reference/text_changer.hpp"
#include "support/temporary.hpp"

using namespace isolates;

namespace {

struct Parsed {
    explicit Parsed(const std::string& text) : file(folder.write("f.ipol", text)) {
        document = parse::parse(file, {folder.path("include")}, sources, report);
    }

    [[nodiscard]] std::string said() const { return diag::render(report, sources, false); }

    // The only rule of the only policy.
    template <typename R>
    [[nodiscard]] R rule() const {
        INFO(said());
        REQUIRE(report.errors() == 0);
        REQUIRE(document.policies.size() == 1);
        REQUIRE(document.policies[0].rules.size() == 1);
        REQUIRE(std::holds_alternative<R>(document.policies[0].rules.front()));
        return std::get<R>(document.policies[0].rules.front());
    }

    test::TemporaryFolder folder;
    std::string file;
    diag::Sources sources;
    diag::Report report;
    ast::Document document;
};

// The only rule, with the text that it is of.
struct ParsedFileRule : private Parsed, ast::FileRule {
    explicit ParsedFileRule(const std::string& text)
        : Parsed("policy p {\n" + text + "\n}\n"), ast::FileRule(rule<ast::FileRule>()) {}
};

std::string repeated(const std::string& text, std::size_t count) {
    std::string result;
    for (std::size_t i = 0; i < count; i++) result += text;
    return result;
}

}  // namespace

TEST_CASE("parse: a path takes whatever AppArmor lets it have", "[parse]") {
    const std::string path =
        GENERATE(as<std::string>(), "/a", "/a,b", "/{a,b}", "/a=b+c(d)", "/a\\ b\\,c", "/a#b",
                 "@{X}/a", "@{X}", "/a!b", "/@{X}{,/}**", "/a-b.c_d~", "/\xc3\xa4\xff");
    const ParsedFileRule rule(path + " rw,");
    CHECK(rule.path->text == path);
    CHECK(rule.letters->text == "rw");
}

TEST_CASE("parse: both orders, with and without 'file', mean the same", "[parse]") {
    const std::string text = GENERATE(as<std::string>(), "/a rw,", "rw /a,", "file /a rw,",
                                      "file rw /a,", "\"/a\" rw,", "rw \"/a\",", "/a\n  rw,",
                                      "/a # c\n rw,", "/a \\\n rw,", "\t/a\trw\t,", "/a rw,\r");
    const ParsedFileRule rule(text);
    CHECK(rule.path->text == "/a");
    CHECK(rule.letters->text == "rw");
}

TEST_CASE("parse: a quoted text is without its quotes, and keeps its escapes", "[parse]") {
    CHECK(ParsedFileRule("\"/a \\\" b\" r,").path->text == "/a \\\" b");
    CHECK(ParsedFileRule("\"@{X}/a b\" r,").path->quoted);
}

TEST_CASE("parse: spans are lines and columns in bytes", "[parse]") {
    const ParsedFileRule rule("  deny /\xc3\xa4 rw,");
    CHECK(rule.qualifiers->deny->begin == diag::Position{2, 3});
    CHECK(rule.path->at.begin == diag::Position{2, 8});
    CHECK(rule.path->at.end == diag::Position{2, 11});
    CHECK(rule.letters->at.begin == diag::Position{2, 12});
    CHECK(rule.at.begin == diag::Position{2, 3});
}

TEST_CASE("parse: conditions are keys with words or lists", "[parse]") {
    const Parsed parsed(
        "policy p { network (connect) inet peer=(ip=10.0.0.0/8, port=1) errno = EIO, }\n");
    const auto rule = parsed.rule<ast::NetworkRule>();
    REQUIRE(rule.conditions.size() == 2);
    CHECK(rule.conditions[0].key.text == "peer");
    REQUIRE(rule.conditions[0].items.size() == 2);
    CHECK(rule.conditions[0].items[0].key->text == "ip");
    CHECK(rule.conditions[0].items[0].value.text == "10.0.0.0/8");
    CHECK(rule.conditions[1].items[0].value.text == "EIO");
}

TEST_CASE("parse: variables are words up to the line's end", "[parse]") {
    const Parsed parsed("@{A} = a \"b c\" @{B}/d # comment\n@{B}+=x,y\\\n z\n@C=1\npolicy p { }\n");
    INFO(parsed.said());
    REQUIRE(parsed.document.assignments.size() == 3);
    CHECK(parsed.document.assignments[0].name.text == "A");
    REQUIRE(parsed.document.assignments[0].values.size() == 3);
    CHECK(parsed.document.assignments[0].values[1].text == "b c");
    CHECK(parsed.document.assignments[1].how == ast::Assignment::How::append);
    CHECK(parsed.document.assignments[1].values[0].text == "x,y");
    CHECK(parsed.document.assignments[2].name.text == "C");
}

TEST_CASE("parse: several errors in one file are all reported, and the rest is read", "[parse]") {
    const Parsed parsed(
        "policy a {\n  capabilty x,\n  /a r\n  /b w,\n  signal (send,\n  /c r,\n}\npolicy b { /d "
        "r, }\n");
    INFO(parsed.said());
    CHECK(parsed.report.errors() == 3);
    REQUIRE(parsed.document.policies.size() == 2);
    CHECK(parsed.document.policies[1].rules.size() == 1);
}

TEST_CASE("parse: a file is included once in a block, and again in the next", "[parse]") {
    test::TemporaryFolder folder;
    folder.write("include/x", "  /x r,\n");
    const auto file =
        folder.write("f.ipol",
                     "policy a {\n include <x>\n #include <x>\n include if exists <x>\n}\n"
                     "policy b {\n include <x>\n}\n");
    diag::Sources sources;
    diag::Report report;
    const auto document = parse::parse(file, {folder.path("include")}, sources, report);
    CHECK(report.errors() == 0);
    REQUIRE(document.policies.size() == 2);
    CHECK(document.policies[0].rules.size() == 1);
    CHECK(document.policies[1].rules.size() == 1);
    CHECK(sources.file_count() == 2);
}

TEST_CASE("parse: the search path's first folder counts, and a quoted name is beside the file",
          "[parse]") {
    test::TemporaryFolder folder;
    folder.write("one/x", "/one r,\n");
    folder.write("two/x", "/two r,\n");
    folder.write("sub/beside", "/beside r,\n");
    const auto file =
        folder.write("sub/f.ipol", "policy a {\n include <x>\n include \"beside\"\n}\n");
    diag::Sources sources;
    diag::Report report;
    const auto document = parse::parse(
        file, {folder.path("none"), folder.path("two"), folder.path("one")}, sources, report);
    REQUIRE(document.policies.size() == 1);
    REQUIRE(document.policies[0].rules.size() == 2);
    CHECK(std::get<ast::FileRule>(document.policies[0].rules.front()).path->text == "/two");
    CHECK(std::get<ast::FileRule>(document.policies[0].rules.back()).path->text == "/beside");
}

TEST_CASE("parse: a folder is included by name, without what editors leave", "[parse]") {
    test::TemporaryFolder folder;
    folder.write("include/d/b", "/b r,\n");
    folder.write("include/d/a", "/a r,\n");
    folder.write("include/d/a~", "junk\n");
    folder.write("include/d/c.dpkg-old", "junk\n");
    folder.write("include/d/.hidden", "junk\n");
    const auto file = folder.write("f.ipol", "policy a {\n include <d>\n /z r,\n}\n");
    diag::Sources sources;
    diag::Report report;
    const auto document = parse::parse(file, {folder.path("include")}, sources, report);
    CHECK(report.errors() == 0);
    REQUIRE(document.policies[0].rules.size() == 3);
    CHECK(std::get<ast::FileRule>(document.policies[0].rules.front()).path->text == "/a");
    CHECK(std::get<ast::FileRule>(*std::next(document.policies[0].rules.begin(), 2)).path->text ==
          "/z");
}

TEST_CASE("parse: includes and blocks nest to a limit", "[parse]") {
    SECTION("includes") {
        test::TemporaryFolder folder;
        for (int i = 0; i < 100; i++)
            folder.write("include/" + std::to_string(i),
                         "include <" + std::to_string(i + 1) + ">\n");
        const auto file = folder.write("f.ipol", "include <0>\n");
        diag::Sources sources;
        diag::Report report;
        static_cast<void>(parse::parse(file, {folder.path("include")}, sources, report));
        REQUIRE(report.errors() == 1);
        CHECK(report.diagnostics()[0].text == "includes nest deeper than 64");
    }
    SECTION("blocks") {
        const Parsed parsed("policy a " + repeated("{ deny ", 10'000));
        CHECK(parsed.said().contains("blocks nest deeper than 64"));
    }
    SECTION("parentheses and braces that are no blocks") {
        const Parsed parsed("policy a { signal " + repeated("(", 100'000) + ",\n /x" +
                            repeated("{", 100'000) + " r,\n}\n");
        CHECK(parsed.report.errors() == 1);
    }
}

TEST_CASE("parse: hostile text ends in errors", "[parse]") {
    const auto text = GENERATE(
        as<std::string>(), "", "\n", "{", "}", "}}}}", "((((", "\"", "\"\\", "\\", "@", "@{", "@{}",
        "$", "include", "include <", "#include", "#include <", "abi", "abi <", "policy",
        "policy \"", "policy a", "policy a {", "policy a { /x", "policy a { /x r",
        "policy a { signal (",
        "policy a { signal set=", "policy a { network peer=(ip=", "policy a { deny",
        "@{X} =", "@{X} = \"", "if", "else {", "policy a { if {", "policy a { mount (", "-> , -> ,",
        ",,,,", "policy a { , , }", "\xff\xfe", "policy a { /\xff r, }", "\r\r\r",
        "priority=", "priority=5", "policy a { priority=5 }", "policy a { ^ }", "policy a { hat }");
    const Parsed parsed(text);
    SUCCEED(parsed.said());
}

TEST_CASE("parse: a line of a megabyte is read", "[parse]") {
    const ParsedFileRule rule("/" + std::string(1 << 20, 'x') + " r,");
    CHECK(rule.path->text.size() == (1 << 20) + 1);
}

TEST_CASE("parse: what cannot be read is an error", "[parse]") {
    test::TemporaryFolder folder;
    CHECK_FALSE(parse::read_file(folder.path("nothing")));
    CHECK(parse::read_file(folder.path("")).error() == "Is a directory");
    CHECK(parse::read_file(folder.write("big", std::string(100, 'x')), 99).error() ==
          "it is larger than 99 bytes");
    CHECK(parse::read_file(folder.write("fits", std::string(100, 'x')), 100)->size() == 100);
}

// Not the text matters, nor what is said of it: only that the lexer and the parser come
// to an end, whatever state an error leaves them in.
TEST_CASE("parse: policies with anything changed in them come to an end", "[parse]") {
    const std::string text =
        "abi <isolates/1>,\n@{A} = /a \"b c\" \\\n d # x\n@{A} += /e\n$B = true\n"
        "include if exists <x>\n#include \"y\"\n"
        "policy p /usr/{a,b} flags=(enforce, complain) xattrs=(a=b) {\n"
        "  @{A}/{x,y[^a-z]}** mrix -> t,\n  audit deny owner \"/q \\\" r\" (read, write) "
        "errno=EPERM,\n"
        "  signal (send, receive) set=(kill rtmin+3) peer=@{profile_name},\n"
        "  network (connect) inet stream ip=::1 port=1-2 peer=(ip=10.0.0.0/8, port=5),\n"
        "  deny syscall (a, b) errno=EIO,\n  deny syscall socket(0 == AF_PACKET),\n  bind net of "
        "12 on exec,\n"
        "  mount options=(rw, bind) /a -> /b/{c,d},\n  if defined @{A} { /x r, } else if $B { /y "
        "r, }\n"
        "  profile c { ^h { /z r, } }\n  priority=5 link subset /a -> /b,\n  dbus send "
        "peer=(name=(a,\n b)),\n}\n"
        "/bare { file, }\n";
    const auto seed = reference::test_seed();
    INFO("seed " << seed);
    reference::TextChanger changer(seed);
    for (int round = 0; round < 3000; round++) {
        const Parsed parsed(changer.changed(text));
        REQUIRE(parsed.said().size() < 1'000'000);
    }
}
