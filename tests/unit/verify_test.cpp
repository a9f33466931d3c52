// SPDX-License-Identifier: GPL-2.0-only
// The verifier against cut and flipped blobs. Run it under sanitizers:
// each blob lies in memory of exactly its size.
#include <catch2/catch.hpp>
#include <cstring>
#include <set>
#include <string_view>

#include "emit/emit.hpp"
#include "reference/blob_changer.hpp"
#include "reference/forged_blob.hpp"
#include "reference/generator.hpp"
#include "reference/questions.hpp"

namespace {

using namespace isolates;
using reference::Bytes;
using reference::Exact;
using reference::put_checksum;
using reference::verify;
// A blob with all kinds of states, several automata and policies.
Bytes real_blob() {
    model::Program program;
    program.sources = {{"a.ipol", "policy a {\n}\n"}, {"b.ipol", ""}};
    program.policies.resize(2);
    program.policies[0].name = std::string("tiny");
    program.policies[0].open[ISOLATES_CLASS_NETWORK] = ISOLATES_NETWORK_CREATE;

    model::Policy& policy = program.policies[1];
    policy.name = std::string("a");
    const auto effect = [&](model::Action action, bool audit, std::uint32_t error) {
        policy.rules.push_back({1, static_cast<std::uint32_t>(policy.rules.size() + 1), 2});
        return model::Effect{action, audit, !audit, error,
                             static_cast<std::uint32_t>(policy.rules.size() - 1)};
    };
    const auto file = [&](const char* glob, std::uint32_t operations, std::uint32_t error = 0) {
        const auto action = error ? model::Action::deny : model::Action::allow;
        policy.files.push_back({effect(action, policy.files.size() % 2, error), glob, operations,
                                static_cast<model::Whose>(policy.files.size() % 3)});
    };
    file("/usr/lib/*.so", ISOLATES_FILE_READ | ISOLATES_FILE_MMAP);
    file("/srv/**", ISOLATES_FILE_READ);
    file("/srv/private/**", ISOLATES_FILE_OPS, ENOENT);
    file("/srv/private/x", ISOLATES_FILE_READ, EIO);
    file("/var/{a,b,c,d,e,f,g,h,i,j,k,l,m}", ISOLATES_FILE_LOCK);
    policy.transitions = {
        {ISOLATES_TRANSITION_POLICY, ISOLATES_FALLBACK_STAY, true, "tiny"},
        {ISOLATES_TRANSITION_UNCONFINED, ISOLATES_FALLBACK_DENY, false, ""},
    };
    file("/srv/**/x", ISOLATES_FILE_EXEC);
    policy.files.back().transition = 1;
    policy.links.push_back({effect(model::Action::allow, false, 0), "/srv/*", "/srv/private/**",
                            ISOLATES_LINK_LINK, model::Whose::anyone});
    policy.attachments = {"/srv/{private,public}/*"};
    model::SignalSet signals;
    signals.set(9).set(15);
    policy.signals.push_back(
        {effect(model::Action::allow, true, 0), ISOLATES_SIGNAL_SEND, signals, "unconfined"});
    model::NetworkRule network{
        effect(model::Action::deny, false, EACCES), ISOLATES_NETWORK_OPS, 2, 1, {}, {}, {}};
    network.peer.ports = model::PortRange{80, 80};
    network.peer.prefix = model::Prefix{ISOLATES_ENDPOINT_INET, {10, 32}, 11};
    policy.networks.push_back(network);
    policy.syscalls.push_back({effect(model::Action::deny, false, EACCES), "mkdirat"});
    policy.syscalls.push_back({effect(model::Action::deny, false, 0), "mkdir"});
    policy.syscalls.push_back({effect(model::Action::deny, true, 0),
                               "mkdir",
                               {{1, ISOLATES_COMPARE_EQUAL, 0xffff, 0777}}});
    policy.rlimits = {{7, 1024, 0}, {1, ISOLATES_RLIMIT_INFINITY, 1}};
    policy.bindings.push_back(
        {ISOLATES_NAMESPACE_NET, ISOLATES_WHERE_PATH, "/run/netns/web", 0, true, 0});
    policy.bindings.push_back(
        {ISOLATES_NAMESPACE_PID, ISOLATES_WHERE_NUMBER, "", 4026532201, false, 0});
    const auto blob = emit::build_blob(program, {});
    if (!blob) FAIL(blob.error().message);
    return {blob->bytes().begin(), blob->bytes().end()};
}

// Verify a blob; if it is taken, ask all its policies. Whether it was taken.
bool survives(const Bytes& bytes) {
    const Exact exact(bytes);
    isolates_view view{};
    isolates_refusal refusal{};
    if (isolates_verify(exact.data(), exact.size(), &view, &refusal)) {
        if (!refusal.reason || !*refusal.reason) FAIL("refused without a reason");
        return false;
    }
    for (std::uint32_t i = 0; i < isolates_view_count(&view, ISOLATES_SECTION_POLICIES); i++)
        if (const auto wrong = reference::ask(view, view.policies[i]); !wrong.empty()) FAIL(wrong);
    return true;
}

}  // namespace

TEST_CASE("verify: a real blob is taken, and has a part of everything") {
    const Bytes bytes = real_blob();
    REQUIRE(survives(bytes));
    isolates_header header;
    std::memcpy(&header, bytes.data(), sizeof(header));
    for (std::uint32_t section = 0; section < ISOLATES_SECTION_COUNT; section++) {
        INFO(section);
        CHECK(header.count[section] > 0);
    }
    const Exact exact(bytes);
    isolates_view view{};
    isolates_refusal refusal{};
    REQUIRE(isolates_verify(exact.data(), exact.size(), &view, &refusal) == 0);
    std::set<unsigned> kinds;
    for (std::uint32_t i = 0; i < header.count[ISOLATES_SECTION_STATES]; i++)
        kinds.insert(view.states[i].kind);
    CHECK(kinds.size() == ISOLATES_STATE_KINDS);
    // Else the tests below take long.
    CHECK(bytes.size() < 8192);
}

TEST_CASE("verify: every truncation is refused") {
    const Bytes bytes = real_blob();
    for (std::size_t size = 0; size < bytes.size(); size++)
        if (!verify(std::span(bytes).first(size)).error) FAIL(size);
    SUCCEED();
}

TEST_CASE("verify: every truncation that says its size is refused") {
    const Bytes bytes = real_blob();
    for (std::size_t size = sizeof(isolates_header); size < bytes.size(); size++) {
        Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
        const auto said = static_cast<std::uint32_t>(size);
        std::memcpy(&cut[offsetof(isolates_header, size)], &said, sizeof(said));
        put_checksum(cut);
        if (survives(cut)) FAIL(size);
    }
    SUCCEED();
}

TEST_CASE("verify: every flipped bit is refused") {
    Bytes bytes = real_blob();
    for (std::size_t bit = 0; bit < bytes.size() * 8; bit++) {
        const std::byte mask{static_cast<unsigned char>(1u << bit % 8)};
        bytes[bit / 8] ^= mask;
        if (!verify(bytes).error) FAIL("bit " << bit);
        bytes[bit / 8] ^= mask;
    }
    SUCCEED();
}

TEST_CASE("verify: every flipped bit, with the checksum made right, is refused or harmless") {
    Bytes bytes = real_blob();
    std::size_t taken = 0;
    for (std::size_t bit = 0; bit < bytes.size() * 8; bit++) {
        const std::byte mask{static_cast<unsigned char>(1u << bit % 8)};
        bytes[bit / 8] ^= mask;
        put_checksum(bytes);
        taken += survives(bytes);
        bytes[bit / 8] ^= mask;
    }
    put_checksum(bytes);
    CHECK(survives(bytes));
    // A text, a line number, a permission may well be another.
    CHECK(taken > 0);
    CHECK(taken < bytes.size() * 8);
}

TEST_CASE("verify: words set to what overflows are refused or harmless") {
    const Bytes bytes = real_blob();
    for (std::size_t at = 0; at + 4 <= bytes.size(); at += 4)
        for (const std::uint32_t value :
             {0u, 1u, 0x7fffffffu, 0x80000000u, 0xfffffff8u, 0xfffffffeu, 0xffffffffu}) {
            Bytes forged = bytes;
            std::memcpy(&forged[at], &value, sizeof(value));
            put_checksum(forged);
            (void)survives(forged);
        }
    SUCCEED();
}

TEST_CASE("verify: many things wrong at once are refused or harmless") {
    reference::Generator generator(reference::test_seed() + 20);
    const Bytes bytes = real_blob();
    for (int round = 0; round < 4000; round++) {
        Bytes forged = bytes;
        for (std::size_t count = 2 + generator.below(6); count; count--)
            forged[sizeof(isolates_header) +
                   generator.below(forged.size() - sizeof(isolates_header))] =
                std::byte{static_cast<unsigned char>(generator.below(256))};
        put_checksum(forged);
        (void)survives(forged);
    }
    SUCCEED();
}

TEST_CASE("verify: blobs that nobody compiled are refused or harmless") {
    const auto seed = reference::test_seed() + 21;
    INFO("seed " << seed);
    reference::BlobChanger changer(seed);
    const Bytes real = real_blob();
    Bytes bytes = real;
    std::size_t taken = 0;
    for (int round = 0; round < 4000; round++) {
        const Bytes changed = changer.changed(bytes);
        const bool is_taken = survives(changed);
        taken += is_taken;
        // Changes add up in what is taken, for a while.
        bytes = is_taken && round % 16 ? changed : real;
    }
    CHECK(taken > 100);
}

TEST_CASE("verify: a real blob needs no mending") {
    const Bytes bytes = real_blob();
    auto sections = reference::sections_of(bytes);
    REQUIRE(sections);
    CHECK(sections->serialise() == bytes);
    reference::mend(*sections);
    CHECK(sections->serialise() == bytes);
}

TEST_CASE("verify: the checksum is CRC-32, its own field read as zero") {
    // "123456789" has the check value of CRC-32/ISO-HDLC. The field is beyond it.
    CHECK(isolates_checksum("123456789", 9) == 0xcbf43926);
    Bytes bytes = real_blob();
    const std::uint32_t before = isolates_checksum(bytes.data(), bytes.size());
    bytes[offsetof(isolates_header, checksum)] ^= std::byte{0xff};
    CHECK(isolates_checksum(bytes.data(), bytes.size()) == before);
}

TEST_CASE("verify: a refusal leaves the view alone") {
    Bytes bytes = real_blob();
    bytes.back() ^= std::byte{1};
    isolates_view view{};
    CHECK(verify(bytes, &view).error);
    CHECK(!view.header);
}
