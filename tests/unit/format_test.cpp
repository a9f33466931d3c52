// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "diag/render.hpp"
#include "format/format.hpp"
#include "parse/file.hpp"
#include "reference/formatting.hpp"
#include "reference/generator.hpp"
#include "reference/text_changer.hpp"
#include "support/temporary.hpp"

using namespace isolates;

namespace {

std::optional<std::string> try_format(std::string_view text) {
    diag::Report report;
    auto result = format::formatted(text, 0, report);
    REQUIRE(result.has_value() == (report.errors() == 0));
    return result;
}

std::string formatted(std::string_view text) {
    const auto result = try_format(text);
    INFO(text);
    REQUIRE(result);
    return *result;
}

// A rule in a policy, formatted, without the policy and one level of indentation.
std::string rule(const std::string& text) {
    const std::string head = "policy p {\n";
    const auto whole = formatted(head + text + "\n}\n");
    REQUIRE(whole.starts_with(head));
    REQUIRE(whole.ends_with("}\n"));
    std::string result;
    std::size_t begin = head.size();
    while (begin < whole.size() - 2) {
        const auto end = whole.find('\n', begin) + 1;
        const auto line = whole.substr(begin, end - begin);
        REQUIRE((line == "\n" || line.starts_with("  ")));
        result += line == "\n" ? line : line.substr(2);
        begin = end;
    }
    return result.empty() ? result : result.substr(0, result.size() - 1);
}

std::string refused(std::string_view text) {
    diag::Sources sources;
    diag::Report report;
    const auto inclusion = sources.include(sources.add("f", std::string(text)), std::nullopt);
    REQUIRE_FALSE(format::formatted(text, inclusion, report));
    REQUIRE(report.errors() == 1);
    const auto said = diag::render(report, sources, false);
    return said.substr(0, said.find('\n'));
}

// True if it has tokens, all of which are there again.
bool check_properties(const std::string& text) {
    const auto fault = reference::check_formatting(text);
    if (!fault.empty()) FAIL(fault);
    return try_format(text).has_value();
}

std::vector<std::string> texts_under(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
        if (entry.is_regular_file()) files.push_back(entry.path());
    std::ranges::sort(files);
    std::vector<std::string> texts;
    for (const auto& file : files) texts.push_back(*parse::read_file(file));
    return texts;
}

constexpr std::string_view everything =
    "abi <isolates/1>,\n@{A} = /a \"b c\" \\\n d # x\n@{A} += /e\n$B = true\n"
    "include if exists <x>\n#include \"y\"\n# end\n"
    "policy p /usr/{a,b} flags=(enforce, complain) xattrs=(a=b) {\n"
    "  @{A}/{x,y[^a-z]}** mrix -> t,\n  audit deny owner \"/q \\\" r\" (read, write) "
    "errno=EPERM,\n\n\n"
    "  signal (send, receive) # which\n set=(kill rtmin+3) peer=@{profile_name},\n"
    "  network (connect) inet stream ip=::1 port=1-2 peer = (ip=10.0.0.0/8, port=5),\n"
    "  deny syscall (a, b) errno=EIO,\n  deny syscall socket(0 == AF_PACKET),\n  bind net of "
    "12 on exec,\n"
    "  mount options=(rw, bind) /a -> /b/{c,d},\n  if defined @{A} { /x r, } else if $B { /y "
    "r, }\n"
    "  profile c { ^h { /z r, } }\n  priority=5 link subset /a -> /b,\n  dbus send "
    "peer=(name=(a,\n b)) member={A,B},\n  /a\\ b\\,c#d r, # e\n}\n"
    "/bare { file, }\n";

}  // namespace

TEST_CASE("format: one rule a line, two spaces a level", "[format]") {
    CHECK(formatted("policy a { /a r, /b w, ^h { /c   r  , } }") ==
          "policy a {\n  /a r,\n  /b w,\n  ^h {\n    /c r,\n  }\n}\n");
    CHECK(formatted("policy a{}\n") == "policy a{}\n");  // a name, as in AppArmor
    CHECK(formatted(":ns:/bin/{a,b}n { /a r, }") == ":ns:/bin/{a,b}n {\n  /a r,\n}\n");
    CHECK(formatted("policy a\n{\n\n\n}\n\n") == "policy a {\n}\n");
    CHECK(formatted("x (a { , b)\n") == "x (a { , b)\n");
    CHECK(formatted("policy a {\n  owner   include <a,b>\n  /c r,\n}\n") ==
          "policy a {\n  owner include <a,b>\n  /c r,\n}\n");
    CHECK(formatted("/bin/x flags=(complain){ deny { /a r, } }") ==
          "/bin/x flags=(complain) {\n  deny {\n    /a r,\n  }\n}\n");
    CHECK(formatted("").empty());
    CHECK(formatted(" \n\t\n").empty());
    CHECK(rule("if $a { /a r, }\nelse if not $b{ /b r, } else\n{ /c r, }") ==
          "if $a {\n  /a r,\n} else if not $b {\n  /b r,\n} else {\n  /c r,\n}");
}

TEST_CASE("format: at most one empty line, and none at the edges of a block", "[format]") {
    CHECK(rule("\n\n/a r,\n\n\n\n/b r,\n/c r,\n\n") == "/a r,\n\n/b r,\n/c r,");
    CHECK(rule("# a\n\n\n# b\n\n/a r,\n\n# c\n") == "# a\n\n# b\n\n/a r,\n\n# c");
}

TEST_CASE("format: comments stay where they are", "[format]") {
    CHECK(rule("# own \t\n/a r,# behind\n      # own\n/b   # within\n r,") ==
          "# own\n/a r,  # behind\n# own\n/b  # within\n  r,");
    CHECK(rule("/a r # before the comma\n,") == "/a r  # before the comma\n  ,");
    CHECK(rule("signal # a\n (send, # b\n # c\n receive # d\n ) # e\n ,") ==
          "signal  # a\n  (send,  # b\n  # c\n  receive  # d\n)  # e\n  ,");
    CHECK(formatted("policy a # x\n{ # y\n# z\n} # end\n# file") ==
          "policy a  # x\n{  # y\n  # z\n}  # end\n# file\n");
    CHECK(rule("if $a { } # x\nelse { }") == "if $a {\n}  # x\nelse {\n}");
    CHECK(rule("/a#b,#c r,") == "/a#b,#c r,");
    CHECK(rule("/a r, #include <x>\n/b r,") == "/a r,\n#include <x>\n/b r,");
    CHECK(rule("/a #include <x>\nr,") == "/a  #include <x>\n  r,");
}

TEST_CASE("format: words are what the language takes for one", "[format]") {
    const std::string kept = GENERATE(
        as<std::string>(), "/a/{b,c}/** r,", "/a,b,{c,}d r,", "\"/a  b,\\\" c\" r,", "/a\\ \\,b r,",
        "@{X}/{a,@{Y}} rw,", "/a px -> b,", "/a cx -> \"b  c\",", "/a[^,]b r,",
        "unix peer=(addr=@{a,b}*, label=/x/{y,z}),", "mount options=(ro, bind) {/a,/b} -> /c{,d}/,",
        "dbus send member={A,B} path=/c/{d,e},", "set rlimit nofile <= 1024,",
        "syscall a(0 & 0x1f == 0),", "priority=-5 /a r,", "signal set=(rtmin+3) peer=a{b,c},",
        "abi \"a b\",", "change_profile /a -> :ns:b,");
    CHECK(rule(kept) == kept);
}

TEST_CASE("format: a boolean variable's brace opens no block", "[format]") {
    CHECK(rule("if not ${X} and (${Y}) { /a r, }") == "if not ${X} and (${Y}) {\n  /a r,\n}");
}

TEST_CASE("format: white space of a rule", "[format]") {
    CHECK(rule("\tdeny\t/a\r\n") == "deny /a");  // its comma is missing
    CHECK(rule("signal( send,receive ,, )set = ( kill ) peer= a ,") ==
          "signal(send, receive,,)set=(kill) peer=a,");
    CHECK(rule("signal (\nsend,\nreceive\n)\nset=(\nkill term),") ==
          "signal (\n  send,\n  receive\n)\n  set=(\n  kill term),");
    CHECK(rule("x a= =b, x a==b,") == "x a= =b,\nx a==b,");
    CHECK(rule("/a \\\n r,") == "/a \\\n  r,");
    CHECK(rule("/a r, \\\n /b r,") == "/a r,\n/b r,");
    CHECK(formatted("/a r, \\") == "/a r,\n");
    CHECK(formatted("/a\\") == "/a\n");
    CHECK(rule("capability a ,capability b\n,") == "capability a,\ncapability b,");
}

TEST_CASE("format: assignments end with their line", "[format]") {
    CHECK(formatted("@{A}=a   b# c\n@{A}+=\"x  y\"z\n@B ?= a,b c, # d\n${C}=true") ==
          "@{A} = a b# c\n@{A} += \"x  y\"z\n@B ?= a,b c,  # d\n${C} = true\n");
    CHECK(formatted("@{A} = a \\\n\\\nb \\ \n\n@{B} = c \\\n") == "@{A} = a \\\n  b\n@{B} = c\n");
    CHECK(formatted("@{A} = a \\\n # c\n b r,") == "@{A} = a \\\n  # c\nb r,\n");
    CHECK(formatted("@{A} r, @{A}/b= r,") == "@{A} r,\n@{A}/b= r,\n");
}

TEST_CASE("format: includes end behind their name", "[format]") {
    CHECK(formatted(
              "include   <a b> include if\texists \"c\"#include\td,e\n#includes\n# include <x>") ==
          "include <a b>\ninclude if exists \"c\"\n#include d,e\n#includes\n# include <x>\n");
    CHECK(formatted("include <a> , # b\n/x r,") == "include <a>,  # b\n/x r,\n");
    CHECK(formatted("abi  <abi/3.0> ,include \\\n<a>") == "abi <abi/3.0>,\ninclude <a>\n");
}

TEST_CASE("format: what is included in policies may be a level deep", "[format]") {
    CHECK(formatted("# head\n\n /a r,\n# own\n    /b r,\n") ==
          "# head\n\n  /a r,\n  # own\n  /b r,\n");
    CHECK(formatted("    # head\n /a r,\n") == "  # head\n  /a r,\n");
    CHECK(formatted(" ^a {\n /a r,\n }\n") == "  ^a {\n    /a r,\n  }\n");
    CHECK(formatted(" /a r,\n/b r,\n") == "/a r,\n/b r,\n");
    CHECK(formatted(" policy a {\n}\n") == "policy a {\n}\n");
}

TEST_CASE("format: what is not well-formed is refused", "[format]") {
    CHECK(refused("policy a {\n  \"/x r,\n}\n") == "f:2:3: error: the closing quote is missing");
    CHECK(refused("@{A} = \"x\\\n\"") == "f:1:8: error: the closing quote is missing");
    CHECK(refused("policy a {") == "f:1:10: error: this block is not closed: '}' is missing");
    CHECK(refused("policy a { } }") == "f:1:14: error: this brace closes nothing");
    CHECK(refused("policy a { signal (a, }") ==
          "f:1:19: error: this list is not closed: ')' is missing");
    CHECK(refused("signal (a,") == "f:1:8: error: this list is not closed: ')' is missing");
    CHECK(refused("signal a),") == "f:1:9: error: this parenthesis closes nothing");
    CHECK(refused("@{A} = a \\  \\\n\n") ==
          "f:1:10: error: a blank with a backslash before it cannot end a line: put it in quotes");
    CHECK(refused("policy {\\\n") == "f:1:8: error: this block is not closed: '}' is missing");
    CHECK(refused("include\\\n") == "f:1:1: error: an include names a file: <name> or \"name\"");
    CHECK(refused("include <a\n>") == "f:1:9: error: the closing '>' is missing");
    CHECK(refused("include \n<a>") == "f:1:9: error: an include names a file: <name> or \"name\"");
    CHECK(refused(std::string("/a\n\0b", 5)) == "f:2:1: error: a NUL byte: this is no text");

    std::string deep;
    for (std::size_t i = 0; i < 10'000; i++) deep += "policy a {\n";
    CHECK(refused(deep) == "f:65:10: error: blocks nest deeper than 64");
    CHECK(refused("x " + std::string(10'000, '(')) == "f:1:67: error: lists nest deeper than 64");
}

TEST_CASE("format: every policy and golden test", "[format]") {
    std::size_t count = 0;
    for (const auto* folder : {"policies", "tests/golden"})
        for (const auto& text : texts_under(std::filesystem::path(ISOLATES_TOP) / folder))
            count += check_properties(text) ? 1 : 0;
    CHECK(count > 20);
}

TEST_CASE("format: our own policies are", "[format]") {
    for (const auto& text : texts_under(std::filesystem::path(ISOLATES_TOP) / "policies"))
        CHECK(formatted(text) == text);
}

TEST_CASE("format: texts with anything changed in them", "[format]") {
    // One text with all there is, and one that the parser takes whole.
    const std::string rules =
        *parse::read_file(std::string(ISOLATES_TOP) + "/tests/golden/rules.ipol");
    const auto text = GENERATE_REF(std::string(everything), rules);
    check_properties(text);
    const auto seed = reference::test_seed();
    INFO("seed " << seed);
    reference::TextChanger changer(seed);
    std::size_t good = 0;
    for (int round = 0; round < 3000; round++)
        good += check_properties(changer.changed(text)) ? 1 : 0;
    CHECK(good > 500);
}

// White space alone is what the formatter changes; so all other white space in its place
// gives the same tokens again.
TEST_CASE("format: texts with any white space", "[format]") {
    static constexpr std::string_view spaces[] = {" ",      "  ",     "\t",  "\n",
                                                  "\n\n\n", " \r\n ", "\\\n"};
    const std::string rules =
        *parse::read_file(std::string(ISOLATES_TOP) + "/tests/golden/rules.ipol");
    const auto text = GENERATE_REF(std::string(everything), rules);
    const auto seed = reference::test_seed() + 1;
    INFO("seed " << seed);
    std::mt19937_64 random(seed);
    for (int round = 0; round < 2000; round++) {
        std::string changed;
        for (const char c : text) {
            if (c != ' ' || random() % 4)
                changed += c;
            else
                changed += spaces[random() % std::size(spaces)];
        }
        check_properties(changed);
    }
}
