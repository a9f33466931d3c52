// SPDX-License-Identifier: GPL-2.0-only
// The globs found so far, as one nondeterministic automaton: a trie of their elements,
// so that what they begin alike with is walked once.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "show/glob.hpp"

namespace isolates::show {

class Cover {
  public:
    // Nodes that a text has led to, ascending.
    using Active = std::vector<std::uint32_t>;

    static constexpr std::uint32_t kNone = 0xffffffff;

    Cover() : nodes_(1) {}

    // Adds a glob, by a number that leads_to() tells.
    void add(const Glob& glob, std::uint32_t number);
    // Takes a glob away again.
    void remove(const Glob& glob);

    [[nodiscard]] Active start() const;
    [[nodiscard]] Active step(const Active& from, std::uint8_t byte) const;
    // One step with every text that @element matches at once: nodes that all of them
    // lead to.
    [[nodiscard]] Active step(const Active& from, const Element& element) const;

    // The bytes of @within, which has @byte, that lead where @byte does.
    [[nodiscard]] ByteSet alike(const Active& from, std::uint8_t byte, ByteSet within) const;

    // Whether some glob matches whatever follows.
    [[nodiscard]] bool matches_all(const Active& active) const;

    // The number of a glob that ends in one of @active; kNone if there is none.
    [[nodiscard]] std::uint32_t matched(const Active& active) const;
    // Whether some glob that has another number than @number ends in one of @active.
    [[nodiscard]] bool matched_by_other(const Active& active, std::uint32_t number) const;

  private:
    struct Node {
        std::vector<std::pair<std::uint8_t, std::uint32_t>> bytes;  // and the node behind
        std::vector<std::pair<ByteSet, std::uint32_t>> sets;
        std::vector<std::uint32_t> loops;  // nodes entered along with this one
        ByteSet loop;                      // of a loop's node: the bytes that stay in it
        std::uint32_t glob = kNone;        // that ends here
    };

    std::uint32_t child(std::uint32_t parent, const Element& element);
    void enter(std::uint32_t node, Active& active) const;

    std::vector<Node> nodes_;
};

}  // namespace isolates::show
