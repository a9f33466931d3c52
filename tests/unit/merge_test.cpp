// SPDX-License-Identifier: GPL-2.0-only
#include "merge/merge.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "decide/decide.hpp"
#include "driver.hpp"
#include "support/temporary.hpp"

using namespace isolates;

namespace {

// Policies enough to have all sections, and automata of all kinds.
const std::string rules =
    "  /{a,b}/*.{x,y}[0-9] rw,\n  deny /a/secret{,/**} rw errno=ENOENT,\n  audit /c/** r,\n"
    "  signal send set=(kill term) peer=web*,\n  network inet stream ip=10.0.0.0/8 port=1-1000,\n"
    "  deny syscall (mkdirat, unlinkat) errno=EACCES,\n  bind net /run/netns/x,\n  mount,\n"
    "  set rlimit nofile <= 9,\n  /bin/* px -> other,\n  deny syscall socket(0 == AF_PACKET),\n";

struct Compiler {
    std::vector<std::byte> operator()(const std::string& text) {
        const auto file = folder.write(std::to_string(count++) + ".ipol", text);
        auto run = compile({file}, {});
        REQUIRE(run.blob);
        return {run.blob->bytes().begin(), run.blob->bytes().end()};
    }

    test::TemporaryFolder folder;
    int count = 0;
};

decide::Blob load(const std::vector<std::byte>& bytes) {
    auto blob = decide::Blob::load(bytes);
    REQUIRE(blob);
    return std::move(*blob);
}

std::vector<merge::Part> all_of(const std::vector<decide::Blob>& blobs) {
    std::vector<merge::Part> parts;
    for (const auto& blob : blobs) {
        const auto more = merge::parts_of(blob);
        parts.insert(parts.end(), more.begin(), more.end());
    }
    return parts;
}

}  // namespace

TEST_CASE("merge: one blob alone stays what it is, byte for byte", "[merge]") {
    Compiler compiler;
    const auto bytes =
        compiler("policy b {\n" + rules + "}\npolicy a {\n  /z r,\n" + rules + "}\n");
    const auto blob = load(bytes);
    const auto merged = merge::merge(merge::parts_of(blob));
    REQUIRE(merged);
    CHECK(*merged == bytes);
}

TEST_CASE("merge: several decide as each did, whatever their order", "[merge]") {
    Compiler compiler;
    std::vector<decide::Blob> blobs;
    blobs.push_back(load(compiler("policy one {\n" + rules + "}\n")));
    blobs.push_back(load(
        compiler("policy two { /only/two r, deny syscall open errno=EIO, }\npolicy zero { }\n")));
    auto parts = all_of(blobs);
    const auto merged = merge::merge(parts);
    REQUIRE(merged);
    std::swap(parts[0], parts[2]);
    std::swap(parts[0], parts[1]);
    CHECK(load(*merge::merge(parts)).policies().size() == 3);

    const auto whole = load(*merged);
    const auto one = *whole.find("one");
    const auto two = *whole.find("two");
    CHECK(one.decide(decide::FileFacts{ISOLATES_FILE_READ, "/a/q.x7"}).denied == 0);
    CHECK(two.decide(decide::FileFacts{ISOLATES_FILE_READ, "/a/q.x7"}).denied);
    CHECK(two.decide(decide::FileFacts{ISOLATES_FILE_READ, "/only/two"}).denied == 0);
    const auto denied = one.decide(decide::FileFacts{ISOLATES_FILE_READ, "/a/secret/x"});
    CHECK(denied.error == ENOENT);
    REQUIRE(denied.denied_by);
    CHECK(denied.denied_by->source.ends_with("0.ipol"));
    CHECK(denied.denied_by->line == 3);
    const auto call = two.decide_syscall("open");
    REQUIRE(call.denied);
    CHECK(call.error == EIO);
    CHECK(call.denied_by->source.ends_with("1.ipol"));
    CHECK(one.raw().bindings.count == 1);
}

TEST_CASE("merge: stripped it is what the compiler would have stripped", "[merge]") {
    Compiler compiler;
    const auto text = "policy b {\n" + rules + "}\npolicy a {\n" + rules + "}\n";
    const auto blob = load(compiler(text));
    const auto merged = merge::merge(merge::parts_of(blob), true);
    REQUIRE(merged);
    CompileOptions options;
    options.strip = true;
    const auto stripped = compile_text("other", text, options);
    CHECK(std::ranges::equal(*merged, stripped.blob->bytes()));
}

TEST_CASE("merge: some policies of a blob, without the others", "[merge]") {
    Compiler compiler;
    const auto blob = load(compiler("policy a {\n" + rules + "}\npolicy b { /b r, }\n"));
    const auto merged = merge::merge({{&blob, 1}});
    REQUIRE(merged);
    const auto only = load(*merged);
    CHECK(only.policies().size() == 1);
    CHECK(only.find("b"));
}

TEST_CASE("merge: a source that two blobs share is kept once", "[merge]") {
    Compiler compiler;
    const auto bytes = compiler("policy a { /a r, }\npolicy b { /b r, }\n");
    const auto first = load(bytes);
    const auto second = load(bytes);
    const auto merged = merge::merge({{&first, 0}, {&second, 1}});
    REQUIRE(merged);
    CHECK(*merged == bytes);
}

TEST_CASE("merge: two policies of one name are refused", "[merge]") {
    Compiler compiler;
    std::vector<decide::Blob> blobs;
    blobs.push_back(load(compiler("policy a { }\n")));
    blobs.push_back(load(compiler("policy a { /x r, }\n")));
    const auto merged = merge::merge(all_of(blobs));
    REQUIRE_FALSE(merged);
    CHECK(merged.error() == "there are two policies 'a'");
}
