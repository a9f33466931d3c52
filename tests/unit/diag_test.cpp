// SPDX-License-Identifier: GPL-2.0-only
#include <array>
#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "diag/render.hpp"
#include "diag/suggest.hpp"
#include "driver.hpp"

using namespace isolates::diag;

namespace {

// One file, read once.
struct OneFile {
    explicit OneFile(std::string text) {
        sources.include(sources.add("f", std::move(text)), std::nullopt);
    }

    Sources sources;
    Report report;
};

Span span(std::uint32_t line, std::uint32_t column, std::uint32_t end_column,
          std::uint32_t inclusion = 0) {
    return {inclusion, {line, column}, {line, end_column}};
}

}  // namespace

TEST_CASE("diag: the caret stands below the text, tabs and UTF-8 before it", "[diag]") {
    OneFile file("\tü x");
    file.report.error(span(1, 5, 6), "m");
    CHECK(render(file.report, file.sources, false) ==
          "f:1:5: error: m\n"
          "    1 | \tü x\n"
          "      | \t  ^\n"
          "1 error\n");
}

TEST_CASE("diag: a span behind the line's end has its caret there", "[diag]") {
    OneFile file("ab\ncd\n");
    file.report.error(span(2, 3, 3), "m");
    CHECK(render(file.report, file.sources, false) ==
          "f:2:3: error: m\n"
          "    2 | cd\n"
          "      |   ^\n"
          "1 error\n");
}

TEST_CASE("diag: a span beyond the text is no danger", "[diag]") {
    OneFile file("ab");
    file.report.error(span(9, 99, 100), "m");
    CHECK(render(file.report, file.sources, false).contains("f:9:99: error: m"));
    CHECK(file.sources.text(span(9, 99, 100)).empty());
}

TEST_CASE("diag: of a very long line only what is around the caret is shown", "[diag]") {
    OneFile file(std::string(1 << 20, 'x'));
    file.report.error(span(1, 500'000, 500'001), "m");
    CHECK(render(file.report, file.sources, false).size() < 1000);
}

TEST_CASE("diag: no control character of the text or the message gets through", "[diag]") {
    OneFile file("a\x1b[2Jb");
    file.report.error(span(1, 1, 2), "m\x1b[2J");
    CHECK_FALSE(render(file.report, file.sources, false).contains('\x1b'));
    CHECK(render(file.report, file.sources, true).contains("\x1b[1;31merror:"));
}

TEST_CASE("diag: diagnostics are in the order of the text, includes where they stand", "[diag]") {
    Sources sources;
    const auto main = sources.include(sources.add("main", "1\n2\n3\n"), std::nullopt);
    const auto included = sources.include(sources.add("inc", "1\n"), span(2, 1, 2, main));
    Report report;
    report.error(span(3, 1, 2, main), "third");
    report.warning(span(1, 1, 2, included), "second");
    report.error(span(1, 1, 2, main), "first");
    const auto text = render(report, sources, false);
    CHECK(text.find("first") < text.find("second"));
    CHECK(text.find("second") < text.find("third"));
    CHECK(text.contains("= included from main:2:1"));
    CHECK(text.ends_with("2 errors, 1 warning\n"));
}

TEST_CASE("diag: what is beyond the limit is counted", "[diag]") {
    OneFile file("x");
    for (std::size_t i = 0; i < Report::kept_max + 10; i++)
        file.report.error(span(1, 1, 2), "m").with_hint("h");
    CHECK(file.report.diagnostics().size() == Report::kept_max);
    CHECK(file.report.errors() == Report::kept_max + 10);
    CHECK(render(file.report, file.sources, false).contains("... and 960 more\n1010 errors\n"));
}

TEST_CASE("diag: JSON has the same, with places", "[diag]") {
    Sources sources;
    const auto main = sources.include(sources.add("main", "x\n"), std::nullopt);
    const auto included = sources.include(sources.add("inc", "yy\n"), span(1, 1, 2, main));
    Report report;
    report.error(span(1, 1, 3, included), "m").with_hint("h").with_note(span(1, 1, 2, main), "n");
    report.warning(std::nullopt, "nowhere");
    const auto json = to_json(report, sources);
    CHECK(json["errors"] == 1);
    CHECK(json["warnings"] == 1);
    const auto& nowhere = json["diagnostics"][0];
    CHECK(nowhere["severity"] == "warning");
    CHECK_FALSE(nowhere.contains("file"));
    const auto& error = json["diagnostics"][1];
    CHECK(error["file"] == "inc");
    CHECK(error["line"] == 1);
    CHECK(error["end_column"] == 3);
    CHECK(error["hint"] == "h");
    CHECK(error["notes"][0]["message"] == "n");
    CHECK(error["included_from"][0]["file"] == "main");
    CHECK(error["source"] == "yy");
    CHECK(error["notes"][0]["source"] == "x");
    CHECK_FALSE(json.contains("omitted"));
}

TEST_CASE("diag: JSON counts what is beyond the limit, and cuts long lines", "[diag]") {
    OneFile file(std::string(1'000'000, 'x'));
    for (std::size_t i = 0; i < Report::kept_max + 10; i++)
        file.report.error(span(1, 500'000, 500'001), "m");
    const auto json = to_json(file.report, file.sources);
    CHECK(json["errors"] == Report::kept_max + 10);
    CHECK(json["omitted"] == 10);
    const auto& error = json["diagnostics"][0];
    CHECK(error["source"].get_ref<const std::string&>().size() == 4096);
    CHECK(error["source_column"] == 500'000 - 2048);
    CHECK(error["column"] == 500'000);
}

namespace {

std::string place_of(const nlohmann::json& json) {
    if (!json.contains("file")) return "ipolc";
    return json["file"].get<std::string>() + ":" + std::to_string(json["line"].get<int>()) + ":" +
           std::to_string(json["column"].get<int>());
}

// The text of a report from its JSON, but for the source lines.
std::vector<std::string> text_of(const nlohmann::json& json) {
    std::vector<std::string> lines;
    for (const auto& entry : json["diagnostics"]) {
        lines.push_back(place_of(entry) + ": " + entry["severity"].get<std::string>() + ": " +
                        printable(entry["message"].get<std::string>()));
        if (entry.contains("hint"))
            lines.push_back("      = hint: " + printable(entry["hint"].get<std::string>()));
        if (entry.contains("included_from"))
            for (const auto& from : entry["included_from"])
                lines.push_back("      = included from " + place_of(from));
        if (entry.contains("notes"))
            for (const auto& note : entry["notes"])
                lines.push_back(place_of(note) +
                                ": note: " + printable(note["message"].get<std::string>()));
    }
    return lines;
}

}  // namespace

TEST_CASE("diag: JSON says of every golden test what the text says", "[diag]") {
    const std::filesystem::path golden = std::filesystem::path(ISOLATES_TOP) / "tests/golden";
    std::size_t count = 0;
    for (const auto& file : std::filesystem::directory_iterator(golden)) {
        if (file.path().extension() != ".ipol") continue;
        isolates::CompileOptions options;
        options.include_path = {(golden / "include").string()};
        const auto run = isolates::compile({file.path().string()}, options);
        const auto json = to_json(run.report, run.sources);
        CHECK(json["errors"] == run.report.errors());
        CHECK(json["warnings"] == run.report.warnings());
        if (run.report.diagnostics().size() > shown_max) continue;

        std::vector<std::string> lines;
        std::istringstream text(render(run.report, run.sources, false));
        for (std::string line; std::getline(text, line);)
            if (line.size() < 7 || line.substr(5, 3) != " | ") lines.push_back(line);
        if (!lines.empty()) lines.pop_back();  // how many there are
        CHECK(text_of(json) == lines);
        count += lines.size();
    }
    CHECK(count > 100);
}

TEST_CASE("diag: the nearest word is suggested, and nothing if none is near", "[diag]") {
    static constexpr std::array<std::string_view, 4> words = {"capability", "net_bind_service",
                                                              "inet", "inet6"};
    CHECK(nearest("capabilty", words) == "capability");
    CHECK(nearest("cpaability", words) == "capability");
    CHECK(nearest("ient", words) == "inet");
    CHECK(nearest("net_bind", words) == "net_bind_service");
    CHECK(nearest("zebra", words).empty());
    CHECK(nearest("", words).empty());
    CHECK(nearest(std::string(1000, 'a'), words).empty());
    CHECK(did_you_mean("inet", words) == "did you mean 'inet'?");
}
