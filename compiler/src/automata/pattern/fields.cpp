// SPDX-License-Identifier: GPL-2.0-only
// Rules whose facts are several texts with a NUL between two: of mounts, of unix
// sockets, and of changes of policy. There are as many NULs in the facts as in every pattern, and a
// text has none. So a wildcard cannot reach beyond its own text, whatever bytes it takes.
#include <bit>

#include "automata/pattern/patterns.hpp"

namespace isolates::automata {

namespace {

Item anything_but_nul(Vocabulary& vocabulary) {
    ByteSet bytes = ByteSet::all();
    bytes.remove(0);
    return vocabulary.loop(bytes);
}

// One text: what the glob matches, or any.
class FieldSpeller {
  public:
    FieldSpeller(Vocabulary& vocabulary, std::uint32_t rule)
        : vocabulary_(vocabulary), rule_(rule) {}

    void byte(Item item) { sequence_.push_back(item); }
    void text(const std::optional<std::string>& glob) {
        if (!glob) {
            vocabulary_.append(sequence_, anything_but_nul(vocabulary_));
            return;
        }
        const auto spelt = glob_sequence(*glob, rule_, vocabulary_);
        if (spelt)
            vocabulary_.append(sequence_, *spelt);
        else if (!error_)
            error_ = spelt.error();
    }
    void nul() { sequence_.push_back(Vocabulary::byte(0)); }

    PatternResult add(Labels& labels, const model::Effect& effect, std::uint32_t operations,
                      Patterns& patterns) {
        if (error_) return std::unexpected(*error_);
        patterns.add(sequence_, labels.of_rule(effect, {operations, operations}), rule_);
        return {};
    }

  private:
    Vocabulary& vocabulary_;
    std::uint32_t rule_;
    Sequence sequence_;
    std::optional<PatternError> error_;
};

PatternResult spell_socket(const model::UnixRule& rule, std::uint32_t operations, bool with_local,
                           Labels& labels, Patterns& patterns) {
    if (!operations) return {};
    FieldSpeller speller(patterns.vocabulary, rule.effect.rule);
    speller.byte(rule.type ? Vocabulary::byte(*rule.type)
                           : patterns.vocabulary.set(ByteSet::all()));
    speller.text(with_local ? rule.local.address : std::nullopt);
    speller.nul();
    speller.text(rule.peer.address);
    speller.nul();
    speller.text(rule.peer.label);
    return speller.add(labels, rule.effect, operations, patterns);
}

}  // namespace

PatternResult spell(const model::UnixRule& rule, Labels& labels, Patterns& patterns) {
    // A socket that is made has no address yet: an allow rule allows to make it, of a
    // deny rule with an address that is not the matter.
    const bool denies = rule.effect.action == model::Action::deny;
    const std::uint32_t create = rule.local.address ? rule.operations & ISOLATES_NETWORK_CREATE : 0;
    if (create && !denies)
        if (auto result = spell_socket(rule, create, false, labels, patterns); !result)
            return result;
    return spell_socket(rule, rule.operations & ~create, true, labels, patterns);
}

PatternResult spell(const model::MountRule& rule, Labels& labels, Patterns& patterns) {
    for (std::uint32_t operation = 1; operation <= ISOLATES_MOUNT_OPS; operation <<= 1) {
        if (!(rule.operations & operation)) continue;
        const std::uint32_t mask = isolates_facts_mount_mask(operation);
        // The flags that must be set, and the operation's place above them.
        const std::uint32_t set = (rule.flags & mask & ~rule.free) |
                                  static_cast<std::uint32_t>(std::countr_zero(operation)) << 28;
        FieldSpeller speller(patterns.vocabulary, rule.effect.rule);
        for (int shift = 24; shift >= 0; shift -= 8) {
            const auto free = static_cast<unsigned>((rule.free & mask) >> shift & 0xff);
            const auto fixed = static_cast<unsigned>(set >> shift & 0xff);
            ByteSet bytes;
            for (unsigned byte = 0; byte < 256; byte++)
                if ((byte & ~free) == fixed) bytes.add(static_cast<std::uint8_t>(byte));
            speller.byte(patterns.vocabulary.set(bytes));
        }
        speller.text(rule.fstype);
        speller.nul();
        speller.text(rule.source);
        speller.nul();
        speller.text(rule.target);
        if (auto result = speller.add(labels, rule.effect, operation, patterns); !result)
            return result;
    }
    if (rule.is_unconditional() || rule.effect.action == model::Action::deny)
        patterns.add({}, labels.of_rule(rule.effect, masks_of(rule)), rule.effect.rule);
    return {};
}

PatternResult spell(const model::ChangeRule& rule, Labels& labels, Patterns& patterns) {
    FieldSpeller speller(patterns.vocabulary, rule.effect.rule);
    speller.text(rule.program);
    speller.nul();
    speller.text(rule.target);
    return speller.add(labels, rule.effect, rule.operations, patterns);
}

}  // namespace isolates::automata
