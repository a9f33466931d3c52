// SPDX-License-Identifier: GPL-2.0-only
#include "automata/automata.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "automata/minimal/minimise.hpp"
#include "automata/nfa/matcher.hpp"
#include "automata/pattern/glob.hpp"
#include "automata/split/split.hpp"
#include "reference/generator.hpp"
#include "reference/glob_match.hpp"
#include "reference/smallest.hpp"

namespace {

using namespace isolates;
using namespace isolates::automata;

// The patterns of some globs, each with a label of its own operation.
struct Compiled {
    Patterns patterns;
    Labels labels{false};
    std::optional<Nfa> nfa;
    std::optional<Dfa> dfa;
};

// Bit of the glob at @index: a rule may do as much as there are file operations.
std::uint32_t operation_of(std::size_t index) {
    return 1u << index;
}

std::unique_ptr<Compiled> compile(const std::vector<std::string>& globs) {
    auto made = std::make_unique<Compiled>();
    std::vector<std::uint32_t> chosen;
    for (std::uint32_t i = 0; i < globs.size(); i++) {
        const auto sequence = parse_glob(globs[i], made->patterns.vocabulary);
        if (!sequence) FAIL(globs[i] << ": " << sequence.error().message);
        const std::uint32_t operation = operation_of(i);
        made->patterns.add(*sequence, made->labels.of_rule({}, {operation, operation}), i);
        chosen.push_back(i);
    }
    std::ranges::sort(chosen, [&](std::uint32_t a, std::uint32_t b) {
        return std::ranges::lexicographical_compare(
            made->patterns.items_of(made->patterns.patterns[a]),
            made->patterns.items_of(made->patterns.patterns[b]));
    });
    made->nfa = build_nfa(made->patterns, chosen, made->labels);
    REQUIRE(made->nfa);
    made->dfa = determinise(*made->nfa, made->labels, {1 << 16, 1 << 22, 1 << 24});
    REQUIRE(made->dfa);
    return made;
}

bool glob_accepts(const std::string& glob, const std::string& text) {
    const auto compiled = compile({glob});
    return compiled->dfa->label_of(text) != kNoLabel;
}

std::vector<std::uint8_t> bytes_of(const std::string& text) {
    return {text.begin(), text.end()};
}

// Walk a compact automaton with the kernel's code.
std::uint32_t walk(const CompactAutomaton& automaton, const std::string& text) {
    isolates_walk walk{automaton.states.data(), automaton.edges.data(),
                       automaton.byte_classes ? &automaton.map : nullptr, automaton.start, 0};
    isolates_walk_bytes(&walk, reinterpret_cast<const __u8*>(text.data()),
                        static_cast<__u32>(text.size()));
    return isolates_walk_perms(&walk);
}

struct GlobCase {
    std::string glob;
    std::vector<std::string> matching;
    std::vector<std::string> others;
};

}  // namespace

// What is expected here was checked against what AppArmor's parser (3.0.8, with
// "-D rule-exprs") makes of the same globs.
TEST_CASE("automata: globs mean what they mean to AppArmor") {
    const std::vector<GlobCase> cases = {
        {"/a", {"/a"}, {"", "/", "/a/", "/ab", "a"}},
        {"/a/*", {"/a/b", "/a/bcd", "/a/."}, {"/a/", "/a", "/a/b/", "/a/b/c"}},
        {"/a/*/", {"/a/b/"}, {"/a//", "/a/b", "/a/b/c/"}},
        {"/a/**", {"/a/b", "/a/b/", "/a/b/c"}, {"/a/", "/a", "/a//b"}},
        {"/a/**/b", {"/a/x/b", "/a/x/y/b"}, {"/a/b", "/a//b", "/a/xb"}},
        {"/a/***", {"/a/b", "/a/b/c"}, {"/a/"}},
        {"/a/*b", {"/a/b", "/a/xb"}, {"/a/", "/a/x/b"}},
        {"/a/b*", {"/a/b", "/a/bc"}, {"/a/", "/a/b/"}},
        {"/a**", {"/a", "/ab", "/a/", "/a/b/c"}, {"/", "/b"}},
        {"/a**b", {"/ab", "/a/b", "/axb"}, {"/a", "/b"}},
        // Only a literal slash directly in front counts, and only what follows
        // it as written.
        {"/a/{*,b}", {"/a/", "/a/b", "/a/x"}, {"/a", "/a/x/"}},
        {"/a/{,x/}*", {"/a/", "/a/x/", "/a/b"}, {"/a", "/a/y/b"}},
        {"/a/*{,/}", {"/a/", "/a/b", "/a/b/", "/a//"}, {"/a"}},
        {"/a/{b/*,c}", {"/a/b/", "/a/b/x", "/a/c"}, {"/a/b"}},
        {"/a/{b,/**/c}", {"/a/b", "/a//x/c"}, {"/a///c"}},
        {"/a\\/*", {"/a/b"}, {"/a/"}},
        {"/a\\x2f*", {"/a/b"}, {"/a/"}},
        {"*", {"", "a", "abc"}, {"/", "a/b"}},
        {"**", {"", "a", "/", "a/b"}, {}},
        {"/?", {"/a", "/*"}, {"/", "//", "/ab"}},
        {"/a?b", {"/axb"}, {"/ab", "/a/b"}},
        {"/[ab]", {"/a", "/b"}, {"/", "/c", "/ab"}},
        {"/[a-c]", {"/a", "/b", "/c"}, {"/d", "/-"}},
        {"/[c-a]", {"/a", "/b", "/c"}, {"/d", "/-"}},
        {"/[^a]b",
         {"/bb", "//b",
          "/\xff"
          "b"},
         {"/ab"}},
        {"/[^a/]b", {"/bb"}, {"/ab", "//b"}},
        {"/x[/y]z", {"/x/z", "/xyz"}, {"/xz"}},
        {"/[-a]", {"/-", "/a"}, {"/b"}},
        {"/[^-a]", {"/b"}, {"/-", "/a"}},
        {"/[--0]", {"/-", "/.", "//", "/0"}, {"/,", "/1"}},
        {"/[a^]", {"/a", "/^"}, {"/b"}},
        {"/[^^]", {"/a"}, {"/^"}},
        {"/[[]", {"/["}, {"/]"}},
        {"/[a\\]]", {"/a", "/]"}, {"/\\"}},
        {"/[{,}]", {"/{", "/,", "/}"}, {"/"}},
        {"/[.+|()$]", {"/.", "/+", "/|", "/(", "/)", "/$"}, {"/a"}},
        {"/[b-\\d101]", {"/b", "/e"}, {"/a", "/f", "/d1"}},
        {"/{a,b}", {"/a", "/b"}, {"/", "/a,b", "/c"}},
        {"/{a,}b", {"/ab", "/b"}, {"/a", "/aab"}},
        {"/a{,,}b", {"/ab"}, {"/a,b"}},
        {"/{a,{b,c}d}e", {"/ae", "/bde", "/cde"}, {"/be", "/ade"}},
        {"/{a,{b,c}{d,}}", {"/a", "/b", "/c", "/bd", "/cd"}, {"/ad", "/d"}},
        {"/{[a,b],c}", {"/a", "/,", "/b", "/c"}, {"/a,b"}},
        {"/{a*,b}c", {"/ac", "/axc", "/bc"}, {"/c", "/bxc"}},
        {"/{*/,}x", {"/x", "/a/x", "//x"}, {"/a/b/x"}},
        {"/a,b", {"/a,b"}, {"/a"}},
        {"/a{\\,,b}", {"/a,", "/ab"}, {"/a"}},
        {"/\\*", {"/*"}, {"/a", "/\\*"}},
        {"/\\{a\\}\\[\\]\\?\\\\", {"/{a}[]?\\"}, {}},
        {"/\\101\\x42\\d67\\q", {"/ABCq"}, {}},
        {"/\\0601", {"/01"}, {}},
        {"/\\x7", {"/\x07"}, {}},
        {"/\\xg\\dx", {"/xgdx"}, {}},
        {"/\\d256",
         {"/\x19"
          "6"},
         {}},
        {"/\\a\\e\\f\\n\\r\\t\\\"", {"/\a\033\f\n\r\t\""}, {}},
        {"/a.b+c$d^e|f(g)", {"/a.b+c$d^e|f(g)"}, {"/axb"}},
        {"/\xc3\xa4*", {"/\xc3\xa4", "/\xc3\xa4\xff"}, {"/\xc3"}},
    };
    for (const GlobCase& glob : cases) {
        for (const std::string& text : glob.matching) {
            INFO(glob.glob << " is to match " << text);
            CHECK(glob_accepts(glob.glob, text));
            CHECK(reference::glob_matches(glob.glob, text));
        }
        for (const std::string& text : glob.others) {
            INFO(glob.glob << " is not to match " << text);
            CHECK(!glob_accepts(glob.glob, text));
            CHECK(!reference::glob_matches(glob.glob, text));
        }
    }
}

TEST_CASE("automata: malformed globs are refused where they are wrong") {
    const std::vector<std::pair<std::string, std::size_t>> cases = {
        {"/a[", 2},       {"/a[b", 2},     {"/a]", 2},
        {"/a[]b", 2},     {"/a[^]b", 2},   {"/a[b-]", 4},
        {"/[a-c-e]", 5},  {"/[a--]", 3},   {"/[]-a]", 1},
        {"/a{b", 2},      {"/a}", 2},      {"/a{b}", 4},
        {"/a{}", 3},      {"/a\\", 2},     {"/a\\000b", 2},
        {"/a\\x0", 2},    {"/{a,b}{c", 6}, {"/a[\\", 3},
        {"/[b\\x00]", 3}, {"/{a,[b}", 4},  {std::string("/a\0b", 4), 2},
    };
    for (const auto& [glob, position] : cases) {
        Vocabulary vocabulary;
        const auto sequence = parse_glob(glob, vocabulary);
        INFO(glob);
        REQUIRE(!sequence);
        CHECK(sequence.error().position == position);
        CHECK(!sequence.error().message.empty());
    }
}

TEST_CASE("automata: alternations nest as deep as AppArmor's and no deeper") {
    const auto nested = [](std::size_t depth) {
        std::string glob = "/";
        for (std::size_t i = 0; i < depth; i++) glob += "{a,";
        return glob + std::string(depth, '}');
    };
    Vocabulary vocabulary;
    CHECK(parse_glob(nested(kGlobDepthMax), vocabulary));
    CHECK(!parse_glob(nested(kGlobDepthMax + 1), vocabulary));
    CHECK(!parse_glob(nested(10000), vocabulary));
    CHECK(glob_accepts(nested(kGlobDepthMax), "/a"));
    CHECK(glob_accepts(nested(kGlobDepthMax), "/"));
    CHECK(!glob_accepts(nested(kGlobDepthMax), "/aa"));
}

TEST_CASE("automata: runs of slashes in a glob are one") {
    CHECK(filter_slashes("///foo//////f//oo////////////////") == "/foo/f/oo/");
    CHECK(filter_slashes("/foo/f/oo") == "/foo/f/oo");
    CHECK(filter_slashes("//usr") == "//usr");
    CHECK(filter_slashes("//usr//a") == "//usr/a");
    CHECK(filter_slashes("//") == "//");
    CHECK(filter_slashes("///") == "/");
    CHECK(filter_slashes("/") == "/");
    CHECK(filter_slashes("").empty());
}

TEST_CASE("automata: every engine agrees with the reference on generated globs") {
    reference::Generator generator(reference::test_seed() + 2);
    std::size_t matched = 0;
    for (int round = 0; round < 1500; round++) {
        std::vector<std::string> globs;
        for (std::size_t count = 1 + generator.below(4); count; count--)
            globs.push_back(generator.chance(3) ? generator.glob(8) : generator.path_glob());
        const auto compiled = compile(globs);
        const Dfa minimal = minimise(*compiled->dfa);
        const CompactAutomaton compact_automaton = compact(minimal);
        for (int i = 0; i < 12; i++) {
            const std::string text =
                generator.chance(4) ? generator.path()
                                    : generator.text_like(globs[generator.below(globs.size())]);
            std::uint32_t expected = 0;
            for (std::size_t g = 0; g < globs.size(); g++)
                if (reference::glob_matches(globs[g], text)) expected |= operation_of(g);
            matched += expected != 0;
            const auto allowed = [&](LabelId label) { return compiled->labels[label].allow[0]; };
            INFO(fmt::format("globs: {}\ntext: {}", fmt::join(globs, "  "), text));
            if (matches(*compiled->nfa, bytes_of(text)) != (expected != 0)) FAIL("nfa");
            if (allowed(compiled->dfa->label_of(text)) != expected) FAIL("dfa");
            if (allowed(minimal.label_of(text)) != expected) FAIL("minimal dfa");
            if (allowed(walk(compact_automaton, text)) != expected) FAIL("compact automaton");
        }
    }
    // Else this would show nothing.
    CHECK(matched > 3000);
}

TEST_CASE("automata: the minimal automaton is minimal") {
    reference::Generator generator(reference::test_seed() + 3);
    for (int round = 0; round < 150; round++) {
        std::vector<std::string> globs;
        for (std::size_t count = 1 + generator.below(3); count; count--)
            globs.push_back(generator.glob(6));
        const auto compiled = compile(globs);
        const std::size_t expected = reference::smallest_size(*compiled->dfa);
        if (expected > 200) continue;
        INFO(fmt::format("globs: {}", fmt::join(globs, "  ")));
        if (minimise(*compiled->dfa).states.size() != expected) FAIL("not minimal");
    }
}

TEST_CASE("automata: plain paths make a minimal automaton at once") {
    reference::Generator generator(reference::test_seed() + 4);
    for (int round = 0; round < 50; round++) {
        std::vector<std::string> globs;
        for (std::size_t count = 1 + generator.below(8); count; count--)
            globs.push_back(generator.path());
        const auto compiled = compile(globs);
        INFO(fmt::format("globs: {}", fmt::join(globs, "  ")));
        if (!compiled->nfa->is_plain()) FAIL("not plain");
        const Dfa direct = as_dfa(*compiled->nfa);
        if (direct.states.size() != reference::smallest_size(direct)) FAIL("not minimal");
        for (const std::string& glob : globs)
            if (direct.label_of(glob) != compiled->dfa->label_of(glob)) FAIL(glob);
    }
}

TEST_CASE("automata: what stays in force does not multiply") {
    std::vector<std::string> globs;
    for (int i = 0; i < 30; i++) globs.push_back(fmt::format("/**/w{}/**", i));
    Patterns patterns;
    Labels labels(false);
    std::vector<std::uint32_t> chosen;
    for (std::uint32_t i = 0; i < globs.size(); i++) {
        const std::uint32_t operation = operation_of(i % 3);
        patterns.add(*parse_glob(globs[i], patterns.vocabulary),
                     labels.of_rule({}, {operation, operation}), i);
    }
    const auto automata = build_automata(patterns, labels);
    REQUIRE(automata);
    // Eight sets of three operations, each with the ways to the words.
    CHECK(automata->size() == 1);
    CHECK((*automata)[0].states.size() < 8 * 50);
}

TEST_CASE("automata: twenty rules that remember everything are walked side by side") {
    Patterns patterns;
    Labels labels(false);
    for (std::uint32_t i = 0; i < 18; i++)
        patterns.add(*parse_glob(fmt::format("/**/w{}/**", i), patterns.vocabulary),
                     labels.of_rule({}, {operation_of(i), operation_of(i)}), i);
    const auto automata = build_automata(patterns, labels);
    REQUIRE(automata);
    CHECK(automata->size() > 1);
    CHECK(automata->size() <= ISOLATES_AUTOMATA_MAX);
}

TEST_CASE("automata: labels unite in any order to the same") {
    reference::Generator generator(reference::test_seed() + 5);
    Labels labels(true);
    const auto any = [&] {
        model::Effect effect;
        effect.rule = static_cast<std::uint32_t>(generator.below(6));
        if (generator.chance(2)) effect.action = model::Action::deny;
        effect.audit = generator.chance(3);
        effect.quiet = generator.chance(3);
        // One rule gives one errno.
        effect.error = effect.rule % 3;
        effect.priority = static_cast<std::int32_t>(generator.below(3)) - 1;
        const Exec exec{
            generator.chance(2), 1, {static_cast<std::uint32_t>(generator.below(4)), 0}};
        return labels.of_rule(effect,
                              {static_cast<std::uint32_t>(generator.below(16)),
                               static_cast<std::uint32_t>(generator.below(16))},
                              generator.chance(2) ? std::optional(exec) : std::nullopt);
    };
    for (int round = 0; round < 2000; round++) {
        const LabelId a = labels.unite(any(), any()), b = labels.unite(any(), any()), c = any();
        if (labels.unite(a, b) != labels.unite(b, a)) FAIL("not commutative");
        if (labels.unite(a, labels.unite(b, c)) != labels.unite(labels.unite(a, b), c))
            FAIL("not associative");
        if (labels.unite(a, a) != a) FAIL("not idempotent");
        if (!labels.is_part_of(a, labels.unite(a, b))) FAIL("not a join");
        const Label& label = labels[labels.unite(a, b)];
        if ((label.allow[0] & label.deny[0]) || (label.allow[1] & label.deny[1]))
            FAIL("allowed and denied");
    }
    SUCCEED();
}

TEST_CASE("automata: of the rules about an operation the highest priority counts") {
    Labels labels(true);
    const auto rule = [&](std::uint32_t number, std::int32_t priority, model::Action action,
                          std::uint32_t operations) {
        model::Effect effect;
        effect.rule = number;
        effect.priority = priority;
        effect.action = action;
        effect.audit = true;
        return labels.of_rule(effect, {operations, 0});
    };
    const LabelId low = rule(0, -1, model::Action::deny, 0b111);
    const LabelId middle = rule(1, 0, model::Action::allow, 0b011);
    const LabelId high = rule(2, 5, model::Action::deny, 0b001);
    const Label& label = labels[labels.unite(labels.unite(high, low), middle)];
    CHECK(label.allow == MaskPair{0b010, 0});
    CHECK(label.deny == MaskPair{0b101, 0});
    REQUIRE(label.rules.size() == 3);
    CHECK(label.rules[0].deny == MaskPair{0b100, 0});
    CHECK(label.rules[1].audit == MaskPair{0b010, 0});
    CHECK(label.rules[2].deny == MaskPair{0b001, 0});
    CHECK(labels[labels.settled(labels.unite(low, high))].priorities.empty());
}
