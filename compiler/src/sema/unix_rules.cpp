// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <array>
#include <utility>

#include "diag/suggest.hpp"
#include "sema/network_names.hpp"
#include "sema/network_permissions.hpp"
#include "sema/rules.hpp"

namespace isolates::sema {
namespace {

using Globs = std::vector<std::optional<std::string>>;

// What "addr=" takes beside addresses.
constexpr std::string_view unbound = "none";
constexpr std::string_view autobound = "auto";  // what the kernel binds a socket to
constexpr std::string_view autobound_glob = "@[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]";

class UnixAnalysis {
  public:
    UnixAnalysis(const Context& context, const ast::UnixRule& rule)
        : context_(context), rule_(rule) {}

    void run() {
        const Conditions conditions(
            context_, "unix", rule_.conditions,
            {"type", "protocol", "addr", "label", "attr", "opt", "peer", "errno"});
        refuse_ownership(context_, rule_.qualifiers, "unix sockets");
        const auto effect = effect_of(context_, rule_.qualifiers, conditions.find("errno"));
        const auto named = named_permissions(context_, rule_, "unix", network_permissions());
        is_wrong_ |=
            !named ||
            !check_shape(context_, rule_, {.words_max = rule_.words.size(), .has_arguments = true});
        read_type(conditions.find("type"));
        read_protocol(conditions.find("protocol"));
        if (const auto* const condition = conditions.find("addr"))
            if (const auto* const value = single_value(context_, *condition))
                read_address(*value, addresses_);
        refuse_unspelt(conditions);
        if (const auto* const peer = conditions.find("peer")) read_peer(*peer, named.value_or(0));
        if (is_wrong_ || !effect) return;
        add(*effect, *named);
    }

  private:
    void fail(const diag::Span& at, std::string text, std::string hint = {}) {
        is_wrong_ = true;
        context_.report.error(at, std::move(text)).with_hint(std::move(hint));
    }

    void read_type(const ast::Condition* condition) {
        const auto* const value = condition ? single_value(context_, *condition) : nullptr;
        is_wrong_ |= condition && !value;
        if (!value) return;
        type_ = type_number(value->text);
        if (!type_)
            fail(value->at, fmt::format("unknown type of sockets '{}'", value->text),
                 diag::did_you_mean(value->text, type_names()));
    }

    // Unix sockets have one protocol, whatever number it is asked for by.
    void read_protocol(const ast::Condition* condition) {
        const auto* const value = condition ? single_value(context_, *condition) : nullptr;
        is_wrong_ |= condition && !value;
        if (value && value->text != "0" && value->text != "1" && value->text != "unix")
            fail(value->at, "unix sockets have the protocol 0 only");
    }

    void read_address(const ast::Text& value, Globs& addresses) {
        addresses.clear();
        if (value.text == unbound) {
            addresses.emplace_back("");
        } else if (value.text == autobound) {
            addresses.emplace_back(std::string(autobound_glob));
        } else if (const auto globs = globs_of(context_, value)) {
            for (const auto& glob : *globs) {
                if (!glob.starts_with('@') && !glob.starts_with('/') && !glob.starts_with('{'))
                    return fail(value.at, fmt::format("'{}' is no address of a unix socket", glob),
                                "it is a path, @NAME, none or auto");
                addresses.emplace_back(glob);
            }
        } else {
            is_wrong_ = true;
        }
    }

    // Facts that are not spelt: such a rule must not come to mean more than it says.
    void refuse_unspelt(const Conditions& conditions) {
        for (const auto* const name : {"label", "attr", "opt"}) {
            const auto* const condition = conditions.find(name);
            if (!condition) continue;
            is_wrong_ |= !single_value(context_, *condition);
            unspelt_ = &condition->key;
        }
    }

    void read_peer(const ast::Condition& condition, std::uint32_t named) {
        if (!condition.parenthesized || condition.items.empty())
            return fail(condition.at, "a peer is written peer=(addr=ADDRESS label=POLICY)");
        has_peer_ = true;
        for (const auto& item : condition.items) {
            if (!item.key) {
                fail(item.value.at, fmt::format("unexpected '{}'", item.value.text),
                     "write addr=... or label=...");
            } else if (item.key->text == "addr") {
                read_address(item.value, peer_addresses_);
            } else if (item.key->text == "label") {
                const auto globs = globs_of(context_, item.value);
                is_wrong_ |= !globs;
                if (globs) labels_.assign(globs->begin(), globs->end());
            } else {
                fail(item.key->at, fmt::format("a peer has no condition '{}'", item.key->text),
                     "it has addr and label");
            }
        }
        if (named & ~std::uint32_t{ISOLATES_NETWORK_PEER_OPS})
            fail(condition.at, "only connect, accept, send and receive have a peer",
                 "write the other permissions in a rule of their own");
    }

    void add(const model::Effect& effect, std::uint32_t named) {
        const bool denies = effect.action == model::Action::deny;
        std::uint32_t operations = named;
        if (!operations)
            operations =
                has_peer_ ? ISOLATES_NETWORK_PEER_OPS : std::uint32_t{ISOLATES_NETWORK_OPS};
        if (unspelt_)
            context_.report.warning(
                unspelt_->at,
                fmt::format("the condition '{}' of unix rules is not enforced by the kernel yet: "
                            "this rule {}",
                            unspelt_->text, denies ? "denies whatever it is" : "allows nothing"));
        // A socket that is made has no address to be denied for.
        if (denies && addresses_.front()) operations &= ~std::uint32_t{ISOLATES_NETWORK_CREATE};
        model::UnixRule made{effect, operations, type_, {}, {}};
        made.effect.rule = context_.add_rule(rule_.at);
        if (unspelt_ && !denies) return;
        for (const auto& address : addresses_)
            for (const auto& peer : peer_addresses_)
                for (const auto& label : labels_) {
                    made.local.address = address;
                    made.peer = {peer, label};
                    context_.policy.unixes.push_back(made);
                }
    }

    const Context& context_;
    const ast::UnixRule& rule_;
    std::optional<std::uint8_t> type_;
    Globs addresses_{std::nullopt};
    Globs peer_addresses_{std::nullopt};
    Globs labels_{std::nullopt};
    const ast::Text* unspelt_ = nullptr;
    bool has_peer_ = false;
    bool is_wrong_ = false;
};

}  // namespace

void analyze(const Context& context, const ast::UnixRule& rule) {
    UnixAnalysis(context, rule).run();
}

}  // namespace isolates::sema
