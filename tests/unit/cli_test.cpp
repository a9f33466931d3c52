// SPDX-License-Identifier: GPL-2.0-only
#include <catch2/catch.hpp>
#include <string>
#include <variant>

#include "cli/question.hpp"

using namespace isolates;
using cli::parse_question;

namespace {

template <typename Facts>
Facts facts_of(const std::vector<std::string>& words) {
    const auto question = parse_question(words);
    INFO((question ? std::string() : question.error()));
    REQUIRE(question);
    REQUIRE(std::holds_alternative<Facts>(*question));
    return std::get<Facts>(*question);
}

std::string refused(const std::vector<std::string>& words) {
    const auto question = parse_question(words);
    return question ? "" : question.error();
}

}  // namespace

TEST_CASE("cli: questions about files", "[cli]") {
    CHECK(facts_of<decide::FileFacts>({"read", "/x"}).operations == ISOLATES_FILE_READ);
    CHECK(facts_of<decide::FileFacts>({"file", "read,chmod", "/x"}).operations ==
          (ISOLATES_FILE_READ | ISOLATES_FILE_CHMOD));
    CHECK(facts_of<decide::FileFacts>({"rk", "/x"}).operations ==
          (ISOLATES_FILE_READ | ISOLATES_FILE_LOCK));
    CHECK(facts_of<decide::FileFacts>({"read", "/x", "owner"}).owner);
    CHECK_FALSE(facts_of<decide::FileFacts>({"read", "/x", "other"}).owner);
    CHECK(refused({}) == "an operation is missing");
    CHECK(refused({"read"}) == "a path is missing");
    CHECK(refused({"reed", "/x"}) == "unknown operation 'reed'; did you mean 'read'?");
    CHECK(refused({"read", "x"}) == "'x' is no path: it begins with '/'");
    CHECK(refused({"read", "/x", "mine"}) == "unexpected 'mine'");
    CHECK(refused({"read,", "/x", "owner", "y"}).starts_with("unexpected"));
}

TEST_CASE("cli: questions about signals", "[cli]") {
    const auto facts = facts_of<decide::SignalFacts>({"signal", "send", "term", "peer=web"});
    CHECK(facts.operations == ISOLATES_SIGNAL_SEND);
    CHECK(facts.number == 15);
    CHECK(facts.peer == "web");
    CHECK(facts_of<decide::SignalFacts>({"signal", "receive", "exists"}).peer ==
          ISOLATES_UNCONFINED);
    CHECK(refused({"signal", "snd", "term"}) == "unknown operation 'snd'; did you mean 'send'?");
    CHECK(refused({"signal", "send", "trem"}) == "unknown signal 'trem'; did you mean 'term'?");
    CHECK(refused({"signal", "send", "term", "web"}) == "unexpected 'web'");
    CHECK(refused({"signal", "send"}).starts_with("write signal"));
}

TEST_CASE("cli: questions about networks are asked as the kernel's hooks ask", "[cli]") {
    const auto connect =
        facts_of<decide::NetworkFacts>({"network", "connect", "inet", "stream", "10.0.0.1:5432"});
    CHECK(connect.operations == ISOLATES_NETWORK_CONNECT);
    CHECK(connect.peer->port == 5432);
    CHECK(connect.peer->address[0] == 10);
    CHECK(connect.local->kind == ISOLATES_ENDPOINT_INET);
    const auto mapped =
        facts_of<decide::NetworkFacts>({"network", "connect", "inet6", "tcp", "10.0.0.1:5432"});
    CHECK(mapped.family == ISOLATES_AF_INET);
    CHECK(mapped.protocol == 6);
    const auto bind =
        facts_of<decide::NetworkFacts>({"network", "bind", "inet6", "stream", "[::1]:80"});
    CHECK(bind.local->kind == ISOLATES_ENDPOINT_INET6);
    CHECK_FALSE(bind.peer);
    const auto create = facts_of<decide::NetworkFacts>({"network", "create", "unix", "stream"});
    CHECK_FALSE(create.local);
    CHECK(facts_of<decide::NetworkFacts>({"network", "connect", "unix", "stream"}).peer->kind ==
          ISOLATES_ENDPOINT_NONE);
    CHECK(facts_of<decide::NetworkFacts>(
              {"network", "connect", "inet", "udp", "1.2.3.4:5", "local=6.7.8.9:10"})
              .local->port == 10);

    CHECK(refused({"network", "connect", "inet", "stream"}) == "ADDRESS:PORT is missing");
    CHECK(refused({"network", "connect", "inet", "stream", "10.0.0.1"}) ==
          "'10.0.0.1' is no ADDRESS:PORT");
    CHECK(refused({"network", "connect", "inet", "stream", "[::1]:1"}) ==
          "the address is of another family");
    CHECK(refused({"network", "create", "inet", "stream", "10.0.0.1:1"}) ==
          "unexpected '10.0.0.1:1'");
    CHECK(refused({"network", "create", "ient", "stream"}) ==
          "unknown network family 'ient'; did you mean 'inet'?");
    CHECK(refused({"network", "create", "inet", "steam"}) ==
          "unknown type or protocol 'steam'; did you mean 'stream'?");
    CHECK(refused({"network", "conect", "inet", "stream"}) ==
          "unknown operation 'conect'; did you mean 'connect'?");
}

TEST_CASE("cli: questions about system calls and mounts", "[cli]") {
    CHECK(facts_of<cli::SyscallFacts>({"syscall", "mkdirat"}).name == "mkdirat");
    CHECK(refused({"syscall", "mkdriat"}) ==
          "unknown system call 'mkdriat'; did you mean 'mkdirat'?");
    CHECK(refused({"syscall"}) == "the name of a system call is missing");
    CHECK(facts_of<decide::MountFacts>({"umount"}).operations == ISOLATES_MOUNT_UMOUNT);
    CHECK(refused({"mount", "/x"}) == "a path is missing");
}
