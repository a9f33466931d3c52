// SPDX-License-Identifier: GPL-2.0-only
#include "show/domains.hpp"

#include <bit>
#include <initializer_list>

#include "sema/mount_options.hpp"

namespace isolates::show {
namespace {

class Builder {
  public:
    Builder() { domain_.states.emplace_back(); }

    // A state whose bytes lead to @otherwise, but for some.
    StateId add(bool is_fact, StateId otherwise, std::initializer_list<Dfa::Edge> edges) {
        return add(is_fact ? kFact : automata::kNoLabel, otherwise, edges);
    }
    StateId add(LabelId label, StateId otherwise, std::initializer_list<Dfa::Edge> edges) {
        Dfa::State state{label, otherwise, static_cast<std::uint32_t>(domain_.edges.size()), 0};
        for (const Dfa::Edge& edge : edges)
            if (edge.target != otherwise) {
                domain_.edges.push_back(edge);
                state.edge_count++;
            }
        domain_.states.push_back(state);
        return static_cast<StateId>(domain_.states.size() - 1);
    }

    [[nodiscard]] StateId next() const { return static_cast<StateId>(domain_.states.size()); }

    // A name of any length.
    StateId add_name(Nul nul) { return add(true, next(), {{of_nul(nul, next()), 0}}); }

    // Where the byte 0 leads, as the others lead to @others.
    static StateId of_nul(Nul nul, StateId others) {
        return nul == Nul::like_others ? others : automata::kDead;
    }

    // A text of any length without a byte 0, behind which is @behind.
    StateId add_text(bool is_fact, StateId behind) { return add(is_fact, next(), {{behind, 0}}); }

    // A slash, names with a slash between, perhaps a slash. Behind them a byte 0 leads to
    // @nul.
    StateId add_path(bool is_fact, StateId nul) {
        const StateId name = next() + 1;
        const StateId slash =
            add(is_fact ? kApart : automata::kNoLabel, name, {{nul, 0}, {automata::kDead, '/'}});
        add(is_fact, name, {{nul, 0}, {slash, '/'}});
        return add(false, automata::kDead, {{slash, '/'}});
    }

    // A byte of those for which @is_possible(byte), and then @behind.
    template <typename IsPossible>
    StateId add_byte(bool is_fact, IsPossible is_possible, StateId behind) {
        Dfa::State state{is_fact ? kFact : automata::kNoLabel, automata::kDead,
                         static_cast<std::uint32_t>(domain_.edges.size()), 0};
        for (unsigned byte = 0; byte < 256; byte++) {
            if (!is_possible(byte)) continue;
            domain_.edges.push_back({behind, static_cast<std::uint8_t>(byte)});
            state.edge_count++;
        }
        domain_.states.push_back(state);
        return static_cast<StateId>(domain_.states.size() - 1);
    }

    // A byte up to @last, and then @behind.
    StateId add_number(unsigned last, StateId behind) {
        return add_byte(
            false, [=](unsigned byte) { return byte <= last; }, behind);
    }

    // Any @count bytes, and then @behind.
    StateId add_any(std::size_t count, StateId behind) {
        while (count--) behind = add(false, behind, {});
        return behind;
    }

    // An endpoint of that kind or none, and then @behind. @label: if there is none.
    StateId add_endpoint(LabelId label, isolates_endpoint_kind kind, StateId behind) {
        constexpr std::size_t port = 2;
        if (kind == ISOLATES_ENDPOINT_NONE)
            return add(label, automata::kDead, {{behind, ISOLATES_ENDPOINT_NONE}});
        const StateId address = add_any((kind == ISOLATES_ENDPOINT_INET ? 4 : 16) + port, behind);
        return add(label, automata::kDead,
                   {{behind, ISOLATES_ENDPOINT_NONE}, {address, static_cast<std::uint8_t>(kind)}});
    }

    Domain start(StateId state) {
        domain_.start = state;
        return std::move(domain_);
    }

  private:
    Domain domain_;
};

Domain path(Nul nul) {
    Builder builder;
    const StateId name = builder.next() + 1;
    return builder.start(builder.add_path(true, Builder::of_nul(nul, name)));
}

// The new name, NUL, the file.
Domain link() {
    Builder builder;
    const StateId file = builder.add_path(true, automata::kDead);
    return builder.start(builder.add_path(false, file));
}

// The program's path, NUL, the name of a policy.
Domain change() {
    Builder builder;
    const StateId program = builder.add_text(false, builder.add_name(Nul::impossible));
    return builder.start(builder.add(false, automata::kDead, {{program, '/'}}));
}

Domain name(Nul nul) {
    Builder builder;
    return builder.start(builder.add_name(nul));
}

Domain number(unsigned last) {
    Builder builder;
    const StateId end = builder.add(true, automata::kDead, {});
    return builder.start(builder.add_number(last, end));
}

// A socket's type, its address, NUL, the peer's, NUL, the name of the peer's policy. A
// socket that is made has no address, and only some operations have a peer.
Domain unix_socket(std::uint32_t operation) {
    Builder builder;
    const auto add_address = [&](bool has_any, StateId behind) {
        if (!has_any) return builder.add(false, automata::kDead, {{behind, 0}});
        const StateId within = builder.add_text(false, behind);
        return builder.add(false, automata::kDead, {{behind, 0}, {within, '/'}, {within, '@'}});
    };
    const StateId label = builder.add_name(Nul::impossible);
    const StateId peer = add_address(operation & ISOLATES_NETWORK_PEER_OPS, label);
    const StateId local = add_address(operation != ISOLATES_NETWORK_CREATE, peer);
    return builder.start(builder.add_any(1, local));
}

// Nothing if the facts are not known; or the operation's place and its flags, the type, NUL,
// the source, NUL, the target, as far as the operation has them.
Domain mount(std::uint32_t operation) {
    Builder builder;
    constexpr std::uint32_t with_source = ISOLATES_MOUNT_MOUNT | ISOLATES_MOUNT_BIND |
                                          ISOLATES_MOUNT_MOVE | ISOLATES_MOUNT_PIVOT_ROOT;
    const auto add_text = [&](bool has_any, StateId behind) {
        return has_any ? builder.add_text(false, behind)
                       : builder.add(false, automata::kDead, {{behind, 0}});
    };
    const StateId within = builder.add_name(Nul::impossible);
    const StateId target = builder.add(false, automata::kDead, {{within, '/'}});
    const StateId source = add_text(operation & with_source, target);
    StateId next = add_text(operation == ISOLATES_MOUNT_MOUNT, source);
    const std::uint32_t command = sema::mount_command(operation);
    const std::uint32_t free = isolates_facts_mount_mask(operation) & ~command;
    const std::uint32_t fixed = command | static_cast<std::uint32_t>(std::countr_zero(operation))
                                              << 28;
    for (unsigned shift = 0; shift <= 24; shift += 8) {
        const auto is_possible = [=](unsigned byte) {
            const bool has_type = operation != ISOLATES_MOUNT_PROPAGATE || shift != 16 ||
                                  (byte & ISOLATES_MS_TYPES >> shift);
            return has_type && (byte & ~(free >> shift)) == (fixed >> shift & 0xff);
        };
        next = builder.add_byte(shift == 24, is_possible, next);
    }
    return builder.start(next);
}

Domain signal(Nul nul) {
    constexpr unsigned last_signal = 64;
    Builder builder;
    return builder.start(builder.add_number(last_signal, builder.add_name(nul)));
}

// A socket; with its own address and the peer's, if the operation has them, of which
// there are only those of the socket's family.
Domain network(std::uint32_t operation) {
    Builder builder;
    const auto behind_family = [&](isolates_endpoint_kind kind, LabelId fact) {
        StateId end = builder.add(fact, automata::kDead, {});
        if (operation & ISOLATES_NETWORK_PEER_OPS)
            end = builder.add_endpoint(automata::kNoLabel, kind, end);
        if (operation != ISOLATES_NETWORK_CREATE) end = builder.add_endpoint(fact, kind, end);
        return builder.add_any(3, end);
    };
    const StateId local = behind_family(ISOLATES_ENDPOINT_NONE, kApart);
    const StateId inet = behind_family(ISOLATES_ENDPOINT_INET, kFact);
    const StateId inet6 = behind_family(ISOLATES_ENDPOINT_INET6, kFact);
    const StateId other = behind_family(ISOLATES_ENDPOINT_NONE, kFact);
    return builder.start(builder.add(
        false, other,
        {{local, ISOLATES_AF_UNIX}, {inet, ISOLATES_AF_INET}, {inet6, ISOLATES_AF_INET6}}));
}

}  // namespace

std::optional<Domain> domain_of(isolates_class class_id, std::uint32_t operation, Nul nul) {
    switch (class_id) {
        case ISOLATES_CLASS_FILE:
        case ISOLATES_CLASS_ATTACH:
            return path(nul);
        case ISOLATES_CLASS_SIGNAL:
            return signal(nul);
        case ISOLATES_CLASS_NETWORK:
            return network(operation);
        case ISOLATES_CLASS_CAPABILITY:
            return number(255);
        case ISOLATES_CLASS_NAMESPACE:
            return number(ISOLATES_NAMESPACE_COUNT - 1);
        case ISOLATES_CLASS_UNIX:
            return unix_socket(operation);
        case ISOLATES_CLASS_MOUNT:
            return mount(operation);
        case ISOLATES_CLASS_LINK:
            return link();
        case ISOLATES_CLASS_CHANGE_PROFILE:
            return change();
        case ISOLATES_CLASS_PTRACE:
        case ISOLATES_CLASS_IO_URING:
            return name(nul);
        default:
            return std::nullopt;
    }
}

}  // namespace isolates::show
