// SPDX-License-Identifier: GPL-2.0-only
// Two texts -> what the second allows more, or less. Each example must be one, and what is
// decided differently must be among what is told.
#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "decide/decide.hpp"
#include "exact/compare.hpp"
#include "exact/difference.hpp"
#include "exact/shape.hpp"
#include "fuzz/memory_files.hpp"
#include "fuzz/require.hpp"
#include "fuzz/tally.hpp"
#include "fuzz/texts.hpp"
#include "reference/generator.hpp"
#include "reference/text_changer.hpp"

namespace {

using namespace isolates;
using fuzz::require;
using Differences = std::vector<exact::Difference>;

// What is behind this line is the second text.
constexpr std::string_view kSecond = "#### after\n";

std::uint32_t allowed(const exact::Side& side, isolates_class class_id,
                      std::span<const std::uint8_t> facts, bool owner) {
    // Without rules about pairs the new name, which is before the byte 0, says all.
    if (class_id == ISOLATES_CLASS_LINK && !side.policy->classes[class_id].automata.count) {
        const auto end = std::ranges::find(facts, 0) - facts.begin();
        const auto name = facts.first(static_cast<std::size_t>(end));
        const bool is_allowed =
            allowed(side, ISOLATES_CLASS_FILE, name, owner) & ISOLATES_FILE_LINK;
        return (side.policy->classes[class_id].open & ISOLATES_LINK_MORE) |
               (is_allowed ? ISOLATES_LINK_LINK : 0u);
    }
    const isolates_piece piece = {facts.data(), static_cast<std::uint32_t>(facts.size())};
    isolates_request request{};
    request.class_id = class_id;
    request.owner = owner;
    request.pieces = &piece;
    request.count = 1;
    isolates_verdict verdict{};
    isolates_decide(side.view, side.policy, &request, &verdict);
    return verdict.allowed;
}

class Examination {
  public:
    Examination(const exact::Side& before, const exact::Side& after)
        : before_(before), after_(after) {}

    void check_examples(const Differences& differences) const {
        for (const auto& difference : differences) {
            require(difference.contains(difference.example), "an example is in its set");
            for (auto rest = difference.decisions; rest; rest &= rest - 1) {
                const int decision = std::countr_zero(rest);
                const std::uint32_t operation = 1u << decision % 32;
                const bool owner = decision / 32 == ISOLATES_OWNER;
                const auto ask = [&](const exact::Side& side) {
                    return allowed(side, difference.class_id, difference.example, owner) &
                           operation;
                };
                require(ask(before_) && !ask(after_), "an example is lost");
            }
        }
    }

    // Facts that are asked of the kernel, of a class in which these were lost.
    template <typename Facts>
    void check_lost(const Differences& differences, const Facts& facts) const {
        const auto class_id = decide::class_of(facts);
        const auto spelt = decide::spell(facts);
        const auto gone = allowed(before_, class_id, spelt, false) &
                          ~allowed(after_, class_id, spelt, false) & facts.operations &
                          asked_of(class_id, spelt);
        for (std::uint32_t rest = gone; rest; rest &= rest - 1) {
            const std::uint32_t operation = rest & -rest;
            require(std::ranges::any_of(differences,
                                        [&](const exact::Difference& difference) {
                                            return difference.decisions & operation &&
                                                   difference.contains(spelt);
                                        }),
                    "what is lost is told: " + reference::describe(facts));
        }
    }

  private:
    // The operations that there are with such facts.
    static std::uint32_t asked_of(isolates_class class_id, std::span<const std::uint8_t> facts) {
        return exact::shape_of(class_id).facts.automaton.label_of(
            {reinterpret_cast<const char*>(facts.data()), facts.size()});
    }

    const exact::Side& before_;
    const exact::Side& after_;
};

void check_policy(const exact::Side& before, const exact::Side& after, const model::Policy& model,
                  reference::Generator& generator) {
    const Examination examination(before, after);
    std::vector<Differences> lost(ISOLATES_CLASS_COUNT);
    for (std::uint32_t id = 0; id < ISOLATES_CLASS_COUNT; id++) {
        auto found = exact::lost(before, after, static_cast<isolates_class>(id));
        if (!found) return;  // too large
        lost[id] = std::move(*found);
        examination.check_examples(lost[id]);
    }
    for (int count = 4; count; count--) {
        examination.check_lost(lost[ISOLATES_CLASS_FILE], generator.file_facts(model));
        examination.check_lost(lost[ISOLATES_CLASS_SIGNAL], generator.signal_facts(model));
        examination.check_lost(lost[ISOLATES_CLASS_NETWORK], generator.network_facts(model));
        examination.check_lost(lost[ISOLATES_CLASS_CAPABILITY], generator.capability_facts());
        examination.check_lost(lost[ISOLATES_CLASS_PTRACE], generator.ptrace_facts(model));
        examination.check_lost(lost[ISOLATES_CLASS_UNIX], generator.unix_facts(model));
    }
}

void check(const Compilation& before, const Compilation& after, std::uint64_t seed) {
    const auto comparison =
        exact::compare({&*before.blob, &before.program}, {&*after.blob, &after.program});
    const auto back =
        exact::compare({&*after.blob, &after.program}, {&*before.blob, &before.program});
    require(comparison.has_value() == back.has_value(), "it is as much the other way round");
    if (comparison) {
        require(comparison->added == back->removed && comparison->removed == back->added,
                "what is new is gone the other way round");
        require(comparison->changed.size() == back->changed.size(),
                "what differs differs the other way round");
    }
    reference::Generator generator(seed);
    for (const auto& policy : before.blob->policies()) {
        const auto other = after.blob->find(policy.name());
        if (!other) continue;
        const auto model =
            std::ranges::find(before.program.policies, policy.name(), &model::Policy::name);
        check_policy({&before.blob->view(), &policy.raw()}, {&after.blob->view(), &other->raw()},
                     *model, generator);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static fuzz::Tally tally;
    const auto input = fuzz::text_of(data, size);
    const fuzz::MemoryFiles files(input);
    tally.asked++;
    if (!input.contains(kSecond)) return 0;
    const auto before = fuzz::compile("input.ipol", files, false);
    if (!before.blob) return 0;
    const auto after = fuzz::compile("after", files, false);
    if (!after.blob) return 0;
    tally.taken++;
    check(before, after, fuzz::seed_of(input));
    return 0;
}

// A policy alone gets a second version of itself.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t size_max, unsigned seed) {
    const std::string text(fuzz::text_of(data, size));
    if (text.contains(kSecond)) return fuzz::change_text(data, size, size_max, seed);
    reference::TextChanger changer(seed);
    std::string both = text + (text.ends_with('\n') ? "" : "\n") + std::string(kSecond) +
                       changer.revised(text.substr(0, text.find("\n#### ")));
    if (both.size() > size_max) return size;
    std::memcpy(data, both.data(), both.size());
    return both.size();
}
