// SPDX-License-Identifier: GPL-2.0-only
// The control files as plain files: what is written to them, and what is made of them.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "kernel/event.hpp"
#include "kernel/namespaces.hpp"
#include "kernel/securityfs.hpp"
#include "parse/file.hpp"
#include "support/temporary.hpp"

using namespace isolates;
using namespace isolates::kernel;

namespace {

struct Files {
    Files() {
        folder.write("abi",
                     "abi 1\nformat " + std::to_string(ISOLATES_BLOB_VERSION) + "\nclasses file\n");
        for (const auto* const name :
             {"load", "unload", "bind", "unbind", "attach", "detach", "seal"})
            folder.write(name, "");
        std::filesystem::create_directory(folder.path("policies"));
    }

    void add(const std::string& name, const std::string& as, const std::string& bindings) const {
        const auto prefix = "policies/" + as + "/";
        folder.write(prefix + "name", name + "\n");
        folder.write(prefix + "mode", "enforce\n");
        folder.write(prefix + "sha256", "abcd\n");
        folder.write(prefix + "bindings", bindings);
        folder.write(prefix + "blob", "bytes of " + name);
    }

    [[nodiscard]] Securityfs open() const { return *Securityfs::open(folder.path("")); }
    [[nodiscard]] std::string content(const std::string& name) const {
        return *parse::read_file(folder.path(name));
    }

    test::TemporaryFolder folder;
};

std::uint32_t own_number(const char* kind) {
    struct stat status {};
    ::stat((std::string("/proc/self/ns/") + kind).c_str(), &status);
    return static_cast<std::uint32_t>(status.st_ino);
}

}  // namespace

TEST_CASE("kernel: commands are written whole, the name last", "[kernel]") {
    const Files files;
    const auto securityfs = files.open();
    CHECK(securityfs.unload("a b", false));
    CHECK(files.content("unload") == "a b\n");
    CHECK(securityfs.unload("web", true));
    CHECK(files.content("unload").starts_with("force web\n"));
    CHECK(securityfs.unload(std::vector<std::string>{"many", "of them"}, true));
    CHECK(files.content("unload") == "force many\nforce of them\n");
    CHECK(securityfs.unbind(ISOLATES_NAMESPACE_NET, 17, "a b"));
    CHECK(files.content("unbind") == "net 17 a b\n");
    const Namespace where{ISOLATES_NAMESPACE_PID, 5, Descriptor(::open("/dev/null", O_RDONLY))};
    const auto fd = std::to_string(where.file.get());
    CHECK(*securityfs.bind(where, "web", false, false));
    CHECK(files.content("bind") == "pid " + fd + " web\n");
    CHECK(*securityfs.bind(where, "web", true, false));
    CHECK(files.content("bind") == "host pid " + fd + " web\n");
    CHECK(*securityfs.bind(where, "web", true, true));
    CHECK(files.content("bind") == "host on-exec pid " + fd + " web\n");
    const Process process{7, Descriptor(::open("/dev/null", O_RDONLY))};
    const auto pidfd = std::to_string(process.file.get());
    CHECK(*securityfs.attach(process, "a b", false));
    CHECK(files.content("attach") == pidfd + " a b\n");
    CHECK(*securityfs.attach(process, "web", true));
    CHECK(files.content("attach") == "on-exec " + pidfd + " web\n");
    CHECK(securityfs.detach(process, "web"));
    CHECK(files.content("detach") == pidfd + " web\n");
    CHECK(securityfs.seal());
    CHECK(files.content("seal") == "1\n");
    const std::byte blob[] = {std::byte{1}, std::byte{0}, std::byte{2}};
    CHECK(securityfs.load(blob));
    CHECK(files.content("load") == std::string("\1\0\2", 3));
}

TEST_CASE("kernel: policies are listed by their names", "[kernel]") {
    const Files files;
    files.add("z", "z", "");
    files.add("a/b c", "a.b c", "net 4026531840 on exec\npid 17\n");
    const auto policies = files.open().list();
    REQUIRE(policies);
    REQUIRE(policies->size() == 2);
    CHECK((*policies)[0].name == "a/b c");
    CHECK((*policies)[0].mode == "enforce");
    REQUIRE((*policies)[0].bindings.size() == 2);
    CHECK((*policies)[0].bindings[1].kind == "pid");
    CHECK((*policies)[0].bindings[0].on_exec);
    CHECK((*policies)[0].bindings[1].number == 17);
    CHECK_FALSE((*policies)[0].bindings[1].on_exec);
    CHECK(files.open().blob((*policies)[0])->size() == std::string("bytes of a/b c").size());
}

TEST_CASE("kernel: tasks are read, policies with blanks in their names too", "[kernel]") {
    const Files files;
    files.folder.write("tasks", "17 17 resident web\n17 18 visitor a b/c\n");
    const auto tasks = files.open().tasks();
    REQUIRE(tasks);
    REQUIRE(tasks->size() == 2);
    CHECK((*tasks)[0].how == "resident");
    CHECK((*tasks)[1].process == 17);
    CHECK((*tasks)[1].thread == 18);
    CHECK((*tasks)[1].policy == "a b/c");
    files.folder.write("tasks", "");
    CHECK(files.open().tasks()->empty());
}

TEST_CASE("kernel: processes are held by their numbers", "[kernel]") {
    const auto own = open_process(std::to_string(::getpid()));
    REQUIRE(own);
    CHECK(own->pid == ::getpid());
    CHECK_FALSE(command_of(::getpid()).empty());
    for (const auto* const wrong : {"", "0", "-1", "x", "1x", "99999999999"})
        CHECK(open_process(wrong).error().contains("is no number of a process"));
    CHECK(open_process("4194304").error() == "there is no process 4194304");
    CHECK(command_of(4194304).empty());
}

TEST_CASE("kernel: a folder that lacks a file is one that is going", "[kernel]") {
    const Files files;
    files.add("a", "a", "");
    std::filesystem::create_directory(files.folder.path("policies/going"));
    CHECK(files.open().list()->size() == 1);
}

TEST_CASE("kernel: without isolates, or with another format, nothing is opened", "[kernel]") {
    const Files files;
    CHECK(Securityfs::open("/nowhere").error().reason.contains("no isolates in this kernel"));
    files.folder.write("abi", "abi 1\nformat 999\n");
    CHECK(Securityfs::open(files.folder.path("")).error().reason.contains("format 999"));
    files.folder.write("abi", "nonsense");
    CHECK_FALSE(Securityfs::open(files.folder.path("")));
}

TEST_CASE("kernel: places of namespaces", "[kernel]") {
    CHECK(parse_place("net:/run/netns/web")->path == "/run/netns/web");
    CHECK(parse_place("pid:4026531836")->number == 4026531836);
    CHECK(parse_place("mnt:pid=17")->where == ISOLATES_WHERE_PID);
    CHECK(parse_place("nte:1").error() == "unknown kind of namespace 'nte'; did you mean 'net'?");
    for (const auto* const wrong : {"", "net", "net:", "net:x", "net:0", "net:-1", "net:4294967296",
                                    "net:pid=", "net:pid=x", ":1"})
        CHECK_FALSE(parse_place(wrong));
    for (const auto* const text : {"net:/x", "uts:17", "time:pid=1"})
        CHECK(describe(*parse_place(text)) == text);
}

TEST_CASE("kernel: namespaces are opened by path, process and number", "[kernel]") {
    const auto number = own_number("net");
    for (const auto& place :
         {std::string("net:/proc/self/ns/net"), "net:pid=" + std::to_string(::getpid()),
          "net:" + std::to_string(number)}) {
        const auto found = open_namespace(*parse_place(place));
        INFO(place);
        REQUIRE(found);
        CHECK(found->number == number);
    }
}

TEST_CASE("kernel: what is no namespace, or none of the kind, is told apart", "[kernel]") {
    const auto reason = [](const char* place) {
        return open_namespace(*parse_place(place)).error();
    };
    CHECK(reason("net:/dev/null") == "/dev/null is no namespace");
    CHECK(reason("net:/proc") == "/proc is no namespace");
    CHECK(reason("net:/nowhere") == "cannot open /nowhere: No such file or directory");
    CHECK(reason("net:/proc/self/ns/uts") ==
          "/proc/self/ns/uts is a uts namespace, not a net namespace");
    CHECK(reason("net:1") == "no live net namespace has the number 1");
    CHECK(reason("net:pid=4194304").starts_with("there is no process 4194304"));
    const test::TemporaryFolder folder;
    const auto pipe = folder.path("pipe");
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    CHECK(reason(("net:" + pipe).c_str()) == pipe + " is no namespace");
}

TEST_CASE("kernel: an event is its pairs, without quotes and escapes", "[kernel]") {
    const auto event = Event::parse(
        R"(number=7 time=12.5 verdict=denied object="/a \"b\" pid=1\\\n\001\377c" pid=42 comm="")");
    REQUIRE(event);
    CHECK((*event)["object"] == std::string("/a \"b\" pid=1\\\n\x01\xff") + "c");
    CHECK((*event)["verdict"] == "denied");
    CHECK(event->number("number") == 7);
    CHECK(event->number("pid") == 42);
    CHECK(event->number("time") == 0);
    CHECK(event->number("verdict") == 0);
    CHECK(event->has("comm"));
    CHECK(!event->has("signal"));
    CHECK(event->pairs().size() == 6);
}

TEST_CASE("kernel: what is no event is none", "[kernel]") {
    for (const auto* const line : {"", "x", "=x", " a=b", "a=\"b", "a=\"b\\", "a=\"\\4\"",
                                   "a=\"\\777\"", "a=\"b\"c", "a=b  c=d", "a=\"\\q\""})
        CHECK(!Event::parse(line));
}

TEST_CASE("kernel: events are read line by line", "[kernel]") {
    const Files files;
    CHECK(files.open().events(false).error().error == ENOENT);
    files.folder.write("events", "lost=3\nnumber=4 verdict=denied\n");
    auto reader = files.open().events(false);
    REQUIRE(reader);
    CHECK(*reader->read() == std::vector<std::string>{"lost=3", "number=4 verdict=denied"});
    CHECK(reader->read()->empty());
    auto only_new = files.open().events(true);
    CHECK(only_new->read()->empty());
}
