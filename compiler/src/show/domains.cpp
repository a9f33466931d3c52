// SPDX-License-Identifier: GPL-2.0-only
#include "show/domains.hpp"

#include <initializer_list>

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

    // A byte up to @last, and then @behind.
    StateId add_number(unsigned last, StateId behind) {
        Dfa::State state{automata::kNoLabel, automata::kDead,
                         static_cast<std::uint32_t>(domain_.edges.size()), last + 1};
        for (unsigned byte = 0; byte <= last; byte++)
            domain_.edges.push_back({behind, static_cast<std::uint8_t>(byte)});
        domain_.states.push_back(state);
        return static_cast<StateId>(domain_.states.size() - 1);
    }

    // Any @count bytes, and then @behind.
    StateId add_any(std::size_t count, StateId behind) {
        while (count--) behind = add(false, behind, {});
        return behind;
    }

    // An endpoint of that kind or none, and then @behind.
    StateId add_endpoint(bool is_fact, isolates_endpoint_kind kind, StateId behind) {
        constexpr std::size_t port = 2;
        if (kind == ISOLATES_ENDPOINT_NONE)
            return add(is_fact, automata::kDead, {{behind, ISOLATES_ENDPOINT_NONE}});
        const StateId address = add_any((kind == ISOLATES_ENDPOINT_INET ? 4 : 16) + port, behind);
        return add(is_fact, automata::kDead,
                   {{behind, ISOLATES_ENDPOINT_NONE}, {address, static_cast<std::uint8_t>(kind)}});
    }

    Domain start(StateId state) {
        domain_.start = state;
        return std::move(domain_);
    }

  private:
    Domain domain_;
};

// A slash, names with a slash between, perhaps a slash.
Domain path(Nul nul) {
    Builder builder;
    const StateId name = builder.next() + 1;
    const StateId slash =
        builder.add(kDirectory, name, {{Builder::of_nul(nul, name), 0}, {automata::kDead, '/'}});
    builder.add(true, name, {{Builder::of_nul(nul, name), 0}, {slash, '/'}});
    return builder.start(builder.add(false, automata::kDead, {{slash, '/'}}));
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

// A socket's type, its address, NUL, the peer's, NUL, the name of the peer's policy.
Domain unix_socket(Nul nul) {
    Builder builder;
    const StateId label = builder.add_name(nul);
    const StateId peer = builder.next();
    builder.add(false, peer, {{label, 0}});
    const StateId local = builder.next();
    builder.add(false, local, {{peer, 0}});
    return builder.start(builder.add_any(1, local));
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
    const auto behind_family = [&](isolates_endpoint_kind kind) {
        StateId end = builder.add(true, automata::kDead, {});
        if (operation & ISOLATES_NETWORK_PEER_OPS) end = builder.add_endpoint(false, kind, end);
        if (operation != ISOLATES_NETWORK_CREATE) end = builder.add_endpoint(true, kind, end);
        return builder.add_any(3, end);
    };
    const StateId inet = behind_family(ISOLATES_ENDPOINT_INET);
    const StateId inet6 = behind_family(ISOLATES_ENDPOINT_INET6);
    const StateId other = behind_family(ISOLATES_ENDPOINT_NONE);
    return builder.start(
        builder.add(false, other, {{inet, ISOLATES_AF_INET}, {inet6, ISOLATES_AF_INET6}}));
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
            return unix_socket(nul);
        case ISOLATES_CLASS_PTRACE:
        case ISOLATES_CLASS_IO_URING:
            return name(nul);
        default:
            return std::nullopt;
    }
}

}  // namespace isolates::show
