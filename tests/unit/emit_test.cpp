// SPDX-License-Identifier: GPL-2.0-only
#include "emit/emit.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "decide/decide.hpp"
#include "reference/agreement.hpp"
#include "reference/generator.hpp"
#include "reference/reference.hpp"

namespace {

using namespace isolates;

model::Program program_of(std::vector<model::Policy> policies) {
    return {std::move(policies), {{"test.ipol", "# a comment\n"}}};
}

decide::Blob blob_of(const model::Program& program, bool strip = false) {
    auto blob = emit::build_blob(program, {.strip = strip});
    if (!blob) FAIL(blob.error().message);
    return std::move(*blob);
}

model::Policy policy_of(std::string name, const std::vector<std::string>& globs) {
    model::Policy policy;
    policy.name = std::move(name);
    for (const std::string& glob : globs) {
        const auto rule = static_cast<std::uint32_t>(policy.rules.size());
        policy.files.push_back({{.rule = rule}, glob, ISOLATES_FILE_READ, {}});
        policy.rules.push_back({0, rule + 1, 1});
    }
    return policy;
}

// Core and reference are asked @count times about each class.
void agree(const model::Program& program, const decide::Blob& blob, std::size_t count,
           reference::Generator& generator) {
    for (const auto& policy : blob.policies()) {
        const auto difference = reference::disagreement(program, policy, count, generator);
        if (!difference.empty()) FAIL(difference);
    }
}

}  // namespace

TEST_CASE("emit: generated policies decide as the reference does") {
    reference::Generator generator(reference::test_seed());
    for (int round = 0; round < 400; round++) {
        const auto program = program_of({generator.policy("p", 1 + generator.below(12))});
        const bool strip = generator.chance(3);
        const auto blob = blob_of(program, strip);
        CHECK((blob.find("p")->raw().rules.count == 0) ==
              (strip || program.policies[0].rules.empty()));
        agree(program, blob, 40, generator);
    }
}

TEST_CASE("emit: policies with priorities decide as the reference does") {
    reference::Generator generator(reference::test_seed() + 2);
    for (int round = 0; round < 200; round++) {
        auto program = program_of({generator.policy("p", 1 + generator.below(8))});
        generator.add_priorities(program.policies[0]);
        agree(program, blob_of(program), 60, generator);
    }
    SUCCEED();
}

TEST_CASE("emit: links are decided as pairs, as the reference does") {
    reference::Generator generator(reference::test_seed() + 3);
    for (int round = 0; round < 100; round++) {
        auto program = program_of({generator.policy("p", 2)});
        generator.add_links(program.policies[0]);
        if (generator.chance(2)) generator.add_priorities(program.policies[0]);
        agree(program, blob_of(program), 60, generator);
    }
    SUCCEED();
}

TEST_CASE("emit: an exec leads where the reference says, or the build says where it cannot") {
    reference::Generator generator(reference::test_seed() + 4);
    std::size_t built = 0, refused = 0;
    // Few contradict themselves, and no seed owes us one.
    for (int round = 0; round < 300 || (refused < 4 && round < 3000); round++) {
        auto program = program_of({generator.policy("p", 2 + generator.below(9))});
        model::Policy& policy = program.policies[0];
        generator.add_transitions(policy);
        if (generator.chance(2)) generator.add_priorities(policy);
        const auto blob = emit::build_blob(program, {});
        if (!blob) {
            // "... they lead from PATH to ...", and of each of the rules one.
            const std::string& text = blob.error().message;
            const auto from = text.find(" from ") + 6;
            decide::FileFacts facts;
            facts.path = text.substr(from, text.rfind(" to ") - from);
            std::size_t most = 0;
            for (const bool owner : {false, true}) {
                facts.owner = owner;
                most = std::max(most, reference::judge_exec(policy, facts).size());
            }
            if (most < 2 || blob.error().origins.size() < 2)
                FAIL(reference::describe(policy) << text);
            refused++;
            continue;
        }
        built++;
        agree(program, *blob, 100, generator);
    }
    CHECK(built > 20);
    CHECK(refused >= 4);
}

TEST_CASE("emit: a policy attaches to what its attachments match") {
    model::Policy policy = policy_of("p", {"/etc/*"});
    policy.attachments = {"/usr/{,local/}bin/x*", "/usr//bin/y"};
    const decide::Blob blob = blob_of(program_of({policy, policy_of("q", {})}));
    for (const std::string path :
         {"/usr/bin/x", "/usr/local/bin/xyz", "/usr/bin/y", "/usr/bin/z", "/etc/x", "/"})
        CHECK(blob.find("p")->attaches(path) == reference::judge_attach(policy, path));
    CHECK(blob.find("p")->attaches("/usr/bin/y"));
    CHECK(!blob.find("q")->attaches("/usr/bin/y"));
    CHECK(blob.find("p")->raw().attach_prefix == 5);
    CHECK(blob.find("q")->raw().attach_prefix == 0);
}

TEST_CASE("emit: the same program gives the same bytes") {
    reference::Generator generator(reference::test_seed() + 1);
    for (int round = 0; round < 20; round++) {
        model::Program program;
        program.sources.push_back({"a.ipol", "text"});
        for (const char* name : {"c", "a", "b"})
            program.policies.push_back(generator.policy(name, 8));
        const auto first = emit::build_blob(program, {});
        std::ranges::reverse(program.policies);
        const auto second = emit::build_blob(program, {});
        REQUIRE(first);
        REQUIRE(second);
        REQUIRE(std::ranges::equal(first->bytes(), second->bytes()));
    }
}

TEST_CASE("emit: policies are found by name, whatever their order") {
    const decide::Blob blob =
        blob_of(program_of({policy_of("web", {"/srv/**"}), policy_of("a", {"/etc/*"}),
                            policy_of("/usr/bin/x y", {"/tmp/"})}));
    REQUIRE(blob.policies().size() == 3);
    CHECK(blob.find("a")->decide(decide::FileFacts{ISOLATES_FILE_READ, "/etc/passwd"}).denied == 0);
    CHECK(blob.find("web")->decide(decide::FileFacts{ISOLATES_FILE_READ, "/etc/passwd"}).denied ==
          ISOLATES_FILE_READ);
    CHECK(blob.find("/usr/bin/x y")
              ->decide(decide::FileFacts{ISOLATES_FILE_READ, "/tmp", false, true})
              .denied == 0);
    CHECK(!blob.find("b"));
    CHECK(!blob.find("we"));
}

TEST_CASE("emit: a deny rule is named with its place, and stripping forgets it") {
    model::Program program = program_of({policy_of("p", {"/**"})});
    model::Policy& policy = program.policies[0];
    policy.files.push_back({{.action = model::Action::deny, .error = ENOENT, .rule = 1},
                            "/srv/private/**",
                            ISOLATES_FILE_READ,
                            {}});
    policy.rules.push_back({0, 14, 3});
    policy.syscalls.push_back({{.action = model::Action::deny, .rule = 1}, "mkdirat"});
    policy.bindings.push_back(
        {ISOLATES_NAMESPACE_NET, ISOLATES_WHERE_PATH, "/run/netns/web", 0, 0});
    const decide::FileFacts facts{ISOLATES_FILE_READ, "/srv/private/key"};

    const decide::Blob blob = blob_of(program);
    const decide::Verdict verdict = blob.find("p")->decide(facts);
    CHECK(verdict.denied == ISOLATES_FILE_READ);
    CHECK(verdict.error == ENOENT);
    REQUIRE(verdict.denied_by);
    CHECK(verdict.denied_by->source == "test.ipol");
    CHECK(verdict.denied_by->line == 14);
    CHECK(verdict.denied_by->column == 3);
    CHECK(blob.find("p")->decide_syscall("mkdirat").denied_by->line == 14);
    CHECK(blob.find("p")->decide_syscall("mkdirat").error == EPERM);
    CHECK(!blob.find("p")->decide_syscall("mkdir").denied);

    const decide::Blob stripped = blob_of(program, true);
    CHECK(stripped.find("p")->decide(facts).error == ENOENT);
    CHECK(!stripped.find("p")->decide(facts).denied_by);
    CHECK(!stripped.find("p")->decide_syscall("mkdirat").denied_by);
    CHECK(isolates_view_count(&stripped.view(), ISOLATES_SECTION_RULES) == 0);
    CHECK(isolates_view_count(&stripped.view(), ISOLATES_SECTION_SOURCES) == 0);
}

TEST_CASE("emit: what cannot be compiled is said, with the rules it is about") {
    const auto error_of = [](std::vector<model::Policy> policies) {
        const auto blob = emit::build_blob(program_of(std::move(policies)), {});
        REQUIRE(!blob);
        return blob.error();
    };
    const auto says = [](const emit::Error& error, std::string_view part) {
        INFO(error.message);
        return error.message.find(part) != std::string::npos;
    };

    CHECK(says(error_of({}), "no policy"));
    CHECK(says(error_of({policy_of("a", {}), policy_of("a", {})}), "two policies"));
    CHECK(says(error_of({policy_of("", {})}), "name"));
    CHECK(says(error_of({policy_of("a\nb", {})}), "name"));
    CHECK(says(error_of({policy_of(std::string(256, 'a'), {})}), "name"));
    CHECK(says(error_of({policy_of("unconfined", {})}), "without a policy"));
    CHECK(emit::build_blob(program_of({policy_of(std::string(255, 'a'), {})}), {}));

    const emit::Error bad_glob = error_of({policy_of("a", {"/fine", "/a[b", "/x"})});
    CHECK(says(bad_glob, "'['"));
    REQUIRE(bad_glob.origins.size() == 1);
    CHECK(bad_glob.origins[0].line == 2);

    model::Program with_nul = program_of({policy_of("a", {})});
    with_nul.sources[0].text = std::string_view("a\0", 2);
    CHECK(says(emit::build_blob(with_nul, {}).error(), "byte 0"));
}

TEST_CASE("emit: rules that no automaton can hold are named") {
    // Where the a was can only be told from all that follows it.
    std::vector<std::string> globs = {"/etc/passwd", "/**a" + std::string(40, '?')};
    const auto blob = emit::build_blob(program_of({policy_of("a", globs)}), {});
    REQUIRE(!blob);
    REQUIRE(!blob.error().origins.empty());
    CHECK(blob.error().origins[0].line == 2);
}

TEST_CASE("emit: rules that multiply each other are dealt out") {
    std::vector<std::string> globs;
    for (int i = 0; i < 20; i++) globs.push_back(fmt::format("/**/w{}/**", i));
    model::Policy policy = policy_of("p", globs);
    for (std::uint32_t i = 0; i < 18; i++) policy.files[i].operations = 1u << i;
    const auto blob = emit::build_blob(program_of({policy}), {});
    REQUIRE(blob);
    CHECK(blob->bytes().size() < (256u << 10));
    const auto allowed = [&](std::string path) {
        return blob->find("p")
                   ->decide(decide::FileFacts{ISOLATES_FILE_OPS, std::move(path)})
                   .allowed &
               ~std::uint32_t{ISOLATES_FILE_ALWAYS_OPEN};
    };
    CHECK(allowed("/a/w0/a") == 1u << 0);
    CHECK(allowed("/a/w0/w1/w5/w9/w17/b") == (1u << 0 | 1u << 1 | 1u << 5 | 1u << 9 | 1u << 17));
    CHECK(allowed("/a/w0/w1/w5/w9/w17") == (1u << 0 | 1u << 1 | 1u << 5 | 1u << 9));
    CHECK(allowed("/a/w18/w19/b") == ISOLATES_FILE_READ);
}
