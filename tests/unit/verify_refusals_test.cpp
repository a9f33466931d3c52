// SPDX-License-Identifier: GPL-2.0-only
// Every reason for which the verifier refuses, each reached by forging one thing
// of a small blob that is right.
#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <sstream>
#include <string_view>

#include "emit/sections.hpp"
#include "reference/forged_blob.hpp"

namespace {

using namespace isolates;
using reference::Bytes;
using reference::Exact;
using reference::Outcome;
using reference::put_checksum;
using reference::verify;

template <typename Element>
std::uint32_t size_of(const std::vector<Element>& section) {
    return emit::count_of(section);
}

// A small blob that is right, to be made wrong: one policy with a part of each.
emit::Sections small_sections() {
    emit::Sections s;
    isolates_policy policy{};
    policy.name = s.add_string("p");
    policy.perms = {0, 3};
    policy.transitions = {0, 2};
    policy.syscalls = {0, 2};
    policy.rlimits = {0, 2};
    policy.bindings = {0, 1};
    policy.rules = {0, 2};
    policy.classes[ISOLATES_CLASS_FILE] = {ISOLATES_FILE_READ | ISOLATES_FILE_ALWAYS_OPEN, {0, 1}};
    for (std::uint32_t i = ISOLATES_CLASS_FILE + 1; i < ISOLATES_CLASS_COUNT; i++)
        policy.classes[i] = {0, {1, 0}};
    s.policies = {policy};
    s.states = {
        {0, 0, 0, ISOLATES_STATE_SINK, 0, 0},    // dead
        {1, 0, 0, ISOLATES_STATE_SINK, 0, 0},    // "1"
        {0, 0, 0, ISOLATES_STATE_STRING, 3, 0},  // "2": "abc" -> 3
        {0, 2, 0, ISOLATES_STATE_SPARSE, 2, 0},  // "3": x -> 1, y -> 4
        {2, 6, 0, ISOLATES_STATE_DENSE, 0, 0},   // "4": two classes
    };
    s.edges = {3, 0x00636261, 0x00007978, 0, 1, 4, 0, 1};
    s.automata = {{{0, size_of(s.states)}, {0, size_of(s.edges)}, 2, 2, 0}};
    isolates_byte_classes classes{};
    classes.of['/'] = 1;
    s.byte_classes = {classes};
    s.perms.resize(3);
    s.perms[1].allow[0] = ISOLATES_FILE_READ | ISOLATES_FILE_EXEC;
    s.perms[1].exec[0] = 1;
    s.perms[2].deny[1] = ISOLATES_FILE_WRITE;
    s.perms[2].errors = {0, 2};
    s.perms[2].rules = {0, 2};
    s.errors = {{{0, ISOLATES_FILE_WRITE}, EIO, 0}, {{0, ISOLATES_FILE_READ}, EPERM, 1}};
    s.rule_refs = {0, 1};
    s.rules = {{0, 1, 1, {}, {}}, {0, 2, 1, {}, {}}};
    s.transitions = {
        {s.add_string("q"), ISOLATES_TRANSITION_POLICY, ISOLATES_FALLBACK_STAY, 1, 0},
        {s.add_string(""), ISOLATES_TRANSITION_UNCONFINED, ISOLATES_FALLBACK_DENY, 0, 0}};
    s.syscalls = {{s.add_string("mkdir"), ISOLATES_SYSCALL_DENY, 0, EPERM, {0, 0}, 0},
                  {s.add_string("open"), ISOLATES_SYSCALL_ALLOW, 0, 0, {0, 1}, 1}};
    s.rlimits = {{1, 0, 4096}, {7, 1, 1024}};
    s.arguments = {{0, ISOLATES_COMPARE_EQUAL, 0xff, 0x0f}};
    s.bindings = {{ISOLATES_NAMESPACE_NET, ISOLATES_WHERE_PATH, s.add_string("/run/n"), 0,
                   ISOLATES_BINDING_ON_EXEC, 1}};
    s.sources = {{s.add_string("p.ipol"), s.add_string("a text")}};
    return s;
}

// How to make it wrong, and what the verifier is to say.
struct Forgery {
    const char* reason;
    std::function<void(emit::Sections&)> forge;
    int error = -EINVAL;
};

// What is wrong in the bytes, whatever the sections are.
struct HeaderForgery {
    const char* reason;
    std::function<void(Bytes&, isolates_header&)> forge;
    bool with_checksum = true;
    int error = -EINVAL;
};

void set_header(Bytes& bytes, const isolates_header& header) {
    std::memcpy(bytes.data(), &header, sizeof(header));
}

const std::vector<Forgery>& forgeries() {
    using S = emit::Sections;
    static const std::vector<Forgery> all = {
        // Policies.
        {"there is no policy in it", [](S& s) { s = S{}; }},
        {"too many policies",
         [](S& s) { s.policies.resize(ISOLATES_POLICIES_MAX + 1, s.policies[0]); }, -E2BIG},
        {"the name is no string of its own", [](S& s) { s.policies[0].name.offset = 1; }},
        {"the name is no string of its own", [](S& s) { s.policies[0].name.length = 0xffffffff; }},
        {"the name is no string of its own", [](S& s) { s.policies[0].name.offset = 0xffffffff; }},
        {"the name is no string of its own", [](S& s) { s.policies[0].name.length = 2; }},
        {"the name is no string of its own",
         [](S& s) { s.policies[0].name.length = size_of(s.strings); }},
        {"this cannot be a policy's name", [](S& s) { s.strings[0] = '\n'; }},
        {"this cannot be a policy's name", [](S& s) { s.strings[0] = '\x7f'; }},
        {"this cannot be a policy's name",
         [](S& s) {
             s = S{};
             s.policies.resize(1);
             s.policies[0].name = s.add_string("");
         }},
        {"this cannot be a policy's name",
         [](S& s) {
             s = S{};
             s.policies.resize(1);
             s.policies[0].name = s.add_string(std::string(ISOLATES_NAME_MAX + 1, 'a'));
         }},
        {"this cannot be a policy's name",
         [](S& s) {
             s = S{};
             s.policies.resize(1);
             s.policies[0].name = s.add_string("unconfined");
         }},
        {"the names are not sorted and unique",
         [](S& s) {
             s = S{};
             s.policies.resize(2);
             s.policies[0].name = s.add_string("a");
             s.policies[1].name = s.add_string("a");
         }},
        {"the names are not sorted and unique",
         [](S& s) {
             s = S{};
             s.policies.resize(2);
             s.policies[0].name = s.add_string("ab");
             s.policies[1].name = s.add_string("a");
         }},
        {"not a mode", [](S& s) { s.policies[0].mode = ISOLATES_MODE_COUNT; }},
        {"not a mode", [](S& s) { s.policies[0].mode = 0xffffffff; }},
        {"its parts are not where they belong", [](S& s) { s.policies[0].perms.first = 1; }},
        {"its parts are not where they belong",
         [](S& s) { s.policies[0].perms.count = 0xffffffff; }},
        {"its parts are not where they belong", [](S& s) { s.policies[0].syscalls.count++; }},
        {"its parts are not where they belong",
         [](S& s) { s.policies[0].bindings.first = 0xffffffff; }},
        {"its parts are not where they belong",
         [](S& s) { s.policies[0].rules.count = 0x80000000; }},
        {"there are no permissions to refer to", [](S& s) { s.policies[0].perms.count = 0; }},
        {"an operation that is not known",
         [](S& s) { s.policies[0].classes[ISOLATES_CLASS_NETWORK].open = 1u << 18; }},
        {"an operation that must be left open is not",
         [](S& s) {
             s.policies[0].classes[ISOLATES_CLASS_FILE].open &=
                 ~std::uint32_t{ISOLATES_FILE_GETATTR};
         }},
        {"too many automata",
         [](S& s) {
             s.policies[0].classes[ISOLATES_CLASS_FILE].automata.count = ISOLATES_AUTOMATA_MAX + 1;
         },
         -E2BIG},
        {"the automata are not where they belong",
         [](S& s) { s.policies[0].classes[ISOLATES_CLASS_FILE].automata.first = 1; }},
        {"the automata are not where they belong",
         [](S& s) { s.policies[0].classes[ISOLATES_CLASS_FILE].automata.count = 2; }},
        {"the automata are not where they belong",
         [](S& s) { s.policies[0].classes[ISOLATES_CLASS_SIGNAL].automata.first = 0; }},
        // Automata.
        {"the states or edges are not where they belong",
         [](S& s) { s.automata[0].states.first = 1; }},
        {"the states or edges are not where they belong",
         [](S& s) { s.automata[0].states.count = 0xffffffff; }},
        {"the states or edges are not where they belong",
         [](S& s) { s.automata[0].edges.count++; }},
        {"the states or edges are not where they belong",
         [](S& s) { s.automata[0].edges.first = 0xfffffffc; }},
        {"an automaton without a state", [](S& s) { s.automata[0].states.count = 0; }},
        {"the start state is beyond the automaton", [](S& s) { s.automata[0].start = 5; }},
        {"the start state is beyond the automaton", [](S& s) { s.automata[0].start = 0xffffffff; }},
        {"the dead state is not dead", [](S& s) { s.states[0].perms = 1; }},
        {"the dead state is not dead",
         [](S& s) {
             s.states[0].kind = ISOLATES_STATE_STRING;
             s.states[0].count = 1;
         }},
        {"the classes of bytes are not where they belong",
         [](S& s) { s.automata[0].byte_classes = 257; }},
        {"the classes of bytes are not where they belong",
         [](S& s) { s.automata[0].byte_classes_map = 1; }},
        {"the classes of bytes are not where they belong", [](S& s) { s.byte_classes.clear(); }},
        {"a byte of a class that is not there", [](S& s) { s.byte_classes[0].of[255] = 2; }},
        {"an unused field is not zero",
         [](S& s) {
             s.automata[0].byte_classes = 0;
             s.automata[0].byte_classes_map = 1;
         }},
        {"edges that belong to no state",
         [](S& s) {
             s.edges.push_back(0);
             s.automata[0].edges.count++;
         }},
        // States.
        {"a state of no known kind", [](S& s) { s.states[1].kind = ISOLATES_STATE_KINDS; }},
        {"a state of no known kind", [](S& s) { s.states[1].kind = 255; }},
        {"a state of no known kind", [](S& s) { s.states[1].reserved = 1; }},
        {"the permissions are beyond the policy's", [](S& s) { s.states[1].perms = 3; }},
        {"the permissions are beyond the policy's", [](S& s) { s.states[4].perms = 0xffffffff; }},
        {"the target is beyond the automaton", [](S& s) { s.states[2].otherwise = 5; }},
        {"the target is beyond the automaton", [](S& s) { s.states[3].otherwise = 0xffffffff; }},
        {"a state without the edges of its kind", [](S& s) { s.states[2].count = 0; }},
        {"a state without the edges of its kind", [](S& s) { s.states[3].count = 0; }},
        {"a dense state without classes of bytes",
         [](S& s) {
             s.automata[0].byte_classes = 0;
             s.byte_classes.clear();
         }},
        {"an unused field is not zero", [](S& s) { s.states[1].count = 1; }},
        {"an unused field is not zero", [](S& s) { s.states[1].otherwise = 1; }},
        {"an unused field is not zero", [](S& s) { s.states[4].otherwise = 1; }},
        {"the edges are not where they belong", [](S& s) { s.states[1].edges = 1; }},
        {"the edges are not where they belong", [](S& s) { s.states[3].edges = 0; }},
        {"the edges are not where they belong", [](S& s) { s.states[4].edges = 0xffffffff; }},
        {"the edges are not where they belong", [](S& s) { s.states[2].count = 255; }},
        {"the edges are not where they belong", [](S& s) { s.states[3].count = 255; }},
        {"the edges are not where they belong",
         [](S& s) {
             s.edges.pop_back();
             s.automata[0].edges.count--;
         }},
        {"an edge leads beyond the automaton", [](S& s) { s.edges[0] = 5; }},
        {"an edge leads beyond the automaton", [](S& s) { s.edges[4] = 0xffffffff; }},
        {"an edge leads beyond the automaton", [](S& s) { s.edges[7] = 5; }},
        {"the padding is not zero", [](S& s) { s.edges[1] |= 0x64000000; }},
        {"the padding is not zero", [](S& s) { s.edges[3] = 1; }},
        {"the edges' bytes are not ascending", [](S& s) { s.edges[2] = 0x00007879; }},
        {"the edges' bytes are not ascending", [](S& s) { s.edges[2] = 0x00007878; }},
        // Permissions.
        {"an operation that is not known", [](S& s) { s.perms[1].allow[0] = 1u << 21; }},
        {"an operation that is not known", [](S& s) { s.perms[1].deny[1] = 1u << 31; }},
        {"an operation that is not known", [](S& s) { s.perms[1].audit[0] = 1u << 21; }},
        {"an operation that is not known", [](S& s) { s.perms[1].quiet[1] = 1u << 21; }},
        {"the first permissions are not none", [](S& s) { s.perms[0].allow[1] = 1; }},
        {"the first permissions are not none",
         [](S& s) {
             std::swap(s.perms[0].errors, s.perms[2].errors);
             s.perms[1].errors = s.perms[2].errors = {2, 0};
         }},
        {"the errnos or rules are not where they belong",
         [](S& s) { s.perms[2].errors.first = 1; }},
        {"the errnos or rules are not where they belong",
         [](S& s) { s.perms[2].errors.count = 0xffffffff; }},
        {"the errnos or rules are not where they belong", [](S& s) { s.perms[2].rules.count = 3; }},
        {"the errnos or rules are not where they belong", [](S& s) { s.perms[1].rules.first = 1; }},
        {"not an errno", [](S& s) { s.errors[0].error = 0; }},
        {"not an errno", [](S& s) { s.errors[1].error = ISOLATES_ERRNO_MAX + 1; }},
        {"not an errno", [](S& s) { s.errors[1].error = 0xffffffff; }},
        {"the errnos are not in their rules' order", [](S& s) { s.errors[1].order = 0; }},
        {"the rule is beyond the policy's", [](S& s) { s.rule_refs[1] = 2; }},
        {"the rule is beyond the policy's", [](S& s) { s.rule_refs[0] = 0xffffffff; }},
        {"the rules are not ascending", [](S& s) { s.rule_refs[0] = 1; }},
        {"the source is not there", [](S& s) { s.rules[1].source = 1; }},
        {"the source is not there", [](S& s) { s.rules[0].source = 0xffffffff; }},
        // Transitions.
        {"the transition is beyond the policy's", [](S& s) { s.perms[1].exec[0] = 3; }},
        {"the transition is beyond the policy's", [](S& s) { s.perms[1].exec[1] = 0xffffffff; }},
        {"a transition of what is not allowed", [](S& s) { s.perms[1].exec[1] = 1; }},
        {"the first permissions are not none",
         [](S& s) {
             s.perms[0].allow[0] = ISOLATES_FILE_EXEC;
             s.perms[0].exec[0] = 1;
         }},
        {"its parts are not where they belong", [](S& s) { s.policies[0].transitions.first = 1; }},
        {"its parts are not where they belong",
         [](S& s) { s.policies[0].transitions.count = 0xffffffff; }},
        {"not a kind of transition",
         [](S& s) { s.transitions[0].kind = ISOLATES_TRANSITION_COUNT; }},
        {"not a kind of transition",
         [](S& s) { s.transitions[0].fallback = ISOLATES_FALLBACK_COUNT; }},
        {"not a kind of transition", [](S& s) { s.transitions[0].flags = 2; }},
        {"not a kind of transition", [](S& s) { s.transitions[0].reserved = 1; }},
        {"the target is no string of its own", [](S& s) { s.transitions[0].target.offset++; }},
        {"the target is no string of its own",
         [](S& s) { s.transitions[1].target.length = 0xffffffff; }},
        {"an unused field is not zero",
         [](S& s) { s.transitions[0].kind = ISOLATES_TRANSITION_UNCONFINED; }},
        {"an unused field is not zero",
         [](S& s) { s.transitions[1].fallback = ISOLATES_FALLBACK_STAY; }},
        {"the target cannot be a policy's name", [](S& s) { s.strings[2] = '\n'; }},
        {"an unused field is not zero", [](S& s) { s.policies[0].attach_prefix = 1; }},
        // System calls, bindings and sources.
        {"the name is no string of its own", [](S& s) { s.syscalls[0].name.offset++; }},
        {"the name is no string of its own", [](S& s) { s.syscalls[1].name.length = 0xffffffff; }},
        {"not an errno", [](S& s) { s.syscalls[0].error = ISOLATES_ERRNO_MAX + 1; }},
        {"not an errno", [](S& s) { s.syscalls[1].error = EIO; }},
        {"an action or a flag that is not known",
         [](S& s) { s.syscalls[0].action = ISOLATES_SYSCALL_ACTIONS; }},
        {"an action or a flag that is not known",
         [](S& s) { s.syscalls[0].flags = ISOLATES_SYSCALL_FLAGS + 1; }},
        {"the rule is beyond the policy's", [](S& s) { s.syscalls[0].rule = 2; }},
        {"the names or rules are not in order",
         [](S& s) {
             std::ranges::copy(std::string_view("zkdir"),
                               s.strings.begin() + s.syscalls[0].name.offset);
         }},
        {"the names or rules are not in order",
         [](S& s) {
             s.syscalls[0].rule = 1;
             s.syscalls[0].name.length = 4;
             s.strings.erase(s.strings.begin() + s.syscalls[0].name.offset + 4);
             std::ranges::copy(std::string_view("open"),
                               s.strings.begin() + s.syscalls[0].name.offset);
             s.syscalls[1].name.offset--;
         }},
        {"the arguments are not where they belong",
         [](S& s) { s.syscalls[1].arguments.count = 2; }},
        {"the arguments are not where they belong",
         [](S& s) { s.syscalls[0].arguments.first = 0xffffffff; }},
        {"not an argument, or a way of comparing one",
         [](S& s) { s.arguments[0].index = ISOLATES_ARGUMENTS; }},
        {"not an argument, or a way of comparing one",
         [](S& s) { s.arguments[0].comparison = ISOLATES_COMPARISONS; }},
        {"the mask does not cover the value", [](S& s) { s.arguments[0].mask = 0; }},
        {"the mask does not cover the value", [](S& s) { s.arguments[0].value = 0x100; }},
        {"not a resource, or not in order", [](S& s) { s.rlimits[1].resource = ISOLATES_RLIMITS; }},
        {"not a resource, or not in order", [](S& s) { s.rlimits[1].resource = 1; }},
        {"the rule is beyond the policy's", [](S& s) { s.rlimits[0].rule = 2; }},
        {"its parts are not where they belong", [](S& s) { s.policies[0].rlimits.count = 3; }},
        {"not a kind of namespace, or of naming one",
         [](S& s) { s.bindings[0].kind = ISOLATES_NAMESPACE_COUNT; }},
        {"not a kind of namespace, or of naming one",
         [](S& s) { s.bindings[0].where = ISOLATES_WHERE_COUNT; }},
        {"unknown flags", [](S& s) { s.bindings[0].flags = ISOLATES_BINDING_FLAGS + 1; }},
        {"the path is no string of its own", [](S& s) { s.bindings[0].path.length++; }},
        {"needs either a path or a number", [](S& s) { s.bindings[0].number = 1; }},
        {"needs either a path or a number",
         [](S& s) { s.bindings[0].where = ISOLATES_WHERE_NUMBER; }},
        {"the rule is beyond the policy's", [](S& s) { s.bindings[0].rule = 2; }},
        {"the name or text is no string of its own", [](S& s) { s.sources[0].name.offset--; }},
        {"the name or text is no string of its own", [](S& s) { s.sources[0].text.length++; }},
        {"the name or text is no string of its own", [](S& s) { s.strings.back() = 'x'; }},
        // What belongs to nothing, in each section that can hold it.
        {"belongs to nothing",
         [](S& s) { s.automata.push_back({{size_of(s.states), 0}, {}, 0, 0, 0}); }},
        {"belongs to nothing", [](S& s) { s.states.emplace_back(); }},
        {"belongs to nothing", [](S& s) { s.edges.push_back(0); }},
        {"belongs to nothing", [](S& s) { s.byte_classes.emplace_back(); }},
        {"belongs to nothing", [](S& s) { s.perms.emplace_back(); }},
        {"belongs to nothing", [](S& s) { s.errors.push_back({{}, EIO, 2}); }},
        {"belongs to nothing", [](S& s) { s.transitions.push_back({{5, 0}, 1, 0, 0, 0}); }},
        {"belongs to nothing", [](S& s) { s.syscalls.emplace_back(); }},
        {"belongs to nothing", [](S& s) { s.arguments.emplace_back(); }},
        {"belongs to nothing", [](S& s) { s.rlimits.emplace_back(); }},
        {"belongs to nothing", [](S& s) { s.bindings.emplace_back(); }},
        {"belongs to nothing", [](S& s) { s.rule_refs.push_back(0); }},
        {"belongs to nothing", [](S& s) { s.rules.emplace_back(); }},
        {"belongs to nothing", [](S& s) { s.strings.push_back('\0'); }},
    };
    return all;
}

const std::vector<HeaderForgery>& header_forgeries() {
    using B = Bytes;
    using H = isolates_header;
    static const std::vector<HeaderForgery> all = {
        {"shorter than a blob's header", [](B& b, H&) { b.resize(sizeof(isolates_header) - 1); }},
        {"not an isolates blob", [](B&, H& h) { h.magic[0] = 'I'; }},
        {"a blob of another format version", [](B&, H& h) { h.version++; }, true, -EPROTONOSUPPORT},
        {"the blob is cut short, or something follows it", [](B&, H& h) { h.size--; }},
        {"the blob is cut short, or something follows it", [](B&, H& h) { h.size = 0xffffffff; }},
        {"a reserved field is not zero", [](B&, H& h) { h.reserved = 1; }},
        {"a reserved field is not zero", [](B&, H& h) { h.reserved_tail[0] = 1; }},
        {"the checksum is wrong", [](B&, H& h) { h.checksum++; }, false},
        {"bytes behind the last section",
         [](B& b, H& h) {
             b.resize(b.size() + 8);
             h.size += 8;
         }},
        {"the padding is cut or not zero", [](B& b, H&) { b.back() = std::byte{1}; }},
        {"the padding is cut or not zero",
         [](B& b, H& h) {
             b.pop_back();
             h.size--;
         }},
    };
    return all;
}

// The reasons that the verifier's source has.
std::set<std::string> reasons_in_source() {
    std::stringstream text;
    for (const auto& entry : std::filesystem::directory_iterator(ISOLATES_CORE))
        if (entry.path().filename().string().starts_with("verify"))
            text << std::ifstream(entry.path()).rdbuf();
    const std::string source = text.str();
    std::set<std::string> reasons;
    for (std::size_t at = source.find("refuse(v,"); at != std::string::npos;
         at = source.find("refuse(v,", at + 1)) {
        const std::size_t first = source.find('"', at) + 1;
        reasons.insert(source.substr(first, source.find('"', first) - first));
    }
    return reasons;
}

}  // namespace

TEST_CASE("verify: the small blob is taken") {
    const auto bytes = small_sections().serialise();
    REQUIRE(bytes);
    CHECK(verify(*bytes).reason == "");
}

TEST_CASE("verify: each refusal is reached, and with its reason") {
    std::set<std::string> reached;
    for (const Forgery& forgery : forgeries()) {
        emit::Sections sections = small_sections();
        forgery.forge(sections);
        const auto bytes = sections.serialise();
        REQUIRE(bytes);
        const Outcome outcome = verify(*bytes);
        CHECK(outcome.reason == forgery.reason);
        CHECK(outcome.error == forgery.error);
        reached.insert(outcome.reason);
    }
    for (const HeaderForgery& forgery : header_forgeries()) {
        Bytes bytes = *small_sections().serialise();
        isolates_header header;
        std::memcpy(&header, bytes.data(), sizeof(header));
        forgery.forge(bytes, header);
        if (bytes.size() >= sizeof(header)) set_header(bytes, header);
        if (forgery.with_checksum) put_checksum(bytes);
        const Outcome outcome = verify(bytes);
        CHECK(outcome.reason == forgery.reason);
        CHECK(outcome.error == forgery.error);
        reached.insert(outcome.reason);
    }
    // Each section says more elements than fit, up to counts near 2^32.
    for (std::uint32_t section = 0; section < ISOLATES_SECTION_COUNT; section++)
        for (const std::uint32_t count : {0x1000u, 0x10000000u, 0x80000000u, 0xffffffffu}) {
            Bytes bytes = *small_sections().serialise();
            isolates_header header;
            std::memcpy(&header, bytes.data(), sizeof(header));
            header.count[section] = count;
            set_header(bytes, header);
            put_checksum(bytes);
            const Outcome outcome = verify(bytes);
            INFO("section " << section << " count " << count);
            CHECK(outcome.reason == "the section reaches beyond the blob");
            CHECK(outcome.section == section);
            reached.insert(outcome.reason);
        }
    // So large that it is refused by its header alone.
    const Exact header_only(*small_sections().serialise());
    isolates_view view{};
    isolates_refusal refusal{};
    CHECK(isolates_verify(header_only.data(), ISOLATES_BLOB_SIZE_MAX + std::size_t{1}, &view,
                          &refusal) == -E2BIG);
    reached.insert(refusal.reason);

    const std::set<std::string> known = reasons_in_source();
    CHECK(known.size() > 40);
    for (const std::string& reason : known) {
        INFO("never reached: " << reason);
        CHECK(reached.contains(reason));
    }
}
