// SPDX-License-Identifier: GPL-2.0-only
#include "config/config.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "diag/render.hpp"
#include "support/temporary.hpp"

using namespace isolates;

namespace {

struct Read {
    explicit Read(const std::string& text) {
        config = config::read(folder.write("ipolc.toml", text), sources, report);
        said = diag::render(report, sources, false);
    }

    test::TemporaryFolder folder;
    diag::Sources sources;
    diag::Report report;
    config::Config config;
    std::string said;
};

}  // namespace

TEST_CASE("config: all keys", "[config]") {
    const Read read(
        "include = [\"/one\", \"two\"]\ncolor = \"never\"\n[define]\nA = \"x\"\nB = [\"y\", \"z "
        "w\"]\n");
    INFO(read.said);
    CHECK(read.report.errors() == 0);
    CHECK(read.config.include_path == parse::SearchPath{"/one", read.folder.path("two")});
    CHECK(read.config.color == config::Color::never);
    REQUIRE(read.config.definitions.size() == 2);
    CHECK(read.config.definitions[0].name == "A");
    CHECK(read.config.definitions[1].values == std::vector<std::string>{"y", "z w"});
}

TEST_CASE("config: what is not said is as without a file", "[config]") {
    const Read read("");
    CHECK(read.report.errors() == 0);
    CHECK(read.config.include_path == parse::SearchPath{"/etc/ipolc"});
    CHECK(read.config.color == config::Color::automatic);
}

TEST_CASE("config: every key that is wrong is reported with its place", "[config]") {
    const Read read(
        "includes = \"x\"\ncolor = \"red\"\ninclude = 5\n\n[define]\n1A = \"x\"\nB = "
        "[1]\n[colour]\n");
    CHECK(read.report.errors() == 6);
    CHECK(read.said.contains("ipolc.toml:1:1: error: unknown key 'includes'"));
    CHECK(read.said.contains("did you mean 'include'?"));
    CHECK(read.said.contains("ipolc.toml:2:9: error: color is"));
    CHECK(read.said.contains("ipolc.toml:3:11: error: this is a string, or an array of strings"));
    CHECK(read.said.contains("ipolc.toml:6:1: error: '1A' is no name of a variable"));
    CHECK(read.said.contains("ipolc.toml:7:6: error: this is to be a string"));
}

TEST_CASE("config: what is no TOML is reported with its place", "[config]") {
    const Read read("include = [\n");
    CHECK(read.report.errors() == 1);
    CHECK(read.said.contains("ipolc.toml:"));
}

TEST_CASE("config: a file that is not there is an error", "[config]") {
    diag::Sources sources;
    diag::Report report;
    static_cast<void>(config::read("/nowhere/ipolc.toml", sources, report));
    CHECK(report.errors() == 1);
}
