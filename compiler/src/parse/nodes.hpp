// SPDX-License-Identifier: GPL-2.0-only
// What the parser has made and not put into the document yet.
#pragma once

#include <forward_list>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "parse/ast/policy.hpp"

namespace isolates::parse {

// A rule that is in no block yet; or none, of what was reported as wrong.
class LooseRule {
  public:
    LooseRule() = default;
    explicit LooseRule(ast::Rules::iterator at) : at_(at), is_any_(true) {}

    explicit operator bool() const { return is_any_; }
    [[nodiscard]] ast::Rules::iterator at() const { return at_; }
    template <typename R>
    [[nodiscard]] R& as() const {
        return std::get<R>(*at_);
    }

  private:
    ast::Rules::iterator at_;
    bool is_any_ = false;
};

// Bison moves and destroys the value of a symbol several times. So values are pointers to
// what is here, and null is what is empty, as most of it is.
class Nodes {
  public:
    template <typename T>
    T* make(T value = T()) {
        auto& [all, unused] = std::get<Pool<T>>(pools_);
        if (unused.empty()) return &all.emplace_front(std::move(value));
        T* const made = unused.back();
        unused.pop_back();
        *made = std::move(value);
        return made;
    }

    // To be changed, and made for that if it is empty.
    template <typename T>
    T& some(T*& made) {
        if (!made) made = make<T>();
        return *made;
    }

    template <typename T>
    void append(std::vector<T>*& list, T value) {
        some(list).push_back(std::move(value));
    }

    // For what it becomes a part of. The pointer is of no more use.
    template <typename T>
    T take(T* made) {
        if (!made) return T();
        std::get<Pool<T>>(pools_).unused.push_back(made);
        return std::move(*made);
    }

    template <typename R>
    LooseRule rule(R rule) {
        return LooseRule(rules_.emplace(rules_.end(), std::move(rule)));
    }

    // Puts the rule into a block, or what stands for one that is wrong.
    void append(ast::Rules*& block, LooseRule rule) {
        if (rule)
            some(block).splice(block->end(), rules_, rule.at());
        else
            some(block).emplace_back();
    }

  private:
    template <typename T>
    struct Pool {
        std::forward_list<T> all;
        std::vector<T*> unused;
    };
    template <typename... T>
    using Pools = std::tuple<Pool<T>...>;

    ast::Rules rules_;
    Pools<ast::Text, std::vector<ast::Text>, std::vector<ast::Item>, ast::Condition,
          std::vector<ast::Condition>, ast::Qualifiers, ast::ClassRule, ast::Expression,
          ast::IfRule, ast::Policy, ast::Rules>
        pools_;
};

}  // namespace isolates::parse
