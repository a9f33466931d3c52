// SPDX-License-Identifier: GPL-2.0-only
// The kernel's walk over hand-made automata of every kind of state.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "core.hpp"
#include "reference/generator.hpp"

namespace {

// An automaton that is put together state by state; the dead state is there.
class Automaton {
  public:
    Automaton() { add(ISOLATES_STATE_SINK, 0, 0, 0); }

    std::uint32_t sink(std::uint32_t perms) { return add(ISOLATES_STATE_SINK, perms, 0, 0); }

    std::uint32_t string(std::uint32_t perms, const std::string& run, std::uint32_t target,
                         std::uint32_t otherwise) {
        const std::uint32_t state =
            add(ISOLATES_STATE_STRING, perms, otherwise, static_cast<std::uint8_t>(run.size()));
        edges_.push_back(target);
        put_bytes(run, 4);
        return state;
    }

    std::uint32_t sparse(std::uint32_t perms, const std::string& labels,
                         const std::vector<std::uint32_t>& targets, std::uint32_t otherwise) {
        const std::uint32_t state =
            add(ISOLATES_STATE_SPARSE, perms, otherwise, static_cast<std::uint8_t>(labels.size()));
        put_bytes(labels, 8);
        edges_.insert(edges_.end(), targets.begin(), targets.end());
        return state;
    }

    std::uint32_t dense(std::uint32_t perms, const std::vector<std::uint32_t>& targets) {
        const std::uint32_t state = add(ISOLATES_STATE_DENSE, perms, 0, 0);
        edges_.insert(edges_.end(), targets.begin(), targets.end());
        return state;
    }

    [[nodiscard]] isolates_walk walk(std::uint32_t start) const {
        return {states_.data(), edges_.data(), &classes, start, 0};
    }

    // The permissions after @text from @start.
    [[nodiscard]] std::uint32_t perms(std::uint32_t start, const std::string& text) const {
        isolates_walk walked = walk(start);
        step(walked, text);
        return isolates_walk_perms(&walked);
    }

    // Pieces are given without anything behind them, so that reading beyond one
    // is caught by a sanitizer.
    static void step(isolates_walk& walked, const std::string& piece) {
        const std::vector<__u8> bytes(piece.begin(), piece.end());
        isolates_walk_bytes(&walked, bytes.data(), static_cast<__u32>(bytes.size()));
    }

    isolates_byte_classes classes{};

  private:
    std::uint32_t add(isolates_state_kind kind, std::uint32_t perms, std::uint32_t otherwise,
                      std::uint8_t count) {
        states_.push_back({perms, static_cast<std::uint32_t>(edges_.size()), otherwise,
                           static_cast<std::uint8_t>(kind), count, 0});
        return static_cast<std::uint32_t>(states_.size() - 1);
    }

    void put_bytes(const std::string& bytes, std::size_t multiple) {
        std::vector<std::uint32_t> words((bytes.size() + multiple - 1) / multiple * multiple / 4);
        std::ranges::copy(bytes, reinterpret_cast<char*>(words.data()));
        edges_.insert(edges_.end(), words.begin(), words.end());
    }

    std::vector<isolates_state> states_;
    std::vector<std::uint32_t> edges_;
};

std::string all_bytes_but(std::uint8_t left_out) {
    std::string bytes;
    for (unsigned byte = 0; byte < 256; byte++)
        if (byte != left_out) bytes.push_back(static_cast<char>(byte));
    return bytes;
}

std::string one(unsigned byte) {
    return std::string(1, static_cast<char>(byte));
}

}  // namespace

TEST_CASE("walk: a sink keeps its permissions whatever comes") {
    Automaton automaton;
    const std::uint32_t sink = automaton.sink(7);
    CHECK(automaton.perms(sink, "") == 7);
    CHECK(automaton.perms(sink, std::string(1000, 'x')) == 7);
    CHECK(automaton.perms(0, "x") == 0);
    const isolates_walk at_sink = automaton.walk(sink), at_dead = automaton.walk(0);
    CHECK(isolates_walk_is_over(&at_sink));
    CHECK(isolates_walk_is_over(&at_dead));
}

TEST_CASE("walk: nothing to walk along needs no address") {
    Automaton automaton;
    const std::uint32_t good = automaton.sink(1);
    const std::uint32_t string = automaton.string(3, "/b", good, 0);
    isolates_walk walked = automaton.walk(string);
    isolates_walk_bytes(&walked, nullptr, 0);
    CHECK(isolates_walk_perms(&walked) == 3);
    isolates_walk_path(&walked, nullptr, 0, true);
    isolates_walk_bytes(&walked, reinterpret_cast<const __u8*>("b"), 1);
    CHECK(isolates_walk_perms(&walked) == 1);
}

TEST_CASE("walk: a string leads on after all of its bytes, and aside at any other") {
    Automaton automaton;
    const std::uint32_t good = automaton.sink(1), other = automaton.sink(2);
    const std::uint32_t string = automaton.string(3, "abcde", good, other);
    CHECK(automaton.perms(string, "") == 3);
    CHECK(automaton.perms(string, "abcd") == 3);
    CHECK(automaton.perms(string, "abcde") == 1);
    CHECK(automaton.perms(string, "abcdeabc") == 1);
    for (std::size_t place = 0; place < 5; place++) {
        std::string text = "abcde";
        text[place] = 'x';
        CHECK(automaton.perms(string, text) == 2);
        CHECK(automaton.perms(string, text.substr(0, place + 1)) == 2);
    }
    // The padding behind the run is not part of it.
    CHECK(automaton.perms(string, std::string("abcde\0", 6)) == 1);
}

TEST_CASE("walk: strings of every length up to 255 bytes") {
    for (std::size_t length = 1; length <= 255; length++) {
        Automaton automaton;
        const std::uint32_t good = automaton.sink(1), other = automaton.sink(2);
        std::string run(length, '\0');
        std::iota(run.begin(), run.end(), '\0');
        const std::uint32_t string = automaton.string(3, run, good, other);
        if (automaton.perms(string, run) != 1) FAIL(length);
        if (automaton.perms(string, run.substr(0, length - 1)) != 3) FAIL(length);
        run.back() = static_cast<char>(run.back() + 1);
        if (automaton.perms(string, run) != 2) FAIL(length);
    }
    SUCCEED();
}

TEST_CASE("walk: a string that leads to itself starts anew") {
    Automaton automaton;
    const std::uint32_t other = automaton.sink(2);
    const std::uint32_t loop = automaton.string(3, "ab", 2, other);
    REQUIRE(loop == 2);
    CHECK(automaton.perms(loop, "ababab") == 3);
    CHECK(automaton.perms(loop, "ababb") == 2);
    Automaton back;
    const std::uint32_t again = back.string(3, "ab", 0, 1);
    REQUIRE(again == 1);
    CHECK(back.perms(again, "aaa") == 3);
    CHECK(back.perms(again, "xab") == 0);
}

TEST_CASE("walk: a sparse state finds each of its bytes and no other") {
    for (unsigned count = 1; count <= 255; count++) {
        Automaton automaton;
        const std::uint32_t other = automaton.sink(1000);
        std::vector<std::uint32_t> targets;
        std::string labels;
        // Every other byte first, then all: ascending, from 0 or from 1 on.
        for (unsigned byte = count % 2; labels.size() < count && byte < 256;
             byte += count < 128 ? 2 : 1) {
            labels.push_back(static_cast<char>(byte));
            targets.push_back(automaton.sink(byte + 1));
        }
        const std::uint32_t sparse = automaton.sparse(999, labels, targets, other);
        if (automaton.perms(sparse, "") != 999) FAIL(count);
        for (unsigned byte = 0; byte < 256; byte++) {
            const bool is_label = labels.find(static_cast<char>(byte)) != std::string::npos;
            if (automaton.perms(sparse, one(byte)) != (is_label ? byte + 1 : 1000))
                FAIL("count " << count << " byte " << byte);
        }
    }
    SUCCEED();
}

TEST_CASE("walk: byte 0 is a label like any other, and padding is none") {
    Automaton automaton;
    const std::uint32_t zero = automaton.sink(1), other = automaton.sink(2);
    const std::uint32_t with = automaton.sparse(0, std::string("\0a", 2), {zero, zero}, other);
    const std::uint32_t without = automaton.sparse(0, "ab", {zero, zero}, other);
    const std::uint32_t run = automaton.string(0, std::string("\0\0", 2), zero, other);
    CHECK(automaton.perms(with, one(0)) == 1);
    CHECK(automaton.perms(without, one(0)) == 2);
    CHECK(automaton.perms(run, std::string(2, '\0')) == 1);
    CHECK(automaton.perms(run, std::string("\0a", 2)) == 2);
}

TEST_CASE("walk: 255 edges leave one byte to otherwise") {
    for (const unsigned left_out : {0u, 1u, 127u, 128u, 254u, 255u}) {
        Automaton automaton;
        const std::uint32_t good = automaton.sink(1), other = automaton.sink(2);
        const std::string labels = all_bytes_but(static_cast<std::uint8_t>(left_out));
        const std::uint32_t sparse =
            automaton.sparse(0, labels, std::vector<std::uint32_t>(255, good), other);
        for (unsigned byte = 0; byte < 256; byte++)
            if (automaton.perms(sparse, one(byte)) != (byte == left_out ? 2u : 1u)) FAIL(byte);
    }
    SUCCEED();
}

TEST_CASE("walk: a dense state goes by the class of the byte") {
    Automaton automaton;
    const std::uint32_t a = automaton.sink(1), b = automaton.sink(2), c = automaton.sink(3);
    const std::uint32_t dense = automaton.dense(9, {a, b, c});
    for (unsigned byte = 0; byte < 256; byte++)
        automaton.classes.of[byte] = static_cast<__u8>(byte % 3);
    CHECK(automaton.perms(dense, "") == 9);
    for (unsigned byte = 0; byte < 256; byte++)
        if (automaton.perms(dense, one(byte)) != byte % 3 + 1) FAIL(byte);
}

TEST_CASE("walk: pieces split anywhere are walked like one") {
    Automaton automaton;
    // 1 and 2 are sinks, 3 a string, 4 sparse, 5 dense; they lead to each other.
    const std::uint32_t a = automaton.sink(1), b = automaton.sink(2);
    const std::uint32_t string = automaton.string(3, "/usr/lib/", 4, a);
    const std::uint32_t sparse = automaton.sparse(
        4, "/abcdefghijk", std::vector<std::uint32_t>{string, 4, 4, 4, 5, 5, 5, 5, 4, 4, 4, 4}, b);
    const std::uint32_t dense = automaton.dense(5, {4, string});
    for (unsigned byte = 0; byte < 256; byte++) automaton.classes.of[byte] = byte == '/';
    REQUIRE(sparse == 4);
    REQUIRE(dense == 5);
    const std::vector<std::string> texts = {"/usr/lib/abc/usr/lib/defg/usr/lib/", "/usr/lib/z",
                                            "/usr/lob", "/usr/lib/d//usr/lib/d", "/usr"};
    for (const std::string& text : texts) {
        const std::uint32_t whole = automaton.perms(string, text);
        for (std::size_t first = 0; first <= text.size(); first++)
            for (std::size_t second = first; second <= text.size(); second++) {
                isolates_walk walked = automaton.walk(string);
                Automaton::step(walked, text.substr(0, first));
                Automaton::step(walked, text.substr(first, second - first));
                Automaton::step(walked, "");
                Automaton::step(walked, text.substr(second));
                if (isolates_walk_perms(&walked) != whole)
                    FAIL(text << " at " << first << " and " << second);
            }
    }
    SUCCEED();
}

TEST_CASE("walk: a path by its components is walked like its bytes") {
    Automaton automaton;
    const std::uint32_t a = automaton.sink(1), b = automaton.sink(2);
    const std::uint32_t string = automaton.string(3, "/usr/lib/x86", 4, 4);
    const std::uint32_t sparse = automaton.sparse(
        4, "/abcdefghijk", std::vector<std::uint32_t>{string, 4, 4, 4, 5, 5, 5, 5, 4, 4, 4, a}, b);
    const std::uint32_t dense = automaton.dense(5, {4, string});
    for (unsigned byte = 0; byte < 256; byte++) automaton.classes.of[byte] = byte == '/';
    REQUIRE(sparse == 4);
    REQUIRE(dense == 5);
    // Each run of the string is left at each of its bytes.
    std::vector<std::vector<std::string>> paths = {{}, {""}, {"usr"}, {"usr", "lib", "x86", "d"}};
    for (std::string path = "usr/lib/x86/abc"; !path.empty(); path.pop_back())
        for (const char* end : {"", "a", "d/usr", "h/usr/lib", "k/c", "z"}) {
            std::vector<std::string> components = {""};
            for (const char byte : path + end)
                if (byte == '/')
                    components.emplace_back();
                else
                    components.back() += byte;
            paths.push_back(std::move(components));
        }
    for (const auto& components : paths)
        for (const std::uint32_t start : {a, string, sparse, dense})
            for (const bool is_directory : {false, true}) {
                std::string text;
                std::vector<std::vector<__u8>> bytes;
                for (const auto& component : components) {
                    text += "/" + component;
                    bytes.emplace_back(component.begin(), component.end());
                }
                if (is_directory || components.empty()) text += "/";
                std::vector<isolates_piece> pieces;
                for (const auto& piece : bytes)
                    pieces.push_back({piece.data(), static_cast<__u32>(piece.size())});
                isolates_walk walked = automaton.walk(start);
                isolates_walk_path(&walked, pieces.data(), static_cast<__u32>(pieces.size()),
                                   is_directory);
                if (isolates_walk_perms(&walked) != automaton.perms(start, text))
                    FAIL(text << " from " << start);
            }
    SUCCEED();
}

TEST_CASE("walk: generated automata end where their definition says") {
    isolates::reference::Generator generator(isolates::reference::test_seed() + 10);
    const auto state = [&](std::size_t states) {
        return static_cast<std::uint32_t>(generator.below(states));
    };
    for (int round = 0; round < 300; round++) {
        // The same automaton twice: as states, and as a table of what each does.
        struct Meaning {
            std::string run;  // of a string
            std::array<std::uint32_t, 256> next{};
            bool is_sink = false;
        };
        Automaton automaton;
        const std::size_t states = 2 + generator.below(6);
        std::vector<Meaning> meanings(states);
        meanings[0].is_sink = true;
        for (unsigned byte = 0; byte < 256; byte++)
            automaton.classes.of[byte] = static_cast<__u8>(byte % 5);
        for (std::uint32_t id = 1; id < states; id++) {
            Meaning& meaning = meanings[id];
            const std::uint32_t otherwise = state(states), target = state(states);
            meaning.next.fill(otherwise);
            switch (generator.below(4)) {
                case 0:
                    meaning.is_sink = true;
                    automaton.sink(id);
                    break;
                case 1:
                    for (std::size_t length = 1 + generator.below(6); length; length--)
                        meaning.run += "ab"[generator.below(2)];
                    meaning.next[0] = target;
                    automaton.string(id, meaning.run, target, otherwise);
                    break;
                case 2: {
                    std::string labels;
                    std::vector<std::uint32_t> targets;
                    for (unsigned byte = 'a'; byte < 'a' + 1 + generator.below(20); byte++) {
                        labels.push_back(static_cast<char>(byte));
                        targets.push_back(meaning.next[byte] = state(states));
                    }
                    automaton.sparse(id, labels, targets, otherwise);
                    break;
                }
                default: {
                    std::vector<std::uint32_t> targets;
                    for (int i = 0; i < 5; i++) targets.push_back(state(states));
                    for (unsigned byte = 0; byte < 256; byte++)
                        meaning.next[byte] = targets[byte % 5];
                    automaton.dense(id, targets);
                }
            }
        }
        for (int i = 0; i < 20; i++) {
            std::string text;
            for (std::size_t length = generator.below(24); length; length--)
                text += "abc/"[generator.below(4)];
            std::uint32_t at = 1;
            std::size_t matched = 0;
            for (const char c : text) {
                const Meaning& meaning = meanings[at];
                if (meaning.is_sink) break;
                if (meaning.run.empty()) {
                    at = meaning.next[static_cast<unsigned char>(c)];
                } else if (c != meaning.run[matched]) {
                    at = meaning.next[1];
                    matched = 0;
                } else if (++matched == meaning.run.size()) {
                    at = meaning.next[0];
                    matched = 0;
                }
            }
            if (automaton.perms(1, text) != at) FAIL(text);
        }
    }
    SUCCEED();
}
