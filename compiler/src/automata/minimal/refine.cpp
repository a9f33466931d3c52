// SPDX-License-Identifier: GPL-2.0-only
#include "automata/minimal/refine.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "automata/byte_set.hpp"

namespace isolates::automata {

namespace {

// Lists of numbers by key, all in one array.
template <typename Value>
class Lists {
  public:
    // First count, then fill.
    void count(std::uint32_t key) { first_[key + 1]++; }
    void end_count() {
        std::partial_sum(first_.begin(), first_.end(), first_.begin());
        values_.resize(first_.back());
        next_.assign(first_.begin(), first_.end() - 1);
    }
    void add(std::uint32_t key, Value value) { values_[next_[key]++] = value; }

    explicit Lists(std::size_t keys) : first_(keys + 1, 0) {}
    [[nodiscard]] std::span<const Value> operator[](std::uint32_t key) const {
        return std::span(values_).subspan(first_[key], first_[key + 1] - first_[key]);
    }

  private:
    std::vector<std::uint32_t> first_;
    std::vector<std::uint32_t> next_;
    std::vector<Value> values_;
};

// A partition of 0..size-1 into blocks, with the marked ones in front of each.
class Partition {
  public:
    struct Block {
        std::uint32_t first = 0;
        std::uint32_t count = 0;
        std::uint32_t marked = 0;
    };

    // @block_of: the blocks to begin with.
    Partition(std::vector<std::uint32_t> block_of, std::uint32_t blocks)
        : block_of_(std::move(block_of)), blocks_(blocks) {
        for (const std::uint32_t block : block_of_) blocks_[block].count++;
        std::uint32_t first = 0;
        for (Block& block : blocks_) {
            block.first = first;
            first += block.count;
            block.count = 0;
        }
        elements_.resize(block_of_.size());
        place_.resize(block_of_.size());
        for (std::uint32_t element = 0; element < block_of_.size(); element++) {
            Block& block = blocks_[block_of_[element]];
            put(element, block.first + block.count++);
        }
    }

    [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(blocks_.size()); }
    [[nodiscard]] std::uint32_t block_of(std::uint32_t element) const { return block_of_[element]; }
    [[nodiscard]] std::span<const std::uint32_t> elements(std::uint32_t block) const {
        return std::span(elements_).subspan(blocks_[block].first, blocks_[block].count);
    }

    void mark(std::uint32_t element) {
        Block& block = blocks_[block_of_[element]];
        const std::uint32_t border = block.first + block.marked;
        const std::uint32_t place = place_[element];
        if (place < border) return;
        if (!block.marked++) touched_.push_back(block_of_[element]);
        put(elements_[border], place);
        put(element, border);
    }

    // Part the marked from the unmarked; @visit(new block) for each that falls
    // apart. The new one is the smaller part.
    template <typename Visitor>
    void split(Visitor visit) {
        for (const std::uint32_t number : touched_) {
            Block& block = blocks_[number];
            const std::uint32_t marked = std::exchange(block.marked, 0);
            if (marked == block.count) continue;
            Block part{block.first, marked, 0};
            if (marked * 2 > block.count) {
                part = {block.first + marked, block.count - marked, 0};
            } else {
                block.first += marked;
            }
            block.count -= part.count;
            const std::uint32_t added = size();
            blocks_.push_back(part);
            for (const std::uint32_t element : elements(added)) block_of_[element] = added;
            visit(added);
        }
        touched_.clear();
    }

  private:
    void put(std::uint32_t element, std::uint32_t place) {
        elements_[place] = element;
        place_[element] = place;
    }

    std::vector<std::uint32_t> block_of_;
    std::vector<Block> blocks_;
    std::vector<std::uint32_t> elements_;
    std::vector<std::uint32_t> place_;
    std::vector<std::uint32_t> touched_;
};

// The states to refine are numbered from 0 here ("elements").
class Refiner {
  public:
    Refiner(const Dfa& dfa, std::span<const StateId> states,
            const std::vector<std::uint32_t>& class_of, std::vector<std::uint32_t>& element_of)
        : dfa_(dfa),
          states_(states),
          class_of_(class_of),
          element_of_(element_of),
          by_otherwise_(states.size()),
          by_edge_(states.size()),
          partition_({}, 0) {
        for (std::uint32_t i = 0; i < states.size(); i++) element_of_[states[i]] = i;
        index_ways();
        partition_ = first_partition();
    }

    ~Refiner() {
        for (const StateId state : states_) element_of_[state] = kNone;
    }
    Refiner(const Refiner&) = delete;
    Refiner& operator=(const Refiner&) = delete;

    const Partition& run() {
        // Not by the largest: what leads there on a byte is all that leads to none of the
        // others, and the first partition knows what leads outside.
        std::uint32_t largest = 0;
        for (std::uint32_t block = 1; block < partition_.size(); block++)
            if (partition_.elements(block).size() > partition_.elements(largest).size())
                largest = block;
        for (std::uint32_t block = 0; block < partition_.size(); block++)
            if (block != largest) waiting_.push_back(block);
        while (!waiting_.empty()) {
            const std::uint32_t splitter = waiting_.back();
            waiting_.pop_back();
            split_by(splitter);
        }
        return partition_;
    }

  private:
    struct Way {
        std::uint32_t element;
        std::uint8_t byte;
    };

    // A way of a kept-apart state, as the first partition sees it.
    static constexpr std::uint32_t kInside = 0xfffffffe;

    [[nodiscard]] const Dfa::State& state(std::uint32_t element) const {
        return dfa_.states[states_[element]];
    }

    void index_ways() {
        const auto for_ways = [&](auto otherwise, auto edge) {
            for (std::uint32_t i = 0; i < states_.size(); i++) {
                const std::uint32_t to = element_of_[state(i).otherwise];
                if (to != kNone) otherwise(to, i);
                for (const Dfa::Edge& way : dfa_.edges_of(state(i)))
                    if (const std::uint32_t target = element_of_[way.target]; target != kNone)
                        edge(target, Way{i, way.byte});
            }
        };
        for_ways([&](std::uint32_t to, std::uint32_t) { by_otherwise_.count(to); },
                 [&](std::uint32_t to, Way) { by_edge_.count(to); });
        by_otherwise_.end_count();
        by_edge_.end_count();
        for_ways([&](std::uint32_t to, std::uint32_t from) { by_otherwise_.add(to, from); },
                 [&](std::uint32_t to, Way way) { by_edge_.add(to, way); });
    }

    // By label, and by the classes of the states outside that each leads to.
    Partition first_partition() {
        std::vector<std::uint32_t> signatures, first, block_of;
        HashIndex index;
        const auto signature = [&](std::uint32_t block) {
            const std::uint32_t end = block + 1 < first.size()
                                          ? first[block + 1]
                                          : static_cast<std::uint32_t>(signatures.size());
            return std::span(signatures).subspan(first[block], end - first[block]);
        };
        std::vector<std::uint32_t> own;
        for (std::uint32_t i = 0; i < states_.size(); i++) {
            const std::uint32_t otherwise = outside(state(i).otherwise);
            own = {state(i).label, otherwise};
            for (const Dfa::Edge& edge : dfa_.edges_of(state(i))) {
                if (outside(edge.target) == otherwise) continue;
                own.push_back(edge.byte);
                own.push_back(outside(edge.target));
            }
            std::uint64_t hash = own.size();
            for (const std::uint32_t word : own) hash = hash_mix(hash, word);
            block_of.push_back(index.find_or_make(
                hash,
                [&](std::uint32_t block) { return std::ranges::equal(signature(block), own); },
                [&] {
                    first.push_back(static_cast<std::uint32_t>(signatures.size()));
                    signatures.insert(signatures.end(), own.begin(), own.end());
                    return static_cast<std::uint32_t>(first.size() - 1);
                }));
        }
        return {std::move(block_of), static_cast<std::uint32_t>(first.size())};
    }

    [[nodiscard]] std::uint32_t outside(StateId target) const {
        return element_of_[target] == kNone ? class_of_[target] : kInside;
    }

    void split_by(std::uint32_t splitter) {
        // Look at everything before anything is split: the splitter may be, too.
        defaulting_.clear();
        ways_.clear();
        in_splitter_.resize(states_.size(), 0);
        defaults_.resize(states_.size(), 0);
        const std::span<const std::uint32_t> inside = partition_.elements(splitter);
        for (const std::uint32_t element : inside) in_splitter_[element] = 1;
        for (const std::uint32_t element : inside)
            for (const std::uint32_t from : by_otherwise_[element]) {
                defaulting_.push_back(from);
                defaults_[from] = 1;
            }
        for (const std::uint32_t from : defaulting_)
            for (const Dfa::Edge& edge : dfa_.edges_of(state(from))) {
                const std::uint32_t target = element_of_[edge.target];
                if (target == kNone || !in_splitter_[target]) link(edge.byte, from);
            }
        for (const std::uint32_t element : inside)
            for (const Way way : by_edge_[element])
                if (!defaults_[way.element]) link(way.byte, way.element);
        for (const std::uint32_t element : inside) in_splitter_[element] = 0;
        for (const std::uint32_t from : defaulting_) defaults_[from] = 0;

        const auto wait = [&](std::uint32_t block) { waiting_.push_back(block); };
        for (const std::uint32_t from : defaulting_) partition_.mark(from);
        partition_.split(wait);
        told_.for_each([&](std::uint8_t byte) {
            for (std::uint32_t i = heads_[byte]; i != kNone; i = ways_[i].next)
                partition_.mark(ways_[i].element);
            partition_.split(wait);
        });
        told_ = {};
    }

    void link(std::uint8_t byte, std::uint32_t element) {
        if (!told_.has(byte)) heads_[byte] = kNone;
        told_.add(byte);
        ways_.push_back({element, heads_[byte]});
        heads_[byte] = static_cast<std::uint32_t>(ways_.size() - 1);
    }

    struct Linked {
        std::uint32_t element;
        std::uint32_t next;
    };

    const Dfa& dfa_;
    std::span<const StateId> states_;
    const std::vector<std::uint32_t>& class_of_;
    std::vector<std::uint32_t>& element_of_;  // by state
    Lists<std::uint32_t> by_otherwise_;       // by target
    Lists<Way> by_edge_;                      // by target
    Partition partition_;
    std::vector<std::uint32_t> waiting_;  // blocks still to split by

    std::vector<std::uint32_t> defaulting_;
    std::vector<Linked> ways_;
    ByteSet told_;                            // bytes with ways
    std::array<std::uint32_t, 256> heads_{};  // by such a byte: the first
    std::vector<std::uint8_t> in_splitter_;   // by element
    std::vector<std::uint8_t> defaults_;      // by element
};

}  // namespace

std::uint32_t refine(const Dfa& dfa, std::span<const StateId> states,
                     std::vector<std::uint32_t>& class_of, std::uint32_t count,
                     std::vector<std::uint32_t>& element_of) {
    if (states.empty()) return count;
    Refiner refiner(dfa, states, class_of, element_of);
    const Partition& partition = refiner.run();
    for (std::uint32_t i = 0; i < states.size(); i++)
        class_of[states[i]] = count + partition.block_of(i);
    return count + partition.size();
}

}  // namespace isolates::automata
