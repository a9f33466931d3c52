// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>
#include <catch2/catch.hpp>
#include <functional>

#include "emit/emit.hpp"
#include "exact/compare.hpp"
#include "exact/difference.hpp"
#include "reference/generator.hpp"
#include "reference/glob_match.hpp"
#include "reference/reference.hpp"

namespace {

using namespace isolates;
using namespace isolates::exact;
using reference::Generator;

decide::Blob compile(const model::Policy& policy) {
    const std::string text(policy.rules.size(), '\n');
    model::Program program;
    program.policies = {policy};
    program.sources = {{"test.ipol", text}};
    auto blob = emit::build_blob(program, {});
    if (!blob) FAIL(blob.error().message);
    return std::move(*blob);
}

Side side_of(const decide::Blob& blob) {
    return {&blob.view(), blob.view().policies};
}

std::vector<Difference> find(const decide::Blob& before, const decide::Blob& after,
                             isolates_class class_id) {
    auto found = lost(side_of(before), side_of(after), class_id);
    REQUIRE(found);
    return std::move(*found);
}

using Bytes = std::vector<std::uint8_t>;

Bytes bytes_of(std::string_view text) {
    return {text.begin(), text.end()};
}

// What the kernel's code says of the facts as they are.
std::uint32_t allowed(const decide::Blob& blob, isolates_class class_id, const Bytes& facts,
                      bool owner) {
    const isolates_piece piece = {facts.data(), static_cast<std::uint32_t>(facts.size())};
    isolates_request request{};
    request.class_id = class_id;
    request.owner = owner;
    request.pieces = &piece;
    request.count = 1;
    isolates_verdict verdict{};
    isolates_decide(&blob.view(), blob.view().policies, &request, &verdict);
    return verdict.allowed;
}

// Every example is what the difference says it is.
void check_examples(const std::vector<Difference>& differences, const decide::Blob& before,
                    const decide::Blob& after) {
    for (const Difference& difference : differences) {
        CHECK(difference.contains(difference.example));
        for (Decisions rest = difference.decisions; rest; rest &= rest - 1) {
            const int decision = std::countr_zero(rest);
            const std::uint32_t operation = 1u << decision % 32;
            const bool owner = decision / 32 == ISOLATES_OWNER;
            const auto class_id = difference.class_id;
            CHECK(allowed(before, class_id, difference.example, owner) & operation);
            CHECK_FALSE(allowed(after, class_id, difference.example, owner) & operation);
        }
    }
}

bool contains(const std::vector<Difference>& differences, Decisions decision, const Bytes& facts) {
    return std::ranges::any_of(differences, [&](const Difference& difference) {
        return difference.decisions & decision && difference.contains(facts);
    });
}

// A second version of a policy: a few rules more, or less, or all others.
model::Policy revise(const model::Policy& policy, Generator& random) {
    if (random.chance(8)) return random.policy(policy.name, 4);
    model::Policy revised = policy;
    const auto drop = [&](auto& rules) {
        if (!rules.empty() && random.chance(3))
            rules.erase(rules.begin() + static_cast<std::ptrdiff_t>(random.below(rules.size())));
    };
    drop(revised.files);
    drop(revised.signals);
    drop(revised.networks);
    const auto rule = [&] {
        revised.rules.push_back({0, 1, 1});
        return static_cast<std::uint32_t>(revised.rules.size() - 1);
    };
    if (random.chance(2)) revised.files.push_back(random.file_rule(rule()));
    if (random.chance(2)) revised.signals.push_back(random.signal_rule(rule()));
    if (random.chance(2)) revised.networks.push_back(random.network_rule(rule()));
    if (random.chance(8)) revised.open[ISOLATES_CLASS_FILE] ^= ISOLATES_FILE_READ;
    return revised;
}

// All strings over the alphabet, up to a length, in the order of their lengths.
std::vector<std::string> all_strings(std::string_view alphabet, std::size_t length) {
    std::vector<std::string> all = {""};
    for (std::size_t first = 0; length; length--) {
        const std::size_t last = all.size();
        for (; first < last; first++)
            for (const char c : alphabet) all.push_back(all[first] + c);
    }
    return all;
}

std::vector<std::string> told(const Change& change) {
    std::vector<std::string> texts;
    for (const Pattern& pattern : change.patterns) texts.push_back(pattern.text);
    return texts;
}

bool is_real_path(const std::string& path) {
    if (!path.starts_with('/')) return false;
    if (path == "/") return true;
    const bool is_directory = path.ends_with('/');
    const std::string inner = path.substr(1, path.size() - 1 - (is_directory ? 1 : 0));
    for (std::size_t at = 0; at <= inner.size();) {
        const std::size_t end = std::min(inner.find('/', at), inner.size());
        const std::string component = inner.substr(at, end - at);
        if (component.empty() || component == "." || component == "..") return false;
        at = end + 1;
    }
    return true;
}

std::uint32_t judged(const model::Policy& policy, const std::string& path, bool owner) {
    decide::FileFacts facts;
    facts.path = path;
    facts.directory = path.ends_with('/');
    facts.owner = owner;
    facts.operations = ISOLATES_FILE_OPS;
    return reference::judge(policy, facts).allowed;
}

}  // namespace

TEST_CASE("exact: every path that differs is found, and no other") {
    Generator random(reference::test_seed());
    std::vector<std::string> paths = all_strings("ab./", 5);
    std::erase_if(paths, [](const std::string& path) { return !is_real_path(path); });
    REQUIRE(paths.size() > 50);
    std::size_t differing = 0;
    for (int round = 0; round < 1500; round++) {
        const model::Policy old_policy = random.policy("p", 4);
        const model::Policy new_policy = revise(old_policy, random);
        const auto before = compile(old_policy), after = compile(new_policy);
        const auto found = find(before, after, ISOLATES_CLASS_FILE);
        check_examples(found, before, after);
        for (const std::string& path : paths) {
            // What is asked of directories only, and never of them.
            const std::uint32_t never =
                path.ends_with('/') ? ISOLATES_FILE_WRITE | ISOLATES_FILE_EXEC | ISOLATES_FILE_MKNOD
                                    : ISOLATES_FILE_MKDIR | ISOLATES_FILE_CHROOT;
            for (const bool owner : {false, true}) {
                const std::uint32_t gone =
                    judged(old_policy, path, owner) & ~judged(new_policy, path, owner);
                differing += gone != 0;
                for (const std::uint32_t operation :
                     {ISOLATES_FILE_READ, ISOLATES_FILE_WRITE, ISOLATES_FILE_EXEC,
                      ISOLATES_FILE_LOCK, ISOLATES_FILE_MKDIR, ISOLATES_FILE_MKNOD,
                      ISOLATES_FILE_CHMOD, ISOLATES_FILE_CHROOT, ISOLATES_FILE_GETATTR}) {
                    const bool is_gone = gone & ~never & operation;
                    const Decisions decision = Decisions{operation} << (owner ? 32 : 0);
                    if (contains(found, decision, bytes_of(path)) == is_gone) continue;
                    FAIL(reference::describe(old_policy)
                         << reference::describe(new_policy) << path << " operation " << operation
                         << (owner ? " owner" : " other") << (is_gone ? " lost" : " not lost"));
                }
            }
        }
    }
    CHECK(differing > 1000);  // else this has tested nothing
}

TEST_CASE("exact: an example of a path is one of the shortest") {
    Generator random(reference::test_seed() + 1);
    std::vector<std::string> paths = all_strings("abc./", 4);
    std::erase_if(paths, [](const std::string& path) { return !is_real_path(path); });
    for (int round = 0; round < 300; round++) {
        const model::Policy old_policy = random.policy("p", 4);
        const model::Policy new_policy = revise(old_policy, random);
        const auto before = compile(old_policy), after = compile(new_policy);
        for (const Difference& difference : find(before, after, ISOLATES_CLASS_FILE))
            for (const std::string& path : paths)
                if (path.size() < difference.example.size())
                    CHECK_FALSE(difference.contains(bytes_of(path)));
    }
}

TEST_CASE("exact: every signal that differs is found, and no other") {
    Generator random(reference::test_seed() + 2);
    std::vector<std::string> peers = all_strings("abc/", 3);
    peers.erase(peers.begin());  // nobody's name is empty
    for (const char* const name : {"unconfined", "unconfine", "unconfinedb", "u"})
        peers.emplace_back(name);
    std::size_t differing = 0;
    for (int round = 0; round < 1000; round++) {
        const model::Policy old_policy = random.policy("p", 3);
        const model::Policy new_policy = revise(old_policy, random);
        const auto before = compile(old_policy), after = compile(new_policy);
        const auto found = find(before, after, ISOLATES_CLASS_SIGNAL);
        check_examples(found, before, after);
        for (const std::string& peer : peers) {
            for (const std::uint8_t number : std::array<std::uint8_t, 5>{0, 1, 9, 33, 64}) {
                const decide::SignalFacts facts{ISOLATES_SIGNAL_OPS, number, peer};
                std::uint32_t gone = reference::judge(old_policy, facts).allowed &
                                     ~reference::judge(new_policy, facts).allowed;
                if (peer == ISOLATES_UNCONFINED) gone &= ~std::uint32_t{ISOLATES_SIGNAL_RECEIVE};
                differing += gone != 0;
                Bytes spelt = bytes_of(peer);
                spelt.insert(spelt.begin(), number);
                for (const std::uint32_t operation :
                     {ISOLATES_SIGNAL_SEND, ISOLATES_SIGNAL_RECEIVE}) {
                    if (contains(found, operation, spelt) == ((gone & operation) != 0)) continue;
                    FAIL(reference::describe(old_policy)
                         << reference::describe(new_policy) << reference::describe(facts));
                }
            }
        }
    }
    CHECK(differing > 1000);
}

TEST_CASE("exact: sockets that differ are found, and no others") {
    Generator random(reference::test_seed() + 3);
    std::size_t differing = 0;
    for (int round = 0; round < 1000; round++) {
        const model::Policy old_policy = random.policy("p", 3);
        const model::Policy new_policy = revise(old_policy, random);
        const auto before = compile(old_policy), after = compile(new_policy);
        const auto found = find(before, after, ISOLATES_CLASS_NETWORK);
        check_examples(found, before, after);
        const automata::Dfa& shape = shape_of(ISOLATES_CLASS_NETWORK).facts.automaton;
        for (int i = 0; i < 100; i++) {
            const auto facts = random.network_facts(random.chance(2) ? old_policy : new_policy);
            const Bytes spelt = decide::spell(facts);
            const std::uint32_t asked =
                shape.label_of({reinterpret_cast<const char*>(spelt.data()), spelt.size()});
            const std::uint32_t gone = reference::judge(old_policy, facts).allowed &
                                       ~reference::judge(new_policy, facts).allowed & asked;
            differing += (gone & facts.operations) != 0;
            for (const std::uint32_t operation :
                 {ISOLATES_NETWORK_CREATE, ISOLATES_NETWORK_BIND, ISOLATES_NETWORK_CONNECT}) {
                if (operation != facts.operations) continue;
                if (contains(found, operation, spelt) == ((gone & operation) != 0)) continue;
                FAIL(reference::describe(old_policy)
                     << reference::describe(new_policy) << reference::describe(facts));
            }
        }
    }
    CHECK(differing > 300);
}

TEST_CASE("exact: the globs of a comparison match what differs") {
    Generator random(reference::test_seed() + 5);
    std::vector<std::string> paths = all_strings("ab./", 5);
    std::erase_if(paths, [](const std::string& path) { return !is_real_path(path); });
    std::size_t exact = 0, complete = 0;
    for (int round = 0; round < 1000; round++) {
        model::Program old_program, new_program;
        old_program.policies = {random.policy("p", 4)};
        new_program.policies = {revise(old_program.policies[0], random)};
        const auto before = compile(old_program.policies[0]);
        const auto after = compile(new_program.policies[0]);
        const auto comparison = compare({&before, &old_program}, {&after, &new_program});
        REQUIRE(comparison);
        if (comparison->changed.empty()) continue;
        const auto found = find(after, before, ISOLATES_CLASS_FILE);
        for (const Change& change : comparison->changed[0].changes) {
            if (change.class_id != ISOLATES_CLASS_FILE || !change.is_allowed) continue;
            if (!change.target.empty() || change.operations & ISOLATES_FILE_EXEC) continue;
            complete += change.is_complete;
            const bool owner = change.whose == model::Whose::owner;
            const Decisions decisions = Decisions{change.operations} << (owner ? 32 : 0);
            for (const std::string& path : paths) {
                const std::uint32_t asked =
                    shape_of(ISOLATES_CLASS_FILE).facts.automaton.label_of(path);
                if (!(asked & change.operations)) continue;
                const bool differs = contains(found, decisions, bytes_of(path));
                bool is_matched = false;
                for (const Pattern& pattern : change.patterns) {
                    const bool matches = reference::glob_matches(pattern.text, path);
                    is_matched |= matches;
                    exact += pattern.is_exact;
                    if (matches && pattern.is_exact && !differs)
                        FAIL(reference::describe(old_program.policies[0])
                             << reference::describe(new_program.policies[0]) << pattern.text
                             << " is about " << path << " too, operations " << change.operations);
                }
                if (differs && change.is_complete && !is_matched)
                    FAIL(reference::describe(old_program.policies[0])
                         << reference::describe(new_program.policies[0]) << path
                         << fmt::format("{}", fmt::join(told(change), " "))
                         << " is not told, operations " << change.operations);
            }
        }
    }
    CHECK(exact > 1000);
    CHECK(complete > 100);
}

TEST_CASE("exact: equal policies have no difference, whatever they look like") {
    Generator random(reference::test_seed() + 4);
    for (int round = 0; round < 300; round++) {
        model::Policy policy = random.policy("p", 5);
        const auto before = compile(policy);
        // The same in another order, and once more.
        std::ranges::reverse(policy.files);
        std::ranges::reverse(policy.networks);
        std::ranges::reverse(policy.signals);
        if (!policy.files.empty()) policy.files.push_back(policy.files.front());
        const auto after = compile(policy);
        for (std::uint32_t id = 0; id < ISOLATES_CLASS_COUNT; id++) {
            CHECK(find(before, after, static_cast<isolates_class>(id)).empty());
            CHECK(find(after, before, static_cast<isolates_class>(id)).empty());
        }
    }
}
