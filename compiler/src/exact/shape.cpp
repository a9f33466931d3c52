// SPDX-License-Identifier: GPL-2.0-only
#include "exact/shape.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace isolates::exact {
namespace {

using automata::Dfa;
using automata::kDead;
using automata::StateId;

using Bytes = std::vector<std::uint8_t>;

class ShapeBuilder {
  public:
    // A state in which facts with these operations may end; all bytes lead to
    // @otherwise that to() says nothing of; of two to() on a byte the last counts.
    StateId state(std::uint32_t operations, StateId otherwise = kDead) {
        made_.push_back({operations, otherwise, {}, {}});
        return static_cast<StateId>(made_.size() - 1);
    }

    void to(StateId from, std::uint8_t byte, StateId target) {
        std::erase_if(made_[from].edges, [&](const Dfa::Edge& edge) { return edge.byte == byte; });
        made_[from].edges.push_back({target, byte});
    }
    void to(StateId from, std::uint8_t first, std::uint8_t last, StateId target) {
        for (unsigned byte = first; byte <= last; byte++)
            to(from, static_cast<std::uint8_t>(byte), target);
    }
    void set_otherwise(StateId from, StateId target) { made_[from].otherwise = target; }

    // Any @count bytes, and then @target.
    StateId any(std::size_t count, const Bytes& preferred, StateId target) {
        while (count--) {
            target = state(0, target);
            prefer(target, preferred);
        }
        return target;
    }

    // Bytes that make an example good to read, the best first.
    void prefer(StateId state, const Bytes& preferred) { made_[state].preferred = preferred; }

    Facts finish(StateId start) {
        Facts facts;
        Dfa& dfa = facts.automaton;
        dfa.start = start;
        for (Made& made : made_) {
            std::ranges::sort(made.edges, {}, &Dfa::Edge::byte);
            std::erase_if(made.edges,
                          [&](const Dfa::Edge& edge) { return edge.target == made.otherwise; });
            dfa.states.push_back({made.operations, made.otherwise,
                                  static_cast<std::uint32_t>(dfa.edges.size()),
                                  static_cast<std::uint32_t>(made.edges.size())});
            dfa.edges.insert(dfa.edges.end(), made.edges.begin(), made.edges.end());
            facts.preferred.emplace_back(made.preferred);
        }
        return facts;
    }

  private:
    struct Made {
        std::uint32_t operations;
        StateId otherwise;
        std::vector<Dfa::Edge> edges;
        Bytes preferred;
    };

    std::vector<Made> made_ = {{0, kDead, {}, {}}};
};

// What is asked, or can succeed, only of directories, and only of all else.
constexpr std::uint32_t kDirectoriesOnly =
    ISOLATES_FILE_MKDIR | ISOLATES_FILE_RMDIR | ISOLATES_FILE_CHROOT;
constexpr std::uint32_t kNoDirectories =
    ISOLATES_FILE_WRITE | ISOLATES_FILE_APPEND | ISOLATES_FILE_EXEC | ISOLATES_FILE_MMAP |
    ISOLATES_FILE_CREATE | ISOLATES_FILE_UNLINK | ISOLATES_FILE_SYMLINK | ISOLATES_FILE_MKNOD |
    ISOLATES_FILE_TRUNCATE;

// "/", and components with a slash before each, behind the last one if it is a
// directory. No component is empty, "." or "..", or has a byte 0.
Facts file_facts() {
    ShapeBuilder build;
    const StateId behind_slash = build.state(ISOLATES_FILE_OPS & ~kNoDirectories);
    const StateId within = build.state(ISOLATES_FILE_OPS & ~kDirectoriesOnly);
    const StateId dot = build.state(0);
    const StateId dots = build.state(0);
    for (const StateId state : {behind_slash, within, dot, dots}) {
        build.set_otherwise(state, within);
        build.to(state, 0, kDead);
        build.to(state, '/', state == within ? behind_slash : kDead);
    }
    build.to(behind_slash, '.', dot);
    build.to(dot, '.', dots);
    const StateId start = build.state(0);
    build.to(start, '/', behind_slash);
    return build.finish(start);
}

// The bytes that a policy's name may have.
void add_name_bytes(ShapeBuilder& build, StateId from, StateId target) {
    build.set_otherwise(from, target);
    build.to(from, 0, 0x1f, kDead);
    build.to(from, 0x7f, kDead);
}

// A signal, and a policy's name. (Its length, 255 bytes at most, is not looked at.)
// What an unconfined task sends is received without asking.
Facts signal_facts() {
    constexpr std::string_view unconfined = ISOLATES_UNCONFINED;
    ShapeBuilder build;
    const StateId name = build.state(ISOLATES_SIGNAL_OPS);
    add_name_bytes(build, name, name);
    StateId next = build.state(ISOLATES_SIGNAL_SEND);
    add_name_bytes(build, next, name);
    for (std::size_t i = unconfined.size(); i-- > 0;) {
        const StateId state = build.state(i ? std::uint32_t{ISOLATES_SIGNAL_OPS} : 0);
        add_name_bytes(build, state, name);
        build.to(state, static_cast<std::uint8_t>(unconfined[i]), next);
        next = state;
    }
    const StateId start = build.state(0);
    build.to(start, 0, 64, next);
    return build.finish(start);
}

// Examples are of private networks, and of the web's port.
const Bytes kFirstOfInet = {10, 192, 172, 8};
const Bytes kFirstOfInet6 = {0xfd};
const Bytes kAddressBytes = {0, 1};
const Bytes kLastOfAddress = {1, 2};
const Bytes kPortHigh = {0};
const Bytes kPortLow = {80};

// The bytes of an address from @from on, all of which may be anything, and the port.
StateId rest_of_address(ShapeBuilder& build, std::size_t from, std::size_t size, StateId target) {
    StateId next = build.any(1, kPortHigh, build.any(1, kPortLow, target));
    if (from < size) next = build.any(1, kLastOfAddress, next);
    return from < size ? build.any(size - from - 1, kAddressBytes, next) : next;
}

// An address of @size bytes and a port, and then @target. What is spelt otherwise is
// left out: IPv4-mapped addresses and, of peers, the unspecified one.
StateId address(ShapeBuilder& build, std::size_t size, bool is_peer, StateId target) {
    constexpr std::size_t kMappedAt = 10;
    // Back to front: behind nothing but zeros so far.
    StateId zeros = is_peer ? kDead : rest_of_address(build, size, size, target);
    for (std::size_t i = size; i-- > 0;) {
        const StateId state = build.state(0, rest_of_address(build, i + 1, size, target));
        build.to(state, 0, zeros);
        if (size == 16 && i == kMappedAt) {
            const StateId mapped = build.state(0, rest_of_address(build, i + 2, size, target));
            build.to(mapped, 0xff, kDead);
            build.prefer(mapped, kAddressBytes);
            build.to(state, 0xff, mapped);
        }
        build.prefer(state, i + 1 == size ? kLastOfAddress
                            : i           ? kAddressBytes
                            : size == 4   ? kFirstOfInet
                                          : kFirstOfInet6);
        zeros = state;
    }
    return zeros;
}

// The facts of one family behind their first byte. @kind: of the endpoints that its
// sockets have beside "none".
StateId network_family(ShapeBuilder& build, std::uint8_t kind) {
    // Facts with @operation may end before the endpoint; behind it, or behind "none",
    // are these states.
    const auto endpoint = [&](std::uint32_t operation, bool is_peer, StateId none, StateId some) {
        const StateId state = build.state(operation);
        build.to(state, ISOLATES_ENDPOINT_NONE, none);
        if (kind != ISOLATES_ENDPOINT_NONE)
            build.to(state, kind,
                     address(build, kind == ISOLATES_ENDPOINT_INET ? 4 : 16, is_peer, some));
        build.prefer(state, {kind});
        return state;
    };
    const StateId connected = build.state(ISOLATES_NETWORK_CONNECT);
    const StateId bound = endpoint(ISOLATES_NETWORK_BIND, true, connected, connected);
    // The stack binds no IP socket to what is no address. But SMC and RDS connect as IP
    // sockets whose own end we do not know.
    const StateId unknown =
        kind == ISOLATES_ENDPOINT_NONE ? bound : endpoint(0, true, connected, connected);
    const StateId socket = endpoint(ISOLATES_NETWORK_CREATE, false, unknown, bound);

    const StateId protocol = build.any(1, {0}, build.any(1, {0}, socket));
    const StateId type = build.state(0);
    build.prefer(type, {1, 2, 3, 5});
    build.to(type, 0, 15, protocol);
    if (kind == ISOLATES_ENDPOINT_NONE) return type;

    // Protocol 0 of streams and datagrams is spelt as what it stands for.
    const StateId low = build.state(0, socket);
    build.to(low, 0, kDead);
    build.prefer(low, {6, 17});
    const StateId chosen = build.state(0, build.any(1, {6, 17}, socket));
    build.to(chosen, 0, low);
    build.prefer(chosen, {0});
    build.to(type, ISOLATES_SOCK_STREAM, chosen);
    build.to(type, ISOLATES_SOCK_DGRAM, chosen);
    return type;
}

Facts network_facts() {
    ShapeBuilder build;
    const StateId start = build.state(0, network_family(build, ISOLATES_ENDPOINT_NONE));
    build.to(start, ISOLATES_AF_INET, network_family(build, ISOLATES_ENDPOINT_INET));
    build.to(start, ISOLATES_AF_INET6, network_family(build, ISOLATES_ENDPOINT_INET6));
    build.prefer(start, {ISOLATES_AF_INET, ISOLATES_AF_INET6, 1});
    return build.finish(start);
}

Facts no_facts(std::uint32_t operations) {
    ShapeBuilder build;
    return build.finish(build.state(operations));
}

// One entry for each class.
std::array<Shape, ISOLATES_CLASS_COUNT> make_shapes() {
    std::array<Shape, ISOLATES_CLASS_COUNT> shapes;
    shapes[ISOLATES_CLASS_FILE] = {"file", ISOLATES_FILE_OPS, true, false, file_facts()};
    shapes[ISOLATES_CLASS_SIGNAL] = {"signal", ISOLATES_SIGNAL_OPS, false, false, signal_facts()};
    shapes[ISOLATES_CLASS_NETWORK] = {"network", ISOLATES_NETWORK_OPS, false, true,
                                      network_facts()};
    shapes[ISOLATES_CLASS_MOUNT] = {"mount", ISOLATES_MOUNT_OPS, false, true,
                                    no_facts(ISOLATES_MOUNT_OPS)};
    return shapes;
}

}  // namespace

const Shape& shape_of(isolates_class class_id) {
    static const auto shapes = make_shapes();
    return shapes[class_id];
}

}  // namespace isolates::exact
