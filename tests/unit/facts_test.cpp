// SPDX-License-Identifier: GPL-2.0-only
// How the facts of a network operation are spelt.
#include <algorithm>
#include <catch2/catch.hpp>
#include <initializer_list>
#include <vector>

#include "core.hpp"

namespace {

using Bytes = std::vector<unsigned>;

isolates_endpoint inet(std::initializer_list<__u8> address, __u16 port) {
    isolates_endpoint endpoint{ISOLATES_ENDPOINT_INET, {}, port};
    std::ranges::copy(address, endpoint.address);
    return endpoint;
}

isolates_endpoint inet6(std::initializer_list<__u8> last, __u16 port, bool mapped = false) {
    isolates_endpoint endpoint{ISOLATES_ENDPOINT_INET6, {}, port};
    std::ranges::copy(last, endpoint.address + 16 - last.size());
    if (mapped) endpoint.address[10] = endpoint.address[11] = 0xff;
    return endpoint;
}

constexpr isolates_endpoint kNoEndpoint{};

Bytes spell(unsigned family, unsigned type, unsigned protocol,
            const isolates_endpoint* local = nullptr, const isolates_endpoint* peer = nullptr) {
    isolates_network_facts facts;
    isolates_facts_network(&facts, family, type, protocol, local, peer);
    REQUIRE(facts.length <= ISOLATES_NETWORK_FACTS_MAX);
    return {facts.bytes, facts.bytes + facts.length};
}

Bytes join(std::initializer_list<Bytes> parts) {
    Bytes all;
    for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
}

const Bytes kZeros12(12, 0), kZeros15(15, 0);

}  // namespace

TEST_CASE("facts: a socket is four bytes") {
    CHECK(spell(1, 2, 0) == Bytes{1, 2, 0, 0});
    CHECK(spell(16, 3, 9) == Bytes{16, 3, 0, 9});
    CHECK(spell(2, 1, 262) == Bytes{2, 1, 1, 6});
}

TEST_CASE("facts: the default protocol is spelt out where there is one") {
    for (const unsigned family : {2u, 10u}) {
        CHECK(spell(family, 1, 0) == Bytes{family, 1, 0, 6});
        CHECK(spell(family, 1, 6) == Bytes{family, 1, 0, 6});
        CHECK(spell(family, 2, 0) == Bytes{family, 2, 0, 17});
        CHECK(spell(family, 3, 0) == Bytes{family, 3, 0, 0});
        CHECK(spell(family, 5, 0) == Bytes{family, 5, 0, 0});
        CHECK(spell(family, 1, 132) == Bytes{family, 1, 0, 132});
    }
    CHECK(spell(1, 1, 0) == Bytes{1, 1, 0, 0});
}

TEST_CASE("facts: endpoints follow with kind, address and port") {
    const isolates_endpoint local = inet({10, 0, 0, 1}, 258), peer = inet({127, 0, 0, 1}, 65535);
    CHECK(spell(2, 1, 0, &local) == Bytes{2, 1, 0, 6, 1, 10, 0, 0, 1, 1, 2});
    CHECK(spell(2, 1, 0, &local, &peer) ==
          Bytes{2, 1, 0, 6, 1, 10, 0, 0, 1, 1, 2, 1, 127, 0, 0, 1, 255, 255});
    CHECK(spell(1, 1, 0, &kNoEndpoint, &kNoEndpoint) == Bytes{1, 1, 0, 0, 0, 0});
    const isolates_endpoint six = inet6({7}, 80);
    CHECK(spell(10, 1, 0, &six) == join({{10, 1, 0, 6, 2}, kZeros15, {7, 0, 80}}));
    CHECK(spell(10, 1, 0, &six, &six).size() == ISOLATES_NETWORK_FACTS_MAX);
    CHECK(spell(10, 1, 0, &kNoEndpoint, &six) == join({{10, 1, 0, 6, 0, 2}, kZeros15, {7, 0, 80}}));
}

TEST_CASE("facts: an IPv4-mapped address makes it all IPv4") {
    const isolates_endpoint mapped = inet6({10, 0, 0, 1}, 80, true), any = inet6({}, 0);
    CHECK(spell(10, 1, 0, &mapped) == Bytes{2, 1, 0, 6, 1, 10, 0, 0, 1, 0, 80});
    CHECK(spell(10, 1, 0, &any, &mapped) ==
          Bytes{2, 1, 0, 6, 1, 0, 0, 0, 0, 0, 0, 1, 10, 0, 0, 1, 0, 80});
    CHECK(spell(10, 1, 0, &mapped, &mapped) ==
          Bytes{2, 1, 0, 6, 1, 10, 0, 0, 1, 0, 80, 1, 10, 0, 0, 1, 0, 80});
    CHECK(spell(10, 2, 0, &kNoEndpoint, &mapped) == Bytes{2, 2, 0, 17, 0, 1, 10, 0, 0, 1, 0, 80});
}

TEST_CASE("facts: what is almost mapped is not") {
    const isolates_endpoint compatible = inet6({10, 0, 0, 1}, 80);  // ::10.0.0.1
    CHECK(spell(10, 1, 0, &compatible) == join({{10, 1, 0, 6, 2}, kZeros12, {10, 0, 0, 1, 0, 80}}));
    for (int place = 0; place < 12; place++) {
        isolates_endpoint endpoint = inet6({10, 0, 0, 1}, 80, true);
        endpoint.address[place] ^= 1;
        INFO(place);
        CHECK(spell(10, 1, 0, &endpoint)[0] == 10);
        CHECK(spell(10, 1, 0, &endpoint).size() == 23);
    }
}

TEST_CASE("facts: what is asked about is not changed") {
    isolates_endpoint mapped = inet6({10, 0, 0, 1}, 80, true);
    const isolates_endpoint before = mapped;
    (void)spell(10, 1, 0, &mapped, &mapped);
    CHECK(mapped.kind == before.kind);
    CHECK(std::ranges::equal(mapped.address, before.address));
}
