// SPDX-License-Identifier: GPL-2.0-only
// Every table of tests/decisions, on the host core and on the reference matcher.
#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <set>

#include "decide/decide.hpp"
#include "driver.hpp"
#include "reference/decision_table.hpp"
#include "reference/reference.hpp"

namespace {

using namespace isolates;

// The errno that an operation is denied with, 0 if it is allowed.
struct Errors {
    std::uint32_t core = 0;
    std::uint32_t reference = 0;
};

class Judge {
  public:
    Judge(const decide::Policy& compiled, const model::Policy& model)
        : compiled_(compiled), model_(model) {}

    template <typename Facts>
    Errors operator()(const Facts& facts) const {
        return {compiled_.decide(facts).error, reference::judge(model_, facts).error};
    }
    Errors operator()(const reference::SyscallFacts& facts) const {
        return {compiled_.decide_syscall(facts.name, facts.arguments).error,
                reference::judge_syscall(model_, facts.name, facts.arguments).error};
    }

  private:
    const decide::Policy& compiled_;
    const model::Policy& model_;
};

// A file that lasts as long as this.
class TemporaryFile {
  public:
    explicit TemporaryFile(const std::string& text) {
        const int fd = ::mkstemps(name_.data(), 5);
        REQUIRE(fd >= 0);
        ::close(fd);
        std::ofstream(name_) << text;
    }
    ~TemporaryFile() { std::filesystem::remove(name_); }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;

    [[nodiscard]] const std::string& name() const { return name_; }

  private:
    std::string name_ = (std::filesystem::temp_directory_path() / "table-XXXXXX.ipol").string();
};

std::set<std::string> tables() {
    std::set<std::string> paths;
    for (const auto& entry : std::filesystem::directory_iterator(ISOLATES_DECISIONS))
        if (entry.path().extension() == ".table") paths.insert(entry.path().string());
    return paths;
}

void replay(const std::string& path) {
    const auto table = reference::read_decision_table(path);
    if (!table) FAIL(table.error());
    const TemporaryFile source(table->policy);
    const Compilation compilation = compile({source.name()}, {});
    for (const auto& diagnostic : compilation.report.diagnostics())
        if (diagnostic.severity == diag::Severity::error) FAIL(path << ": " << diagnostic.text);
    REQUIRE(compilation.blob);
    const model::Policy& model = compilation.program.policies.at(0);
    const auto compiled = compilation.blob->find(model.name);
    REQUIRE(compiled);
    for (const reference::Decision& decision : table->decisions) {
        const Errors errors = std::visit(Judge(*compiled, model), decision.facts);
        INFO(fmt::format("{}:{}: {}", path, decision.line, decision.text));
        CHECK(errors.core == decision.error);
        CHECK(errors.reference == decision.error);
    }
}

}  // namespace

TEST_CASE("decisions: the tables are there") {
    CHECK(tables().size() >= 15);
}

TEST_CASE("decisions: core and reference decide as the tables say") {
    for (const std::string& path : tables()) replay(path);
}

TEST_CASE("decisions: malformed lines are refused") {
    for (const char* line :
         {"file read /a", "file fly /a -> allow", "file read a -> allow", "file read /a -> maybe",
          "file read /a -> deny", "file read /a -> deny EWHAT", "signal send 65 -> allow",
          "network bind inet stream 0 -> allow", "network bind inet stream 0 1.2.3 80 -> allow",
          "fly /a -> allow", "file read /a dir owner -> allow",
          "network create inet stream -> allow"}) {
        const TemporaryFile file(fmt::format("policy {{{{{{\npolicy t {{ }}\n}}}}}}\n{}\n", line));
        const auto table = reference::read_decision_table(file.name());
        INFO(line);
        REQUIRE(!table);
        CHECK(table.error().find(":4: ") != std::string::npos);
    }
}
