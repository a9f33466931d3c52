// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "diag/suggest.hpp"
#include "sema/enforcement.hpp"
#include "sema/network_names.hpp"
#include "sema/network_permissions.hpp"
#include "sema/rules.hpp"

namespace isolates::sema {
namespace {

const Permission* find_permission(std::string_view name) {
    const auto permissions = network_permissions();
    const auto found = std::ranges::find(permissions, name, &Permission::name);
    return found == permissions.end() ? nullptr : &*found;
}

constexpr std::uint8_t netlink = 16;

// What is wrong with one rule, and all that is known of it.
class NetworkAnalysis {
  public:
    NetworkAnalysis(const Context& context, const ast::NetworkRule& rule)
        : context_(context), rule_(rule) {}

    void run() {
        const Conditions conditions(context_, "network", rule_.conditions,
                                    {"ip", "port", "interface", "label", "peer", "errno"});
        refuse_ownership(context_, rule_.qualifiers, "networks");
        const auto effect = effect_of(context_, rule_.qualifiers, conditions.find("errno"));
        read_words();
        read_endpoint(conditions, local_);
        if (const auto* const peer = conditions.find("peer")) read_peer(*peer);
        check();
        if (is_wrong_ || !effect) return;

        if (!warn(*effect)) return;
        network_.effect = *effect;
        network_.effect.rule = context_.add_rule(rule_.at);
        if (!operations_) operations_ = default_operations();
        network_.operations = operations_;
        add_unix();
        for (const auto& family : families()) {
            network_.family = family;
            for (const auto& local : with_ports(local_, local_ports_))
                for (const auto& peer : with_ports(peer_, peer_ports_)) {
                    network_.local = local;
                    network_.peer = peer;
                    add_sockets();
                }
        }
    }

  private:
    diag::Diagnostic& fail(const diag::Span& at, std::string text) {
        is_wrong_ = true;
        return context_.report.error(at, std::move(text));
    }

    void read_permission(const ast::Text& name) {
        const auto operations = permission(context_, name, "network", network_permissions());
        is_wrong_ |= !operations;
        operations_ |= operations.value_or(0);
    }

    // "[permissions] [family] [type|protocol]"; AppArmor takes a type or protocol
    // without a family too.
    void read_words() {
        if (rule_.arguments) {
            fail(*rule_.arguments, "unexpected list").with_hint("permissions go first");
            return;
        }
        for (const auto& item : rule_.list) {
            const auto* const name = plain(context_, item);
            is_wrong_ |= !name;
            if (name) read_permission(*name);
        }
        std::size_t next = 0;
        const auto& words = rule_.words;
        if (rule_.list.empty() && !words.empty() && find_permission(words[0].text))
            read_permission(words[next++]);
        if (next < words.size()) {
            if (const auto family = family_number(words[next].text)) {
                network_.family = family;
                next++;
            }
        }
        if (next < words.size()) read_type(words[next++]);
        if (next < words.size() && network_.family == netlink && !network_.protocol)
            read_type(words[next++]);
        if (next < words.size())
            fail(words[next].at, fmt::format("unexpected '{}'", words[next].text));
    }

    void read_type(const ast::Text& word) {
        if (const auto type = type_number(word.text)) {
            network_.type = type;
        } else if (const auto protocol = netlink_protocol(word.text);
                   protocol && network_.family == netlink) {
            network_.protocol = protocol;
        } else if (is_protocol(word.text)) {
            protocol_ = &word;
            if (network_.family && protocol_sockets(word.text, *network_.family).empty())
                fail(word.at, fmt::format("this family has no protocol '{}'", word.text));
        } else {
            std::vector<std::string_view> names(type_names().begin(), type_names().end());
            names.insert(names.end(), protocol_names().begin(), protocol_names().end());
            if (!network_.family)
                names.insert(names.end(), family_names().begin(), family_names().end());
            const auto what =
                network_.family ? "type or protocol" : "network family, type or protocol";
            fail(word.at, fmt::format("unknown {} '{}'", what, word.text))
                .with_hint(diag::did_you_mean(word.text, names));
        }
    }

    void read_condition(const ast::Text& key, const ast::Text& value,
                        model::EndpointCondition& endpoint) {
        if (key.text == "ip") {
            if (endpoint.prefix || endpoint.is_none) fail(key.at, "'ip' is given twice");
            endpoint.prefix = parse_prefix(value.text);
            if (value.text == "none") {
                endpoint.is_none = true;
                unspelt_ = &value;
            } else if (!endpoint.prefix) {
                fail(value.at, fmt::format("'{}' is no IP address", value.text))
                    .with_hint("10.0.0.1, 10.0.0.0/8, fd00::1 and fd00::/8 are some");
            } else if (has_stray_bits(*endpoint.prefix)) {
                context_.report.warning(value.at,
                                        fmt::format("of this address only the first {} bits count",
                                                    endpoint.prefix->bits));
            }
        } else if (key.text == "port") {
            auto& ports = &endpoint == &peer_ ? peer_ports_ : local_ports_;
            const auto range = parse_ports(value.text);
            if (range)
                ports.push_back(*range);
            else
                fail(value.at, fmt::format("'{}' is no port, nor a range of ports", value.text))
                    .with_hint("80 and 1024-65535 are some");
        } else if (key.text == "interface" || key.text == "label") {
            unspelt_ = &key;
        } else {
            fail(key.at, fmt::format("a peer has no condition '{}'", key.text))
                .with_hint("it has ip and port");
        }
    }

    // The conditions of the rule itself; of ports there may be a list.
    void read_endpoint(const Conditions& conditions, model::EndpointCondition& endpoint) {
        for (const auto* const name : {"ip", "port", "interface", "label"}) {
            const auto* const condition = conditions.find(name);
            if (!condition) continue;
            conditional_ = condition->at;
            if (condition->key.text == "port" && condition->items.size() > 1) {
                for (const auto& item : condition->items) {
                    const auto* const value = plain(context_, item);
                    is_wrong_ |= !value;
                    if (value) read_condition(condition->key, *value, endpoint);
                }
                continue;
            }
            const auto* const value = single_value(context_, *condition);
            is_wrong_ |= !value;
            if (value) read_condition(condition->key, *value, endpoint);
        }
    }

    void read_peer(const ast::Condition& condition) {
        peer_at_ = condition.at;
        conditional_ = condition.at;
        if (!condition.parenthesized || condition.items.empty()) {
            fail(condition.at, "a peer is written peer=(ip=ADDRESS port=PORT)");
            return;
        }
        for (const auto& item : condition.items) {
            if (item.key)
                read_condition(*item.key, item.value, peer_);
            else
                fail(item.value.at, fmt::format("unexpected '{}'", item.value.text))
                    .with_hint("write ip=... or port=...");
        }
    }

    [[nodiscard]] static std::uint8_t family_of(const model::Prefix& prefix) {
        return prefix.kind == ISOLATES_ENDPOINT_INET ? ISOLATES_AF_INET : ISOLATES_AF_INET6;
    }

    void check() {
        if (peer_at_ && operations_ & ~std::uint32_t{ISOLATES_NETWORK_PEER_OPS})
            fail(*peer_at_, "only connect, accept, send and receive have a peer")
                .with_hint("write the other permissions in a rule of their own");
        for (const auto& [endpoint, ports] :
             {std::pair(&local_, &local_ports_), std::pair(&peer_, &peer_ports_)})
            if (endpoint->is_none && !ports->empty())
                fail(*conditional_, "what has no address has no port");
        if (conditional_ && operations_ == ISOLATES_NETWORK_CREATE)
            fail(*conditional_, "a socket that is created has no address yet");
        if (local_.prefix && peer_.prefix && local_.prefix->kind != peer_.prefix->kind)
            fail(*peer_at_, "the addresses are of two families");
        if (!conditional_ || !network_.family) return;
        if (*network_.family != ISOLATES_AF_INET && *network_.family != ISOLATES_AF_INET6)
            fail(*conditional_, "only the families inet and inet6 have such conditions");
        for (const auto& endpoint : {local_, peer_})
            if (endpoint.prefix && family_of(*endpoint.prefix) != *network_.family)
                fail(*conditional_, "the address is of another family than the rule");
    }

    // Without any the rule is about all, but for what a condition says nothing of:
    // to name a peer is not to allow any address to be bound.
    [[nodiscard]] std::uint32_t default_operations() const {
        if (!peer_at_) return ISOLATES_NETWORK_OPS;
        return ISOLATES_NETWORK_CREATE | ISOLATES_NETWORK_PEER_OPS;
    }

    // An address has one family; ports and protocols are of both.
    [[nodiscard]] std::vector<std::optional<std::uint8_t>> families() const {
        if (network_.family) return {network_.family};
        for (const auto& endpoint : {local_, peer_})
            if (endpoint.prefix) return {family_of(*endpoint.prefix)};
        if (conditional_ || protocol_) return {ISOLATES_AF_INET, ISOLATES_AF_INET6};
        return {std::nullopt};
    }

    using Endpoints = std::vector<model::EndpointCondition>;

    static Endpoints with_ports(model::EndpointCondition endpoint,
                                const std::vector<model::PortRange>& ports) {
        if (ports.empty()) return {endpoint};
        Endpoints endpoints;
        for (const auto& range : ports) {
            endpoint.ports = range;
            endpoints.push_back(endpoint);
        }
        return endpoints;
    }

    // False if the rule allows nothing, for want of what it asks for.
    bool warn(const model::Effect& effect) {
        const bool denies = effect.action == model::Action::deny;
        if (unspelt_ && !local_.is_none && !peer_.is_none) {
            context_.report.warning(
                unspelt_->at,
                fmt::format("the condition '{}' of network rules is not enforced by the kernel "
                            "yet: this rule {}",
                            unspelt_->text, denies ? "denies whatever it is" : "allows nothing"));
            return denies;
        }
        if (unspelt_) warn_unenforced(context_, unspelt_->at, "'ip=none' is");
        return true;
    }

    // What is said of unix sockets as a family is said in their own class as well.
    void add_unix() {
        if (conditional_ || protocol_ || network_.protocol ||
            (network_.family && *network_.family != ISOLATES_AF_UNIX))
            return;
        context_.policy.unixes.push_back({network_.effect, operations_, network_.type, {}, {}});
    }

    void add_sockets() {
        if (!protocol_) {
            context_.policy.networks.push_back(network_);
            return;
        }
        for (const auto& socket : protocol_sockets(protocol_->text, *network_.family)) {
            network_.type = socket.type;
            network_.protocol = socket.protocol;
            context_.policy.networks.push_back(network_);
        }
    }

    const Context& context_;
    const ast::NetworkRule& rule_;
    model::NetworkRule network_;
    model::EndpointCondition local_;
    model::EndpointCondition peer_;
    std::uint32_t operations_ = 0;
    const ast::Text* protocol_ = nullptr;
    std::vector<model::PortRange> local_ports_;
    std::vector<model::PortRange> peer_ports_;
    const ast::Text* unspelt_ = nullptr;     // a condition that is no fact
    std::optional<diag::Span> conditional_;  // some condition on an endpoint
    std::optional<diag::Span> peer_at_;
    bool is_wrong_ = false;
};

}  // namespace

void analyze(const Context& context, const ast::NetworkRule& rule) {
    NetworkAnalysis(context, rule).run();
}

}  // namespace isolates::sema
