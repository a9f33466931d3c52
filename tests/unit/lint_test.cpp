// SPDX-License-Identifier: GPL-2.0-only
#include <catch2/catch.hpp>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "lint/ring_calls.hpp"

using namespace isolates;

TEST_CASE("lint: a ring can do what the kernel's table has") {
    std::stringstream text;
    text << std::ifstream(ISOLATES_RING).rdbuf();
    const std::string source = text.str();
    const std::regex line(R"re(\{ "(\w+)", "io_)re");
    std::set<std::string> calls;
    for (std::sregex_iterator at(source.begin(), source.end(), line), end; at != end; ++at)
        calls.insert((*at)[1]);
    CHECK(calls.size() > 40);
    const auto known = lint::ring_calls();
    CHECK(std::set<std::string>(known.begin(), known.end()) == calls);
}
