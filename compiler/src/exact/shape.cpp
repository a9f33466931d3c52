// SPDX-License-Identifier: GPL-2.0-only
#include "exact/shape.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>
#include <vector>

#include "sema/mount_options.hpp"

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

// The path of a program that is executed.
Facts program_facts() {
    Facts facts = file_facts();
    for (automata::Dfa::State& state : facts.automaton.states)
        state.label = state.label & ISOLATES_FILE_EXEC ? std::uint32_t{ISOLATES_ATTACH_OPS} : 0;
    return facts;
}

// Two paths, none a directory's, with a byte 0 between them.
Facts link_facts() {
    ShapeBuilder build;
    StateId behind_name = kDead;
    StateId start = kDead;
    for (const std::uint32_t operations : {std::uint32_t{ISOLATES_LINK_OPS}, 0u}) {
        const StateId behind_slash = build.state(0);
        const StateId within = build.state(operations);
        const StateId dot = build.state(0);
        const StateId dots = build.state(0);
        for (const StateId state : {behind_slash, within, dot, dots}) {
            build.set_otherwise(state, within);
            build.to(state, 0, state == within ? behind_name : kDead);
            build.to(state, '/', state == within ? behind_slash : kDead);
        }
        build.to(behind_slash, '.', dot);
        build.to(dot, '.', dots);
        start = build.state(0);
        build.to(start, '/', behind_slash);
        behind_name = start;
    }
    return build.finish(start);
}

// The bytes that a policy's name may have.
void add_name_bytes(ShapeBuilder& build, StateId from, StateId target) {
    build.set_otherwise(from, target);
    build.to(from, 0, 0x1f, kDead);
    build.to(from, 0x7f, kDead);
}

// The name of a policy, or "unconfined". (Its length, 255 bytes at most, is not looked
// at.) @of_unconfined: what is asked of a task without a policy, @operations else.
StateId peer_name(ShapeBuilder& build, std::uint32_t operations, std::uint32_t of_unconfined) {
    constexpr std::string_view unconfined = ISOLATES_UNCONFINED;
    const StateId name = build.state(operations);
    add_name_bytes(build, name, name);
    StateId next = build.state(of_unconfined);
    add_name_bytes(build, next, name);
    for (std::size_t i = unconfined.size(); i-- > 0;) {
        const StateId state = build.state(i ? operations : 0);
        add_name_bytes(build, state, name);
        build.to(state, static_cast<std::uint8_t>(unconfined[i]), next);
        next = state;
    }
    return next;
}

// A signal, and the peer. What an unconfined task sends is received without asking.
Facts signal_facts() {
    ShapeBuilder build;
    const StateId start = build.state(0);
    build.to(start, 0, 64, peer_name(build, ISOLATES_SIGNAL_OPS, ISOLATES_SIGNAL_SEND));
    return build.finish(start);
}

Facts peer_facts(std::uint32_t operations) {
    ShapeBuilder build;
    return build.finish(peer_name(build, operations, operations));
}

// One byte, below @count.
Facts number_facts(std::uint32_t operations, unsigned count) {
    ShapeBuilder build;
    const StateId start = build.state(0);
    build.to(start, 0, static_cast<std::uint8_t>(count - 1), build.state(operations));
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

// An address of @size bytes and a port, and then @target; behind the unspecified
// address @unspecified instead. IPv4-mapped ones are left out: they are spelt as IPv4.
StateId address(ShapeBuilder& build, std::size_t size, StateId unspecified, StateId target) {
    constexpr std::size_t kMappedAt = 10;
    // Back to front: behind nothing but zeros so far.
    StateId zeros = rest_of_address(build, size, size, unspecified);
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

constexpr std::uint32_t kLocalOperations =
    ISOLATES_NETWORK_OPS & ~ISOLATES_NETWORK_CREATE & ~ISOLATES_NETWORK_PEER_OPS;
// Whoever sends to the unspecified address is asked about the one it stands for.
constexpr std::uint32_t kUnspecifiedPeer =
    ISOLATES_NETWORK_PEER_OPS & ~(ISOLATES_NETWORK_CONNECT | ISOLATES_NETWORK_SEND);

// The facts of one family behind their first byte. @kind: of the endpoints that its
// sockets have beside "none".
StateId network_family(ShapeBuilder& build, std::uint8_t kind) {
    const bool has_addresses = kind != ISOLATES_ENDPOINT_NONE;
    const std::size_t size = kind == ISOLATES_ENDPOINT_INET ? 4 : 16;
    const StateId connected = build.state(ISOLATES_NETWORK_PEER_OPS);
    const StateId unspecified = build.state(kUnspecifiedPeer);
    // Facts with @operations may end before the peer.
    const auto peer = [&](std::uint32_t operations) {
        const StateId state = build.state(operations);
        build.to(state, ISOLATES_ENDPOINT_NONE, connected);
        if (has_addresses) build.to(state, kind, address(build, size, unspecified, connected));
        build.prefer(state, {kind});
        return state;
    };
    const StateId bound = peer(kLocalOperations);
    const StateId socket = build.state(ISOLATES_NETWORK_CREATE);
    build.prefer(socket, {kind});
    build.to(socket, ISOLATES_ENDPOINT_NONE, bound);
    if (has_addresses) {
        // The stack binds no IP socket to what is no address. But SMC and RDS connect as
        // IP sockets whose own end we do not know.
        build.to(socket, ISOLATES_ENDPOINT_NONE,
                 peer(kLocalOperations & ~std::uint32_t{ISOLATES_NETWORK_BIND}));
        build.to(socket, kind, address(build, size, bound, bound));
    }

    const StateId protocol = build.any(1, {0}, build.any(1, {0}, socket));
    const StateId type = build.state(0);
    build.prefer(type, {1, 2, 3, 5});
    build.to(type, 0, 15, protocol);
    if (!has_addresses) return type;

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

// Text of any bytes but 0, one of @first to begin with if it is not empty, and then a
// byte 0, behind which is @empty or @text.
StateId field(ShapeBuilder& build, const Bytes& first, StateId empty, StateId text) {
    const StateId within = build.state(0);
    build.set_otherwise(within, within);
    build.to(within, 0, text);
    const StateId start = build.state(0);
    for (const std::uint8_t byte : first) build.to(start, byte, within);
    if (first.empty()) build.set_otherwise(start, within);
    build.to(start, 0, empty);
    return start;
}

// A name of no bytes or more.
StateId any_name(ShapeBuilder& build, std::uint32_t operations) {
    const StateId name = build.state(operations);
    add_name_bytes(build, name, name);
    return name;
}

// A type, the own address, the peer's, and the peer's policy. A socket that is made has
// none of these, and only some operations have a peer.
Facts unix_facts() {
    ShapeBuilder build;
    const Bytes addresses = {'/', '@'};
    const StateId with_peer = any_name(build, ISOLATES_NETWORK_PEER_OPS);
    const StateId bound = any_name(build, ISOLATES_NETWORK_OPS & ~ISOLATES_NETWORK_CREATE);
    const StateId unbound = any_name(build, ISOLATES_NETWORK_OPS);
    const StateId local = field(build, addresses, field(build, addresses, unbound, with_peer),
                                field(build, addresses, bound, with_peer));
    const StateId type = build.state(0);
    build.to(type, 0, 15, local);
    build.prefer(type, {1, 2, 5});
    return build.finish(type);
}

// The program's path, and the name of a policy.
Facts change_facts() {
    ShapeBuilder build;
    const StateId name = any_name(build, ISOLATES_CHANGE_PROFILE_OPS);
    return build.finish(field(build, {'/'}, kDead, name));
}

// Nothing, which is how the kernel asks if it does not know the facts; or four bytes of
// the operation and its flags, the type, the source and the target, as far as the
// operation has them.
Facts mount_facts() {
    ShapeBuilder build;
    const StateId start = build.state(ISOLATES_MOUNT_OPS);
    for (std::uint32_t operation = 1; operation <= ISOLATES_MOUNT_OPS; operation <<= 1) {
        const StateId within = build.state(operation);
        build.set_otherwise(within, within);
        build.to(within, 0, kDead);
        const StateId target = build.state(0);
        build.to(target, '/', within);
        constexpr std::uint32_t with_source = ISOLATES_MOUNT_MOUNT | ISOLATES_MOUNT_BIND |
                                              ISOLATES_MOUNT_MOVE | ISOLATES_MOUNT_PIVOT_ROOT;
        StateId next = build.state(0);
        build.to(next, 0, target);
        if (operation & with_source) next = field(build, {}, target, target);
        const StateId source = next;
        next = build.state(0);
        build.to(next, 0, source);
        if (operation == ISOLATES_MOUNT_MOUNT) next = field(build, {}, source, source);
        // The flag that makes it this operation is set, and of propagation one of several.
        const std::uint32_t command = sema::mount_command(operation);
        const std::uint32_t free = isolates_facts_mount_mask(operation) & ~command;
        const auto place = static_cast<std::uint32_t>(std::countr_zero(operation)) << 28;
        for (unsigned shift = 0; shift <= 24; shift += 8) {
            const StateId flags = shift == 24 ? start : build.state(0);
            const auto has_type = [&](unsigned byte) {
                return operation != ISOLATES_MOUNT_PROPAGATE || shift != 16 ||
                       byte & ISOLATES_MS_TYPES >> shift;
            };
            for (unsigned byte = 0; byte < 256; byte++)
                if (has_type(byte) &&
                    (byte & ~(free >> shift)) == ((command | place) >> shift & 0xff))
                    build.to(flags, static_cast<std::uint8_t>(byte), next);
            next = flags;
        }
    }
    return build.finish(start);
}

// For a class that has no entry below: anything may be asked. So nothing is missed.
Facts any_facts() {
    ShapeBuilder build;
    const StateId start = build.state(~0u);
    build.set_otherwise(start, start);
    return build.finish(start);
}

// One entry for each class.
std::array<Shape, ISOLATES_CLASS_COUNT> make_shapes() {
    std::array<Shape, ISOLATES_CLASS_COUNT> shapes;
    shapes.fill({"operation", ~0u, false, false, any_facts()});
    shapes[ISOLATES_CLASS_FILE] = {"file", ISOLATES_FILE_OPS, true, false, file_facts()};
    shapes[ISOLATES_CLASS_SIGNAL] = {"signal", ISOLATES_SIGNAL_OPS, false, false, signal_facts()};
    shapes[ISOLATES_CLASS_NETWORK] = {"network", ISOLATES_NETWORK_OPS, false, true,
                                      network_facts()};
    shapes[ISOLATES_CLASS_MOUNT] = {"mount", ISOLATES_MOUNT_OPS, false, false, mount_facts()};
    shapes[ISOLATES_CLASS_UNIX] = {"unix", ISOLATES_NETWORK_OPS, false, false, unix_facts()};
    shapes[ISOLATES_CLASS_CHANGE_PROFILE] = {"change_profile", ISOLATES_CHANGE_PROFILE_OPS, false,
                                             false, change_facts()};
    shapes[ISOLATES_CLASS_CAPABILITY] = {
        "capability", ISOLATES_CAPABILITY_OPS, false, true,
        number_facts(ISOLATES_CAPABILITY_OPS, ISOLATES_CAPABILITIES)};
    shapes[ISOLATES_CLASS_PTRACE] = {"ptrace", ISOLATES_PTRACE_OPS, false, false,
                                     peer_facts(ISOLATES_PTRACE_OPS)};
    shapes[ISOLATES_CLASS_NAMESPACE] = {
        "namespace", ISOLATES_NAMESPACE_OPS, false, true,
        number_facts(ISOLATES_NAMESPACE_OPS, ISOLATES_NAMESPACE_COUNT)};
    shapes[ISOLATES_CLASS_IO_URING] = {"io_uring", ISOLATES_IO_URING_OPS, false, false,
                                       peer_facts(ISOLATES_IO_URING_OPS)};
    shapes[ISOLATES_CLASS_LINK] = {"link", ISOLATES_LINK_OPS, true, false, link_facts()};
    shapes[ISOLATES_CLASS_ATTACH] = {"attach", ISOLATES_ATTACH_OPS, false, false, program_facts()};
    return shapes;
}

}  // namespace

const Shape& shape_of(isolates_class class_id) {
    static const auto shapes = make_shapes();
    return shapes[class_id];
}

}  // namespace isolates::exact
