// SPDX-License-Identifier: GPL-2.0-only
#include "exact/glob_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace isolates::exact {
namespace {

using automata::ByteSet;

constexpr std::size_t kGlobLengthMax = 4096;
constexpr std::size_t kBranchesMax = 64;
// Steps in all, as a safeguard: ways may part and meet many times.
constexpr std::size_t kStepsMax = 100'000;

// A byte of a set in brackets.
std::string class_byte(std::uint8_t byte) {
    if (byte == '-' || byte == '^') return fmt::format("\\{}", static_cast<char>(byte));
    return glob_byte(byte);
}

std::string class_text(const ByteSet& bytes) {
    std::string text;
    for (unsigned first = 0; first < 256; first++) {
        if (!bytes.has(static_cast<std::uint8_t>(first))) continue;
        unsigned last = first;
        while (last < 255 && bytes.has(static_cast<std::uint8_t>(last + 1))) last++;
        text += class_byte(static_cast<std::uint8_t>(first));
        if (last > first + 1) text += '-';
        if (last > first) text += class_byte(static_cast<std::uint8_t>(last));
        first = last;
    }
    return text;
}

// One byte of a set; @possible are those that can be facts here.
std::string set_text(const ByteSet& bytes, const ByteSet& possible) {
    if (bytes.size() == 1) {
        std::string text;
        bytes.for_each([&](std::uint8_t byte) { text = glob_byte(byte); });
        return text;
    }
    if (bytes == possible) return "?";
    if (bytes.size() <= 128) return fmt::format("[{}]", class_text(bytes));
    // NUL is in no path, and what cannot be here needs no telling apart.
    ByteSet rest = possible;
    bytes.for_each([&](std::uint8_t byte) { rest.remove(byte); });
    rest.add('/');
    return fmt::format("[^{}]", class_text(rest));
}

class GlobWriter {
  public:
    explicit GlobWriter(const Difference& difference)
        : difference_(difference), facts_(shape_of(difference.class_id).facts.automaton) {}

    // False if it does not work out.
    bool write(std::uint32_t id, bool behind_slash, std::string text) {
        for (;;) {
            if (++steps_ > kStepsMax || text.size() > kGlobLengthMax) return false;
            const Difference::State& state = difference_.states[id];
            if (write_the_rest(id, behind_slash, text)) return true;
            if (const auto star = star_of(id, behind_slash)) {
                if (behind_slash && state.accepts && !add(text)) return false;
                if (star->accepts && !add(text + "*")) return false;
                if (!star->below) return true;
                return descend(*star->below, true, text + "*/");
            }
            const auto edges = difference_.edges_of(state);
            const bool is_chain = edges.size() == 1 && edges[0].bytes.size() == 1;
            if (state.accepts && !add(text)) return false;
            if (!is_chain) {
                for (const Difference::Edge& edge : edges)
                    if (!branch(state, edge, text)) return false;
                return true;
            }
            text += set_text(edges[0].bytes, {});
            behind_slash = edges[0].bytes.has('/');
            id = edges[0].target;
        }
    }

    std::vector<std::string> take() { return std::move(globs_); }

  private:
    // What all ways through a component, or the rest of it, have in common.
    struct Star {
        bool accepts = false;
        std::optional<std::uint32_t> below;  // behind the slash at its end
    };

    bool add(const std::string& glob) {
        globs_.push_back(glob);
        return globs_.size() <= kGlobsMax;
    }

    bool descend(std::uint32_t id, bool behind_slash, std::string text) {
        if (depth_ == kBranchesMax) return false;
        depth_++;
        const bool done = write(id, behind_slash, std::move(text));
        depth_--;
        return done;
    }

    bool branch(const Difference::State& from, const Difference::Edge& edge,
                const std::string& text) {
        ByteSet bytes = edge.bytes;
        if (bytes.has('/')) {
            bytes.remove('/');
            if (!descend(edge.target, true, text + "/")) return false;
        }
        if (bytes.empty()) return true;
        return descend(edge.target, false, text + set_text(bytes, component_bytes(from)));
    }

    // The bytes but '/' that facts can go on with.
    [[nodiscard]] ByteSet component_bytes(const Difference::State& state) const {
        ByteSet bytes;
        for (unsigned byte = 0; byte < 256; byte++)
            if (byte != '/' &&
                facts_.next(state.shape, static_cast<std::uint8_t>(byte)) != automata::kDead)
                bytes.add(static_cast<std::uint8_t>(byte));
        return bytes;
    }

    // "**", where all facts that go on are in the set.
    bool write_the_rest(std::uint32_t id, bool behind_slash, const std::string& text) {
        const Difference::State& state = difference_.states[id];
        if (!behind_slash) return state.is_whole && add(text + "**");
        ByteSet whole;
        for (const Difference::Edge& edge : difference_.edges_of(state))
            if (difference_.states[edge.target].is_whole) whole.add(edge.bytes);
        if (!whole.includes(component_bytes(state))) return false;
        return add(text + (state.accepts ? "{,**}" : "**"));
    }

    // Whether a "*" says all that happens from @id to the end of its component.
    std::optional<Star> star_of(std::uint32_t id, bool behind_slash) {
        std::vector<std::uint32_t> todo = {id}, seen = {id};
        std::optional<Star> star;
        while (!todo.empty()) {
            const std::uint32_t at = todo.back();
            todo.pop_back();
            const Difference::State& state = difference_.states[at];
            ByteSet covered;
            std::optional<std::uint32_t> below;
            for (const Difference::Edge& edge : difference_.edges_of(state)) {
                if (++steps_ > kStepsMax) return std::nullopt;
                if (edge.bytes.has('/')) below = edge.target;
                ByteSet bytes = edge.bytes;
                bytes.remove('/');
                covered.add(bytes);
                if (bytes.empty() || std::ranges::find(seen, edge.target) != seen.end()) continue;
                seen.push_back(edge.target);
                todo.push_back(edge.target);
                if (seen.size() > kBranchesMax) return std::nullopt;
            }
            const ByteSet possible = component_bytes(state);
            if (possible.empty() || !covered.includes(possible)) return std::nullopt;
            if (behind_slash && at == id) continue;  // no byte of the component yet
            const bool can_end =
                facts_.next(state.shape, '/') != automata::kDead || is_asked(state);
            if (!can_end) continue;  // "." and ".."
            if (!star) star = Star{state.accepts, below};
            if (star->accepts != state.accepts || star->below != below) return std::nullopt;
        }
        return star;
    }

    [[nodiscard]] bool is_asked(const Difference::State& state) const {
        return facts_.states[state.shape].label != 0;
    }

    const Difference& difference_;
    const automata::Dfa& facts_;
    std::vector<std::string> globs_;
    std::size_t depth_ = 0;
    std::size_t steps_ = 0;
};

}  // namespace

std::string glob_byte(std::uint8_t byte) {
    constexpr std::string_view signs = "\\*?[]{},\"";
    if (byte <= ' ' || byte >= 0x7f) return fmt::format("\\x{:02x}", byte);
    const auto c = static_cast<char>(byte);
    return signs.contains(c) ? fmt::format("\\{}", c) : std::string(1, c);
}

std::optional<std::vector<std::string>> globs_of(const Difference& difference, std::uint32_t state,
                                                 bool behind_slash) {
    GlobWriter writer(difference);
    if (!writer.write(state, behind_slash, {})) return std::nullopt;
    return writer.take();
}

}  // namespace isolates::exact
