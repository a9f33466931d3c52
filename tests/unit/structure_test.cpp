// SPDX-License-Identifier: GPL-2.0-only
// What is around rules: policies in policies, blocks, conditions, aliases, attachments,
// flags; and where exec rules and links lead.
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "decide/decide.hpp"
#include "diag/render.hpp"
#include "driver.hpp"
#include "support/temporary.hpp"

using namespace isolates;

namespace {

using Strings = std::vector<std::string>;

struct Compiled {
    explicit Compiled(const std::string& text, CompileOptions options = {}) {
        const auto file = folder.write("f.ipol", text);
        options.include_path.push_back(folder.path(""));
        run = compile({file}, options);
    }

    [[nodiscard]] std::string said() const { return diag::render(run.report, run.sources, false); }

    [[nodiscard]] const model::Policy& policy(std::size_t index = 0) const {
        INFO(said());
        REQUIRE(run.report.errors() == 0);
        REQUIRE(run.blob);
        REQUIRE(run.program.policies.size() > index);
        return run.program.policies[index];
    }

    [[nodiscard]] Strings globs(std::size_t index = 0) const {
        Strings globs;
        for (const auto& rule : policy(index).files) globs.push_back(rule.glob);
        return globs;
    }

    test::TemporaryFolder folder;
    Compilation run;
};

// The transition of the only file rule of a policy that has nothing else.
model::Transition transition_of(const std::string& rule) {
    const Compiled compiled("@{T} = there\npolicy p {\n" + rule + "\n}\n");
    const auto& policy = compiled.policy();
    REQUIRE(policy.files.size() == 1);
    REQUIRE(policy.files[0].transition == 1);
    REQUIRE(policy.transitions.size() == 1);
    return policy.transitions[0];
}

}  // namespace

TEST_CASE("structure: only the branch that holds counts", "[structure]") {
    const auto chosen = [](const std::string& condition) {
        const Compiled compiled("@{SET} = x\n$YES = true\n${NO} = False\npolicy p {\nif " +
                                condition + " { /then r, } else { /else r, }\n}\n");
        return compiled.globs() == Strings{"/then"};
    };
    CHECK(chosen("$YES"));
    CHECK(!chosen("$NO"));
    CHECK(chosen("not ${NO}"));
    CHECK(chosen("defined @{SET}"));
    CHECK(!chosen("defined @{UNSET}"));
    CHECK(chosen("defined $NO"));
    CHECK(chosen("not defined $UNSET"));
    // "not" binds more than "and", and that more than "or".
    CHECK(!chosen("not $NO and $NO"));
    CHECK(chosen("$YES or $NO and $NO"));
    CHECK(!chosen("($YES or $NO) and $NO"));
    CHECK(!chosen("not ($NO or $YES)"));

    const Compiled chain(
        "$A = false\n$B = true\npolicy p { if $A { /a r, } else if $B { if $A { /b r, } else { /c "
        "r, } } else { /d r, } /e r, }\n");
    CHECK(chain.globs() == Strings{"/c", "/e"});
}

TEST_CASE("structure: a block's qualifiers go for each of its rules", "[structure]") {
    const Compiled compiled(
        "policy p {\naudit deny { /a r, owner { /b r, priority=3 /c r, } }\nowner { deny /d r, } "
        "priority=-2 { /e r, priority=1 /f r, }\n}\n");
    const auto& files = compiled.policy().files;
    REQUIRE(files.size() == 6);
    for (std::size_t i = 0; i < 3; i++) {
        CHECK(files[i].effect.action == model::Action::deny);
        CHECK(files[i].effect.audit);
        CHECK(files[i].whose == (i ? model::Whose::owner : model::Whose::anyone));
    }
    CHECK(files[2].effect.priority == 3);
    CHECK(files[3].whose == model::Whose::owner);
    CHECK(!files[3].effect.audit);
    CHECK(files[4].effect.priority == -2);
    CHECK(files[5].effect.priority == 1);
}

TEST_CASE("structure: children and hats are policies of their own", "[structure]") {
    const Compiled compiled(
        "policy p /usr/bin/p {\n/a r,\nprofile c /usr/bin/c flags=(default_allow) { "
        "/@{profile_name} "
        "r, @{exec_path} r, hat h { } }\n^g { }\n@{exec_path} m,\n}\npolicy q { }\n");
    Strings names;
    for (const auto& policy : compiled.run.program.policies) names.push_back(policy.name);
    CHECK(names == Strings{"p", "p//c", "p//c//h", "p//g", "q"});
    CHECK(compiled.globs(0) == Strings{"/a", "/usr/bin/p"});
    CHECK(compiled.globs(1) == Strings{"/p//c", "/usr/bin/c"});
    CHECK(compiled.policy(1).open[ISOLATES_CLASS_FILE] == ISOLATES_FILE_OPS);
    CHECK(compiled.policy(0).open[ISOLATES_CLASS_FILE] == ISOLATES_FILE_ALWAYS_OPEN);
    CHECK(compiled.policy(3).files.empty());
}

TEST_CASE("structure: variables are set, added to, and set if they are not", "[structure]") {
    CHECK(Compiled("@{A} ?= /a\n@{A} ?= /b\n@{A} += /c\npolicy p { @{A} r, }\n").globs() ==
          Strings{"/a", "/c"});
    CompileOptions options;
    options.definitions = {{"A", {"/x"}}};
    CHECK(Compiled("@{A} = /a\npolicy p { @{A} r, }\n", options).globs() == Strings{"/x"});
    // What a variable makes of the policy's name is another thing in each policy.
    const Compiled two("@{A} = /x/@{profile_name}\npolicy p { @{A} r, }\npolicy q { @{A} r, }\n");
    CHECK(two.globs(0) == Strings{"/x/p"});
    CHECK(two.globs(1) == Strings{"/x/q"});
}

TEST_CASE("structure: an alias doubles the paths that begin with it, once", "[structure]") {
    const Compiled compiled(
        "alias /a -> /b,\nalias /b/ -> /c/,\npolicy p /a/x { /a/1 r, /b/2 r, /d r, link /a/3 -> "
        "/a/4, }\n");
    CHECK(compiled.globs() == Strings{"/a/1", "/b/1", "/b/2", "/c/2", "/d"});
    CHECK(compiled.policy().attachments == Strings{"/a/x", "/b/x"});
    CHECK(compiled.policy().links.size() == 4);
}

TEST_CASE("structure: names, attachments and flags", "[structure]") {
    const Compiled compiled(
        "@{BIN} = /bin /sbin\n@{N} = x\n/usr/{,local/}bin/a { }\npolicy b@{N} @{BIN}/b "
        "flags=(complain) { }\nprofile /c (kill) { }\npolicy d xattrs=(user.x=\"1\") { }\npolicy e "
        "/e xattrs=(user.x=\"1\") flags=(disabled) { }\npolicy f /f flags=(audit) { /x r, quiet "
        "deny /y r, }\n");
    CHECK(compiled.policy(0).name == "/usr/{,local/}bin/a");
    CHECK(compiled.policy(0).attachments == Strings{"/usr/{,local/}bin/a"});
    CHECK(compiled.policy(1).name == "bx");
    CHECK(compiled.policy(1).attachments == Strings{"/bin/b", "/sbin/b"});
    CHECK(compiled.policy(1).mode == ISOLATES_MODE_COMPLAIN);
    CHECK(compiled.policy(2).attachments == Strings{"/c"});
    CHECK(compiled.policy(2).mode == ISOLATES_MODE_KILL);
    CHECK(compiled.policy(3).attachments.empty());
    CHECK(compiled.policy(4).attachments.empty());
    CHECK(compiled.policy(4).mode == ISOLATES_MODE_DISABLED);
    CHECK(compiled.policy(5).files[0].effect.audit);
    CHECK(!compiled.policy(5).files[1].effect.audit);
}

TEST_CASE("structure: exec modes are what they are to AppArmor", "[structure]") {
    using T = model::Transition;
    constexpr auto policy = ISOLATES_TRANSITION_POLICY;
    constexpr auto child = ISOLATES_TRANSITION_CHILD;
    constexpr auto unconfined = ISOLATES_TRANSITION_UNCONFINED;
    constexpr auto deny = ISOLATES_FALLBACK_DENY;
    constexpr auto stay = ISOLATES_FALLBACK_STAY;
    CHECK(transition_of("/x px,") == T{policy, deny, false, ""});
    CHECK(transition_of("/x Px,") == T{policy, deny, true, ""});
    CHECK(transition_of("/x pix,") == T{policy, stay, false, ""});
    CHECK(transition_of("/x PUx,") == T{policy, ISOLATES_FALLBACK_UNCONFINED, true, ""});
    CHECK(transition_of("rpx /x -> a,") == T{policy, deny, false, "a"});
    CHECK(transition_of("/x px -> @{T}//b,") == T{policy, deny, false, "there//b"});
    CHECK(transition_of("/x Cix -> a,") == T{child, stay, true, "p//a"});
    CHECK(transition_of("/x cx -> p//a,") == T{child, deny, false, "p//a"});
    CHECK(transition_of("/x cux,") == T{child, ISOLATES_FALLBACK_UNCONFINED, false, ""});
    CHECK(transition_of("/x ux,") == T{unconfined, deny, false, ""});
    CHECK(transition_of("/x px -> unconfined,") == T{unconfined, deny, false, ""});
    CHECK(transition_of("safe /x px,") == T{policy, deny, true, ""});
    CHECK(transition_of("file unsafe /x Ux,") == T{unconfined, deny, false, ""});
    CHECK(Compiled("policy p { /x ix, /y (exec), file, deny /z x, }").policy().transitions.empty());
}

TEST_CASE("structure: a pair of links makes pairs of all of them", "[structure]") {
    const Compiled compiled(
        "policy p { /a rl, /b l -> /c, owner link subset /d -> /e, deny link /f -> /g, l subset /h "
        "-> /i, }\n");
    const auto& policy = compiled.policy();
    const auto operations = [&](const std::string& name) -> std::uint32_t {
        const auto found = std::ranges::find(policy.links, name, &model::LinkRule::name);
        return found == policy.links.end() ? 0 : found->operations;
    };
    REQUIRE(policy.links.size() == 5);
    CHECK(operations("/a") == ISOLATES_LINK_LINK);
    CHECK(operations("/b") == (ISOLATES_LINK_LINK | ISOLATES_LINK_MORE));
    CHECK(operations("/d") == ISOLATES_LINK_LINK);
    CHECK(operations("/h") == ISOLATES_LINK_LINK);

    CHECK(Compiled("policy p { /a l, }").policy().links.empty());
}

TEST_CASE("structure: 'all' is every bare rule", "[structure]") {
    const Compiled compiled("policy p { audit allow all, }\npolicy q { deny all, /x r, }\n");
    REQUIRE(compiled.run.program.policies.size() == 2);
    const auto& p = compiled.run.program.policies[0];
    CHECK(p.files.size() == 1);
    CHECK(p.signals.size() == 1);
    CHECK(p.networks.size() == 1);
    CHECK(compiled.run.program.policies[1].files[0].effect.action == model::Action::deny);
}

TEST_CASE("structure: variables in the names of includes", "[structure]") {
    test::TemporaryFolder folder;
    folder.write("x.a", "/a r,\n");
    folder.write("x.b", "/b r,\n");
    const auto file =
        folder.write("f.ipol",
                     "@{X} = b\n@{X} += a\npolicy p { include \"x.@{X}\"\n include if exists "
                     "\"y.@{X}\"\n}\n");
    const auto run = compile({file}, {});
    REQUIRE(run.report.errors() == 0);
    REQUIRE(run.program.policies[0].files.size() == 2);
    CHECK(run.program.policies[0].files[0].glob == "/b");
    CHECK(run.program.policies[0].files[1].glob == "/a");
}
