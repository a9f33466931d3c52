// SPDX-License-Identifier: GPL-2.0-only
#include "exact/cover.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "automata/nfa/matcher.hpp"
#include "automata/pattern/glob.hpp"
#include "exact/glob_text.hpp"

namespace isolates::exact {
namespace {

using automata::Dfa;
using Bytes = std::vector<std::uint8_t>;

// Pairs of states that are looked at before giving up.
constexpr std::size_t kPairsMax = std::size_t{1} << 16;
constexpr automata::DfaLimits kLimits = {.states = 1u << 14, .words = 1u << 20, .visits = 1u << 22};
constexpr std::uint32_t kOutside = 0xffffffff;

// Some globs as one automaton.
std::optional<automata::Nfa> nfa_of(const std::vector<RuleGlob>& globs,
                                    automata::Patterns& patterns, automata::Labels& labels) {
    std::vector<std::uint32_t> chosen;
    for (const RuleGlob& glob : globs) {
        const auto sequence =
            automata::parse_glob(automata::filter_slashes(glob.glob), patterns.vocabulary);
        if (!sequence) return std::nullopt;
        chosen.push_back(static_cast<std::uint32_t>(chosen.size()));
        patterns.add(*sequence, labels.of_rule({}, {1, 1}), 0);
    }
    std::ranges::sort(chosen, [&](std::uint32_t a, std::uint32_t b) {
        return std::ranges::lexicographical_compare(patterns.items_of(patterns.patterns[a]),
                                                    patterns.items_of(patterns.patterns[b]));
    });
    return automata::build_nfa(patterns, chosen, labels);
}

std::optional<Dfa> dfa_of(const std::vector<RuleGlob>& globs) {
    automata::Patterns patterns;
    automata::Labels labels(false);
    auto nfa = nfa_of(globs, patterns, labels);
    if (!nfa) return std::nullopt;
    return automata::determinise(*nfa, labels, kLimits);
}

bool matches(const std::string& glob, const Bytes& facts) {
    automata::Patterns patterns;
    automata::Labels labels(false);
    const auto nfa = nfa_of({{glob, false}}, patterns, labels);
    return nfa && automata::matches(*nfa, facts);
}

// A walk over the difference, an automaton of globs and the shape of the facts, breadth
// first.
class Walk {
  public:
    Walk(const Difference& difference, const Dfa& globs)
        : difference_(difference),
          globs_(globs),
          facts_(shape_of(difference.class_id).facts.automaton),
          operations_(static_cast<std::uint32_t>(difference.decisions) |
                      static_cast<std::uint32_t>(difference.decisions >> 32)) {}

    // The nearest facts that @is_goal(in the difference, matched by the globs) says yes to.
    // Nothing, and failed(), if there is no telling.
    template <typename Goal>
    std::optional<Bytes> find(Goal is_goal) {
        visit({0, globs_.start, facts_.start}, 0, 0);
        for (std::size_t i = 0; i < places_.size(); i++) {
            const auto [at, glob, shape] = places_[i];
            const bool is_in = at != kOutside && difference_.states[at].accepts;
            const bool is_matched = globs_.states[glob].label != automata::kNoLabel;
            if (facts_.states[shape].label & operations_ && is_goal(is_in, is_matched))
                return way_to(i);
            if (places_.size() > kPairsMax) {
                failed_ = true;
                return std::nullopt;
            }
            for (unsigned value = 0; value < 256; value++) {
                const auto byte = static_cast<std::uint8_t>(value);
                const auto next_shape = facts_.next(shape, byte);
                const auto next_at = next(at, byte);
                const auto next_glob = globs_.next(glob, byte);
                if (next_shape == automata::kDead ||
                    (next_at == kOutside && next_glob == automata::kDead))
                    continue;
                visit({next_at, next_glob, next_shape}, i, byte);
            }
        }
        return std::nullopt;
    }

    [[nodiscard]] bool failed() const { return failed_; }

  private:
    using Place = std::tuple<std::uint32_t, automata::StateId, automata::StateId>;

    [[nodiscard]] std::uint32_t next(std::uint32_t at, std::uint8_t byte) const {
        if (at == kOutside) return kOutside;
        for (const Difference::Edge& edge : difference_.edges_of(difference_.states[at]))
            if (edge.bytes.has(byte)) return edge.target;
        return kOutside;
    }

    void visit(const Place& place, std::size_t from, std::uint8_t byte) {
        if (!seen_.emplace(place, places_.size()).second) return;
        places_.push_back(place);
        from_.emplace_back(from, byte);
    }

    [[nodiscard]] Bytes way_to(std::size_t place) const {
        Bytes bytes;
        for (; place; place = from_[place].first) bytes.push_back(from_[place].second);
        std::ranges::reverse(bytes);
        return bytes;
    }

    const Difference& difference_;
    const Dfa& globs_;
    const Dfa& facts_;
    const std::uint32_t operations_;
    std::map<Place, std::size_t> seen_;
    std::vector<Place> places_;
    std::vector<std::pair<std::size_t, std::uint8_t>> from_;
    bool failed_ = false;
};

bool is_inside(const Difference& difference, const std::string& glob) {
    const auto globs = dfa_of({{glob, false}});
    if (!globs) return false;
    Walk walk(difference, *globs);
    return !walk.find([](bool is_in, bool is_matched) { return is_matched && !is_in; }) &&
           !walk.failed();
}

// The best glob for @facts: one of which nothing is outside, or else a denial's, which
// mostly says less than what it is an exception to.
std::optional<RuleGlob> glob_for(const Difference& difference, const Bytes& facts,
                                 const model::Policy& allowing, const model::Policy& denying) {
    const auto other = static_cast<std::uint32_t>(difference.decisions);
    const auto owner = static_cast<std::uint32_t>(difference.decisions >> 32);
    std::optional<RuleGlob> result;
    const auto consider = [&](const model::Policy& policy, model::Action action) {
        for (const model::FileRule& rule : policy.files) {
            if (result && result->is_inside) return;
            const std::uint32_t about = (rule.whose != model::Whose::owner ? other : 0) |
                                        (rule.whose != model::Whose::other ? owner : 0);
            if (rule.effect.action != action || !(rule.operations & about)) continue;
            if (!matches(rule.glob, facts)) continue;
            const bool inside = is_inside(difference, rule.glob);
            if (!result || inside) result = RuleGlob{automata::filter_slashes(rule.glob), inside};
        }
    };
    consider(denying, model::Action::deny);
    consider(allowing, model::Action::allow);
    return result;
}

}  // namespace

std::optional<Cover> cover_by_rules(const Difference& difference, const model::Policy& allowing,
                                    const model::Policy& denying) {
    Cover cover;
    Bytes facts = difference.example;
    while (cover.globs.size() < kGlobsMax) {
        auto glob = glob_for(difference, facts, allowing, denying);
        if (!glob) return cover.globs.empty() ? std::nullopt : std::optional(cover);
        cover.globs.push_back(std::move(*glob));
        const auto globs = dfa_of(cover.globs);
        if (!globs) return std::nullopt;
        Walk walk(difference, *globs);
        auto rest = walk.find([](bool is_in, bool is_matched) { return is_in && !is_matched; });
        if (walk.failed()) return cover;
        if (!rest) {
            cover.is_complete = true;
            return cover;
        }
        facts = std::move(*rest);
    }
    return cover;
}

}  // namespace isolates::exact
