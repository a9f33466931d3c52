// SPDX-License-Identifier: GPL-2.0-only
// What is compiled, stripped, shown and compiled again decides as it did.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <set>

#include "decide/decide.hpp"
#include "driver.hpp"
#include "emit/emit.hpp"
#include "reference/blob_changer.hpp"
#include "reference/decision_table.hpp"
#include "reference/generator.hpp"
#include "sema/links.hpp"
#include "sema/network_names.hpp"
#include "sema/open.hpp"
#include "show/compare.hpp"
#include "show/show.hpp"

namespace {

using namespace isolates;

decide::Blob stripped(const model::Program& program) {
    auto blob = emit::build_blob(program, {.strip = true});
    if (!blob) FAIL(blob.error().message);
    return std::move(*blob);
}

decide::Blob compiled(const std::string& text) {
    CompileOptions options;
    options.strip = true;
    Compilation run = compile_text("test.ipol", text, options);
    for (const auto& diagnostic : run.report.diagnostics())
        if (diagnostic.severity == diag::Severity::error) FAIL(diagnostic.text << " in\n" << text);
    REQUIRE(run.blob);
    return std::move(*run.blob);
}

std::string shown(const decide::Blob& blob) {
    const auto text = show::decompile(blob, blob.policies().front());
    if (!text) FAIL(text.error());
    return text->whole();
}

std::string shown(const std::string& text) {
    return shown(compiled(text));
}

// What is shown of what was shown is the same again.
void is_shown_as(const std::string& text, const std::string& expected) {
    const std::string result = shown(text);
    CHECK(result == expected);
    CHECK(shown(result) == result);
}

// The language has no quiet allow rules.
void make_sayable(model::Effect& effect) {
    if (effect.action == model::Action::allow) effect.quiet = false;
    if (effect.audit) effect.quiet = false;
}

void same(const decide::Verdict& a, const decide::Verdict& b, std::uint32_t operations) {
    CHECK((a.allowed & operations) == (b.allowed & operations));
    CHECK(a.denied == b.denied);
    CHECK(a.reported == b.reported);
    CHECK(a.error == b.error);
}

// All that decide the same by the comparison that show itself makes are asked too, as
// the kernel would ask.
template <typename Make>
void ask(const decide::Blob& before, const std::string& text, int count, Make make_facts) {
    const decide::Blob after = compiled(text);
    INFO(text);
    for (int i = 0; i < count; i++) {
        const auto facts = make_facts();
        INFO(reference::describe(facts));
        // Of some classes each operation has facts of its own.
        same(before.policies().front().decide(facts), after.policies().front().decide(facts),
             facts.operations);
    }
}

TEST_CASE("shown file rules decide as before", "[show]") {
    reference::Generator generator(reference::test_seed());
    int refused = 0;
    for (int round = 0; round < 400; round++) {
        model::Program program{{model::Policy{}}, {}};
        model::Policy& policy = program.policies.front();
        policy.name = "p";
        for (std::uint32_t rule = 0; rule < 1 + generator.below(7); rule++) {
            policy.rules.push_back({0, rule + 1, 1});
            policy.files.push_back(generator.file_rule(rule));
            make_sayable(policy.files.back().effect);
        }
        if (generator.chance(3))
            policy.open[ISOLATES_CLASS_FILE] |= ISOLATES_FILE_READ | ISOLATES_FILE_LOCK;
        INFO(reference::describe(policy));
        const decide::Blob blob = stripped(program);
        const auto text = show::decompile(blob, blob.policies().front());
        if (text) {
            ask(blob, text->whole(), 50, [&] { return generator.file_facts(policy); });
            continue;
        }
        // Wildcards upon wildcards, as nobody writes them, may be too much.
        REQUIRE_THAT(text.error(), Catch::Contains("too much"));
        refused++;
    }
    CHECK(refused < 20);
}

// An exec leads where it led: to the same policy, by the same name.
void same_transitions(const decide::Blob& before, const std::string& text,
                      const model::Policy& policy, reference::Generator& generator) {
    const decide::Blob after = compiled(text);
    INFO(text);
    for (int i = 0; i < 50; i++) {
        decide::FileFacts facts = generator.file_facts(policy);
        facts.operations = ISOLATES_FILE_EXEC;
        facts.directory = false;
        if (facts.path.ends_with('/')) facts.path += 'a';
        INFO(reference::describe(facts));
        const auto a = before.policies().front().transition(facts);
        const auto b = after.policies().front().transition(facts);
        CHECK(a == b);
    }
}

TEST_CASE("shown exec rules lead where they led", "[show]") {
    reference::Generator generator(reference::test_seed() + 1);
    int asked = 0, refused = 0;
    for (int round = 0; round < 400; round++) {
        model::Program program{{model::Policy{}}, {}};
        model::Policy& policy = program.policies.front();
        policy.name = "p";
        for (std::uint32_t rule = 0; rule < 1 + generator.below(5); rule++) {
            policy.rules.push_back({0, rule + 1, 1});
            policy.files.push_back(generator.file_rule(rule));
        }
        generator.add_transitions(policy);
        for (auto& transition : policy.transitions)
            if (transition.kind == ISOLATES_TRANSITION_CHILD && generator.chance(2))
                transition.target = "p//child";
        for (auto& rule : policy.files) make_sayable(rule.effect);
        if (generator.chance(4)) sema::open_all(policy);
        INFO(reference::describe(policy));
        // Some contradict themselves.
        const auto blob = emit::build_blob(program, {.strip = true});
        if (!blob) continue;
        const auto text = show::decompile(*blob, blob->policies().front());
        if (!text) {
            REQUIRE_THAT(text.error(), Catch::Contains("too much"));
            refused++;
            continue;
        }
        ask(*blob, text->whole(), 50, [&] { return generator.file_facts(policy); });
        same_transitions(*blob, text->whole(), policy, generator);
        asked++;
    }
    CHECK(asked > 20);
    CHECK(refused < 10);
}

TEST_CASE("shown rules about numbers and peers decide as before", "[show]") {
    reference::Generator generator(reference::test_seed());
    for (int round = 0; round < 300; round++) {
        model::Program program{{model::Policy{}}, {}};
        model::Policy& policy = program.policies.front();
        policy.name = "p";
        const auto next = [&] {
            policy.rules.push_back({0, static_cast<std::uint32_t>(policy.rules.size() + 1), 1});
            return static_cast<std::uint32_t>(policy.rules.size() - 1);
        };
        for (std::size_t i = generator.below(5); i; i--)
            policy.signals.push_back(generator.signal_rule(next()));
        for (std::size_t i = generator.below(5); i; i--)
            policy.capabilities.push_back(generator.capability_rule(next()));
        for (std::size_t i = generator.below(5); i; i--)
            policy.ptraces.push_back(generator.peer_rule(next(), ISOLATES_PTRACE_OPS));
        for (std::size_t i = generator.below(5); i; i--)
            policy.namespaces.push_back(generator.namespace_rule(next()));
        for (std::size_t i = generator.below(5); i; i--)
            policy.io_urings.push_back(generator.peer_rule(next(), ISOLATES_IO_URING_OPS));
        for (auto& rule : policy.signals) make_sayable(rule.effect);
        for (auto& rule : policy.capabilities) make_sayable(rule.effect);
        for (auto& rule : policy.ptraces) make_sayable(rule.effect);
        for (auto& rule : policy.namespaces) make_sayable(rule.effect);
        for (auto& rule : policy.io_urings) make_sayable(rule.effect);
        if (generator.chance(3)) policy.open[ISOLATES_CLASS_PTRACE] = ISOLATES_PTRACE_READBY;
        if (generator.chance(3)) policy.open[ISOLATES_CLASS_SIGNAL] = ISOLATES_SIGNAL_OPS;
        if (generator.chance(3)) policy.open[ISOLATES_CLASS_CAPABILITY] = ISOLATES_CAPABILITY_OPS;
        if (generator.chance(3)) policy.open[ISOLATES_CLASS_NAMESPACE] = ISOLATES_NAMESPACE_ENTER;
        INFO(reference::describe(policy));
        const decide::Blob blob = stripped(program);
        const std::string text = shown(blob);
        ask(blob, text, 20, [&] { return generator.signal_facts(policy); });
        ask(blob, text, 20, [&] { return generator.capability_facts(); });
        ask(blob, text, 20, [&] { return generator.ptrace_facts(policy); });
        ask(blob, text, 20, [&] { return generator.namespace_facts(); });
        ask(blob, text, 20, [&] { return generator.io_uring_facts(policy); });
    }
}

// A rule that the language has words for.
model::NetworkRule sayable_network_rule(reference::Generator& generator, std::uint32_t rule) {
    model::NetworkRule made = generator.network_rule(rule);
    make_sayable(made.effect);
    for (auto* const end : {&made.local, &made.peer}) {
        if (end->is_any()) continue;
        if (!made.family || (*made.family != ISOLATES_AF_INET && *made.family != ISOLATES_AF_INET6))
            made.family = ISOLATES_AF_INET;
        const bool is_inet = *made.family == ISOLATES_AF_INET;
        if (end->prefix && (end->prefix->kind == ISOLATES_ENDPOINT_INET) != is_inet)
            end->prefix.reset();
    }
    if (!made.peer.is_any()) made.operations &= ISOLATES_NETWORK_PEER_OPS;
    constexpr std::uint8_t netlink = 16;
    const bool has_name = made.family == netlink && made.protocol &&
                          !sema::netlink_protocol_name(*made.protocol).empty();
    if (!has_name) made.protocol.reset();
    return made;
}

// Facts of a socket whose addresses are of its family, as all are.
decide::NetworkFacts network_facts(reference::Generator& generator, const model::Policy& policy) {
    for (;;) {
        const decide::NetworkFacts facts = generator.network_facts(policy);
        const auto is_of_family = [&](const std::optional<isolates_endpoint>& end) {
            if (!end || end->kind == ISOLATES_ENDPOINT_NONE) return true;
            return facts.family ==
                   (end->kind == ISOLATES_ENDPOINT_INET ? ISOLATES_AF_INET : ISOLATES_AF_INET6);
        };
        if (is_of_family(facts.local) && is_of_family(facts.peer)) return facts;
    }
}

TEST_CASE("shown network rules decide as before", "[show]") {
    reference::Generator generator(reference::test_seed());
    int refused = 0;
    for (int round = 0; round < 200; round++) {
        model::Program program{{model::Policy{}}, {}};
        model::Policy& policy = program.policies.front();
        policy.name = "p";
        for (std::uint32_t rule = 0; rule < 1 + generator.below(4); rule++) {
            policy.rules.push_back({0, rule + 1, 1});
            policy.networks.push_back(sayable_network_rule(generator, rule));
            // What a rule says of unix sockets is said in their own class as well.
            const model::NetworkRule& network = policy.networks.back();
            if (network.local.is_any() && network.peer.is_any() && !network.protocol &&
                network.family.value_or(ISOLATES_AF_UNIX) == ISOLATES_AF_UNIX)
                policy.unixes.push_back({network.effect, network.operations, network.type, {}, {}});
        }
        INFO(reference::describe(policy));
        const decide::Blob blob = stripped(program);
        const auto text = show::decompile(blob, blob.policies().front());
        if (!text) {
            refused++;
            continue;
        }
        ask(blob, text->whole(), 50, [&] { return network_facts(generator, policy); });
    }
    CHECK(refused <= 5);
}

// Policies of rules about one class, of which no more than @refused_max may be refused.
template <typename MakeRule, typename MakeFacts>
void show_and_ask(std::uint64_t salt, int refused_max, MakeRule add_rule, MakeFacts make_facts) {
    constexpr int rounds = 200;
    reference::Generator generator(reference::test_seed() + salt);
    int refused = 0;
    for (int round = 0; round < rounds; round++) {
        model::Program program{{model::Policy{}}, {}};
        model::Policy& policy = program.policies.front();
        policy.name = "p";
        if (generator.chance(4)) sema::open_all(policy);
        for (std::uint32_t rule = 0; rule < 1 + generator.below(5); rule++) {
            policy.rules.push_back({0, rule + 1, 1});
            add_rule(generator, policy, rule);
        }
        sema::complete_links(policy);
        INFO(reference::describe(policy));
        const decide::Blob blob = stripped(program);
        const auto text = show::decompile(blob, blob.policies().front());
        if (text) {
            ask(blob, text->whole(), 40, [&] { return make_facts(generator, policy); });
            continue;
        }
        UNSCOPED_INFO(text.error());
        refused++;
    }
    CHECK(refused <= refused_max);
}

TEST_CASE("shown rules about links decide as before", "[show]") {
    // Wildcards upon wildcards in both names; errnos and audits of pairs that never meet.
    show_and_ask(
        2, 15,
        [](reference::Generator& generator, model::Policy& policy, std::uint32_t rule) {
            if (policy.links.empty() || generator.chance(2)) {
                generator.add_links(policy);
                for (auto& link : policy.links) {
                    make_sayable(link.effect);
                    if (link.operations & ISOLATES_LINK_MORE) link.operations = ISOLATES_LINK_OPS;
                }
                return;
            }
            policy.files.push_back(generator.file_rule(rule));
            make_sayable(policy.files.back().effect);
            if (generator.chance(2)) policy.files.back().operations |= ISOLATES_FILE_LINK;
        },
        [](reference::Generator& generator, const model::Policy& policy) {
            return generator.link_facts(policy);
        });
}

std::uint32_t command_of(std::uint32_t operation) {
    if (operation == ISOLATES_MOUNT_BIND) return ISOLATES_MS_BIND;
    if (operation == ISOLATES_MOUNT_MOVE) return ISOLATES_MS_MOVE;
    return operation == ISOLATES_MOUNT_REMOUNT ? std::uint32_t{ISOLATES_MS_REMOUNT} : 0;
}

constexpr std::uint32_t kMountWithSource =
    ISOLATES_MOUNT_MOUNT | ISOLATES_MOUNT_BIND | ISOLATES_MOUNT_MOVE | ISOLATES_MOUNT_PIVOT_ROOT;
constexpr std::uint32_t kMakePrivate = 1u << 18;

// A rule that the language has words for: it is about one operation, or about all that
// "mount" is about.
model::MountRule sayable_mount_rule(reference::Generator& generator, std::uint32_t rule) {
    model::MountRule made = generator.mount_rule(rule);
    make_sayable(made.effect);
    made.operations = 1u << generator.below(7);
    const std::uint32_t mask = isolates_facts_mount_mask(made.operations);
    if (!(made.operations & kMountWithSource)) made.source.reset();
    if (made.operations != ISOLATES_MOUNT_MOUNT) made.fstype.reset();
    if (!mask || !~made.free) {
        made.flags = 0;
        made.free = ~std::uint32_t{0};
    } else {
        const std::uint32_t command = made.operations == ISOLATES_MOUNT_PROPAGATE
                                          ? kMakePrivate
                                          : command_of(made.operations);
        made.free &= mask & ~command;
        made.flags = (made.flags & mask & ~made.free) | command;
    }
    if (made.is_unconditional() &&
        !(made.operations &
          (ISOLATES_MOUNT_REMOUNT | ISOLATES_MOUNT_UMOUNT | ISOLATES_MOUNT_PIVOT_ROOT)))
        made.operations = ISOLATES_MOUNT_OPS & ~(ISOLATES_MOUNT_UMOUNT | ISOLATES_MOUNT_PIVOT_ROOT);
    return made;
}

TEST_CASE("shown rules about mounts decide as before", "[show]") {
    show_and_ask(
        3, 6,
        [](reference::Generator& generator, model::Policy& policy, std::uint32_t rule) {
            policy.mounts.push_back(sayable_mount_rule(generator, rule));
        },
        [](reference::Generator& generator, const model::Policy& policy) {
            decide::MountFacts facts = generator.mount_facts(policy);
            facts.flags |= command_of(facts.operations);
            if (facts.operations == ISOLATES_MOUNT_PROPAGATE) facts.flags |= kMakePrivate;
            if (facts.operations != ISOLATES_MOUNT_MOUNT) facts.fstype.clear();
            if (!(facts.operations & kMountWithSource)) facts.source.clear();
            if (!facts.target.starts_with('/')) facts.target.insert(0, 1, '/');
            return facts;
        });
}

TEST_CASE("shown rules about unix sockets decide as before", "[show]") {
    show_and_ask(
        4, 5,
        [](reference::Generator& generator, model::Policy& policy, std::uint32_t rule) {
            model::UnixRule made = generator.unix_rule(rule);
            make_sayable(made.effect);
            policy.unixes.push_back(made);
        },
        [](reference::Generator& generator, const model::Policy& policy) {
            decide::UnixFacts facts = generator.unix_facts(policy);
            for (std::string* const address : {&facts.local, &facts.peer})
                if (!address->empty() && !address->starts_with('/') && !address->starts_with('@'))
                    address->insert(0, 1, '@');
            return facts;
        });
}

TEST_CASE("shown rules about changes of policy decide as before", "[show]") {
    show_and_ask(
        5, 2,
        [](reference::Generator& generator, model::Policy& policy, std::uint32_t rule) {
            model::ChangeRule made = generator.change_rule(rule);
            make_sayable(made.effect);
            if (made.operations & ISOLATES_CHANGE_PROFILE_NOW) {
                made.operations = ISOLATES_CHANGE_PROFILE_OPS;
                made.program = "**";
            }
            policy.changes.push_back(made);
        },
        [](reference::Generator& generator, const model::Policy& policy) {
            decide::ChangeFacts facts = generator.change_facts(policy);
            if (!facts.program.starts_with('/')) facts.program.insert(0, 1, '/');
            return facts;
        });
}

TEST_CASE("what a policy attaches to is shown", "[show]") {
    reference::Generator generator(reference::test_seed() + 6);
    int refused = 0;  // wildcards upon wildcards
    for (int round = 0; round < 200; round++) {
        model::Program program{{model::Policy{}}, {}};
        model::Policy& policy = program.policies.front();
        policy.name = "p";
        for (std::size_t count = 1 + generator.below(4); count; count--)
            policy.attachments.push_back(generator.path_glob());
        const decide::Blob blob = stripped(program);
        const auto before = blob.policies().front();
        const auto shown_text = show::decompile(blob, before);
        if (!shown_text) {
            refused++;
            continue;
        }
        const std::string text = shown_text->whole();
        INFO(text);
        const decide::Blob again = compiled(text);
        const auto after = again.policies().front();
        CHECK(before.raw().attach_prefix == after.raw().attach_prefix);
        for (int i = 0; i < 50; i++) {
            const auto& glob = policy.attachments[generator.below(policy.attachments.size())];
            const std::string path = "/" + generator.text_like(glob);
            INFO(path);
            CHECK(before.attaches(path) == after.attaches(path));
        }
    }
    CHECK(refused <= 5);
}

TEST_CASE("the policies of all decision tables can be shown", "[show]") {
    for (const auto& entry : std::filesystem::directory_iterator(ISOLATES_DECISIONS)) {
        if (entry.path().extension() != ".table") continue;
        INFO(entry.path());
        const auto table = reference::read_decision_table(entry.path().string());
        REQUIRE(table);
        const Compilation run = compile_text("table.ipol", table->policy, {});
        REQUIRE(run.blob);
        for (const auto& policy : run.blob->policies()) {
            const auto text = show::decompile(*run.blob, policy);
            if (!text) FAIL(text.error());
            CHECK(!text->policy.empty());
        }
    }
}

TEST_CASE("what is shown can be read", "[show]") {
    is_shown_as(
        "policy web {\n"
        "  /srv/www/** r, /srv/www/upload/** rw, /srv/www/ r, /srv/ r, /srv/{,**} k,\n"
        "  owner /var/log/nginx/*.{log,gz} w,\n"
        "  deny /srv/www/private/** rwx, deny /** (chmod),\n"
        "  /dev/tty[0-9] rw, audit /etc/passwd r, /usr/bin/* ix, \"/a b\\\"c/\\x01\" r,\n"
        "  deny /etc/shadow r errno=ENOENT, deny /etc/** w errno=EROFS, quiet deny /tmp/? m,\n"
        "}\n",
        "policy web {\n"
        "  \"/a b\\\"c/\\x01\" r,\n"
        "  /dev/tty[0-9] rw,\n"
        "  /srv/ r,\n"
        "  /srv/www/upload/** w,\n"
        "  /srv/www/{,**} r,\n"
        "  /srv/{,**} k,\n"
        "  /usr/bin/* ix,\n"
        "  audit /etc/passwd r,\n"
        "  owner /var/log/nginx/*.gz w,\n"
        "  owner /var/log/nginx/*.log w,\n"
        "  deny /** (chmod),\n"
        "  deny /srv/www/private/** rwx,\n"
        "  quiet deny /tmp/? m,\n"
        "  deny /etc/shadow r errno=ENOENT,\n"
        "  deny /etc/** w errno=EROFS,\n"
        "}\n");
    is_shown_as("policy p { file, deny /x/** w, }", "policy p {\n  file,\n  deny /x/** w,\n}\n");
    is_shown_as("policy p flags=(default_allow) { deny /x r, }",
                "policy p flags=(default_allow) {\n  deny /x r,\n}\n");
    is_shown_as(
        "policy p { signal (send) set=(term, hup) peer=web-*, signal (receive) peer=manager,\n"
        "  signal (send) set=(kill) peer=front, signal (send) peer=backend, deny signal "
        "set=(stop),\n"
        "  capability, deny capability (sys_admin, net_raw) errno=EACCES, ptrace (read) peer=p,\n"
        "  deny namespace (create) (user, net), namespace, io_uring (sqpoll), mount,\n"
        "  deny remount, }",
        "policy p {\n"
        "  signal (receive) peer=manager,\n"
        "  signal (send) peer=backend,\n"
        "  signal (send) set=(hup, term) peer=web-*,\n"
        "  signal (send) set=kill peer=front,\n"
        "  deny signal set=stop,\n"
        "  mount,\n"
        "  deny remount,\n"
        "  capability,\n"
        "  deny capability (net_raw, sys_admin) errno=EACCES,\n"
        "  ptrace (read) peer=p,\n"
        "  namespace,\n"
        "  deny namespace (create) (net, user),\n"
        "  io_uring (sqpoll),\n"
        "}\n");
    is_shown_as("policy nginx /usr/sbin/nginx* { /x r, }",
                "policy nginx /usr/sbin/nginx* {\n  /x r,\n}\n");
    is_shown_as("policy \"a b\" flags=(complain) { /x r, }",
                "policy \"a b\" flags=(complain) {\n  /x r,\n}\n");
    is_shown_as(
        "policy p { network, deny network inet tcp, deny network (connect) inet stream\n"
        "  peer=(ip=10.0.0.0/8 port=80-443) errno=EACCES, }",
        "policy p {\n"
        "  network,\n"
        "  deny network inet tcp,\n"
        "  deny network (connect) inet stream peer=(ip=10.0.0.0/8 port=80-443) errno=EACCES,\n"
        "}\n");
    is_shown_as("policy p { bind net \"/run/a b\", bind pid of 7, deny syscall (mkdir, mkdirat), }",
                "policy p {\n  bind net \"/run/a b\",\n  bind pid of 7,\n"
                "  deny syscall (mkdir, mkdirat),\n}\n");
}

TEST_CASE("where execs lead is shown", "[show]") {
    is_shown_as(
        "policy web {\n"
        "  /usr/bin/* px, /usr/bin/{ba,}sh Cx -> shell, /usr/bin/env mrix,\n"
        "  /usr/lib/cgi/** rpix -> cgi//x, audit /opt/** Ux, deny /usr/bin/su x,\n"
        "  owner /home/*/bin/* PUx -> \"two words\", other /home/*/bin/* cix,\n"
        "  /srv/x (chmod, exec), /srv/y (chmod), /srv/y cux, /srv/z Px -> unconfined,\n"
        "}\n",
        "policy web {\n"
        "  /srv/[xy] (chmod),\n"
        "  /srv/x ix,\n"
        "  /srv/y cux,\n"
        "  /srv/z Ux,\n"
        "  /usr/bin/* px,\n"
        "  /usr/bin/bash Cx -> shell,\n"
        "  /usr/bin/env rixm,\n"
        "  /usr/bin/sh Cx -> shell,\n"
        "  /usr/lib/cgi/** rpix -> cgi//x,\n"
        "  audit /opt/** Ux,\n"
        "  other /home/*/bin/* cix,\n"
        "  owner /home/*/bin/* PUx -> \"two words\",\n"
        "  deny /usr/bin/su x,\n"
        "}\n");
    is_shown_as("policy p flags=(default_allow) { /usr/bin/* px, /usr/bin/x ix, }",
                "policy p flags=(default_allow) {\n  /usr/bin/* px,\n  /usr/bin/x ix,\n}\n");
    // A name that is a path attaches by it; a child's does not.
    const decide::Blob blob =
        compiled("/bin/a { profile b { /x cx -> /bin/a//b//c, /y cx -> c, } }");
    const auto text = show::decompile(blob, *blob.find("/bin/a//b"));
    REQUIRE(text);
    CHECK(text->whole() == "policy \\/bin/a//b {\n  /[xy] cx -> c,\n}\n");
}

TEST_CASE("limits on resources are shown", "[show]") {
    is_shown_as(
        "policy p { set rlimit nofile <= 1024, set rlimit nice <= -5, set rlimit as <= 2G,\n"
        "  set rlimit rttime <= 5 ms, set rlimit cpu <= 10 minutes, set rlimit core <= infinity, }",
        "policy p {\n"
        "  set rlimit cpu <= 600,\n"
        "  set rlimit core <= infinity,\n"
        "  set rlimit nofile <= 1024,\n"
        "  set rlimit as <= 2147483648,\n"
        "  set rlimit nice <= -5,\n"
        "  set rlimit rttime <= 5000,\n"
        "}\n");
}

TEST_CASE("rules with several texts are shown", "[show]") {
    is_shown_as(
        "policy p {\n"
        "  /tmp/mail/* l, deny /tmp/mail/z l, /tmp/lock l -> /tmp/lock.tmp,\n"
        "  link subset /new/* -> /old/**, deny link /srv/** -> /etc/** errno=EIO,\n"
        "  owner link /home/* -> /home/*,\n"
        "  change_profile -> web-*, change_profile /usr/bin/[ab] -> tool,\n"
        "}\n",
        "policy p {\n"
        "  /tmp/mail/* l,\n"
        "  link /tmp/lock -> /tmp/lock.tmp,\n"
        "  link subset /new/* -> /old/**,\n"
        "  owner link /home/* -> /home/*,\n"
        "  deny /tmp/mail/z l,\n"
        "  deny link /srv/** -> /etc/** errno=EIO,\n"
        "  change_profile -> web-*,\n"
        "  change_profile /usr/bin/[ab] -> tool,\n"
        "}\n");
    is_shown_as(
        "policy p {\n"
        "  unix (bind) type=stream addr=@app*, unix (create) type=stream,\n"
        "  unix (connect) type=stream peer=(addr=\"/run/{a,b}*\" label=web),\n"
        "  deny unix (receive) addr=none errno=EIO,\n"
        "  mount fstype=(tmpfs, ext*) options=(ro, nosuid) -> /mnt/*/,\n"
        "  mount options in (rw, nodev) fstype=tmpfs -> /tmp/**,\n"
        "  mount options=(rbind) /lib/ -> /jail/lib/, mount options=(make-rprivate) /,\n"
        "  mount /a/ -> /b/, mount options=(bind) options in (rbind) /c/ -> /d/,\n"
        "  umount /jail/**, remount, deny umount /jail/lib/ errno=EBUSY,\n"
        "  pivot_root oldroot=/jail/old/ /jail/,\n"
        "}\n",
        "policy p {\n"
        "  mount /a/ -> /b/,\n"
        "  mount options in (nodev) fstype=tmpfs -> /tmp/**,\n"
        "  mount options=(bind) options in (rbind) /c/ -> /d/,\n"
        "  mount options=(rbind) /lib/ -> /jail/lib/,\n"
        "  mount options=(ro, nosuid) fstype=ext* -> /mnt/*/,\n"
        "  mount options=(ro, nosuid) fstype=tmpfs -> /mnt/*/,\n"
        "  mount options=(rprivate) -> /,\n"
        "  pivot_root oldroot=/jail/old/ /jail/,\n"
        "  remount,\n"
        "  umount /jail/**,\n"
        "  deny umount /jail/lib/ errno=EBUSY,\n"
        "  unix (bind) type=stream addr=@app*,\n"
        "  unix (connect) type=stream peer=(addr=/run/[ab]* label=web),\n"
        "  unix (create) type=stream,\n"
        "  deny unix (receive) addr=none errno=EIO,\n"
        "}\n");
}

TEST_CASE("protocols of netlink, and sockets without an address, are shown", "[show]") {
    is_shown_as(
        "policy p { network netlink raw route, network netlink generic,\n"
        "  network (bind) inet stream ip=none, network (connect) inet6 peer=(ip=none), }",
        "policy p {\n"
        "  network (bind) inet stream ip=none,\n"
        "  network (connect) inet6 peer=(ip=none),\n"
        "  network netlink generic,\n"
        "  network netlink raw route,\n"
        "}\n");
}

TEST_CASE("several attachments are shown", "[show]") {
    is_shown_as("policy a /{usr/,}bin/ping {\n}\n", "policy a /{bin/ping,usr/bin/ping} {\n}\n");
    // How much of each is literal counts, which alternatives would make less.
    is_shown_as("@{A} = /usr/bin/a1 /usr/bin/a2\npolicy a @{A} {\n}\n",
                "@{attachment} = /usr/bin/a1 /usr/bin/a2\npolicy a @{attachment} {\n}\n");
}

TEST_CASE("what is shown is compared with what was given", "[show]") {
    const auto is_same = [](const std::string& a, const std::string& b) {
        const decide::Blob one = compiled("policy p { " + a + " }");
        const decide::Blob other = compiled("policy p { " + b + " }");
        return show::compare({&one.view(), &one.view().policies[0]},
                             {&other.view(), &other.view().policies[0]})
            .has_value();
    };
    CHECK(is_same("/a px -> b, /b ix,", "/b ix, /a px -> b,"));
    for (const char* const other : {"/a Px -> b,", "/a pix -> b,", "/a cx -> b,", "/a px -> c,",
                                    "/a px,", "/a ix,", "/? px -> b,", "owner /a px -> b,"})
        CHECK_FALSE(is_same("/a px -> b,", other));
    CHECK(is_same("link /a -> /b,", "link /a -> /b,"));
    for (const char* const other : {"link subset /a -> /b,", "link /a -> /c,", "link /b -> /b,",
                                    "owner link /a -> /b,", "audit link /a -> /b,", "/a l,"})
        CHECK_FALSE(is_same("link /a -> /b,", other));
    for (const char* const other :
         {"mount options=(ro) -> /a,", "mount options=(bind) -> /a,", "mount -> /b,",
          "mount fstype=tmpfs -> /a,", "mount /x -> /a,", "mount,", "remount /a,"})
        CHECK_FALSE(is_same("mount -> /a,", other));
    for (const char* const other : {"unix (bind) addr=@b,", "unix (bind),", "unix (send) addr=@a,",
                                    "unix (bind) type=stream addr=@a,", "unix (bind) addr=none,"})
        CHECK_FALSE(is_same("unix (bind) addr=@a,", other));
    for (const char* const other : {"change_profile -> b,", "change_profile,",
                                    "change_profile /x -> a,", "change_profile /** -> a,"})
        CHECK_FALSE(is_same("change_profile -> a,", other));
    CHECK(is_same("set rlimit nofile <= 9,", "set rlimit nofile <= 9,"));
    CHECK_FALSE(is_same("set rlimit nofile <= 9,", "set rlimit nofile <= 8,"));
    CHECK_FALSE(is_same("set rlimit nofile <= 9,", ""));
}

TEST_CASE("rules that meet everywhere are shown as they were", "[show]") {
    // Names that no set of bytes unites.
    std::string text = "policy p {\n";
    for (const char* const name :
         {"Ab", "Bcd", "Cefg", "Dh", "Eij", "Fklm", "Gn", "Hop", "Iqrs", "Jt", "Kuv", "Lwxy"})
        text += fmt::format("  /**/{}/** {},\n", name, name[1] % 2 ? "r" : "(chmod)");
    is_shown_as(text + "}\n", text + "}\n");
}

}  // namespace

// Whose automata no compiler makes; what looking for globs may take is in proportion to a
// blob, so this would be minutes if it were not.
TEST_CASE("blobs that nobody compiled are shown or refused", "[show]") {
    const auto seed = reference::test_seed() + 2;
    INFO("seed " << seed);
    reference::BlobChanger changer(seed);
    CompileOptions options;
    options.strip = true;
    const Compilation run = compile_text("test.ipol",
                                         "policy p {\n  /srv/{a,b}*/** r,\n  deny /srv/**/x w,\n"
                                         "  owner /home/*/** rw,\n  signal (send) peer=a*,\n"
                                         "  capability chown,\n  deny syscall mkdir,\n}\n",
                                         options);
    REQUIRE(run.blob);
    const reference::Bytes real(run.blob->bytes().begin(), run.blob->bytes().end());
    std::size_t taken = 0;
    reference::Bytes bytes = real;
    for (int round = 0; round < 2000 && taken < 20; round++) {
        const auto changed = changer.changed(bytes);
        const auto blob = decide::Blob::load(changed);
        bytes = blob && round % 16 ? changed : real;
        if (!blob) continue;
        taken++;
        for (const auto& policy : blob->policies())
            if (const auto text = show::decompile(*blob, policy); !text)
                REQUIRE_FALSE(text.error().empty());
    }
    CHECK(taken == 20);
}
