// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <memory>
#include <utility>

namespace isolates::ast {

// What few rules have, and takes no room in the others, of which there are many and
// which the parser moves about. Without a value it reads as an empty one.
template <typename T>
class Rarely {
  public:
    Rarely() = default;
    Rarely(T value) : value_(std::make_unique<T>(std::move(value))) {}
    Rarely(Rarely&&) noexcept = default;
    Rarely& operator=(Rarely&&) noexcept = default;
    Rarely(const Rarely& other) : value_(other ? std::make_unique<T>(*other) : nullptr) {}
    Rarely& operator=(const Rarely& other) { return *this = Rarely(other); }
    ~Rarely() = default;

    explicit operator bool() const { return value_ != nullptr; }
    operator const T&() const { return **this; }
    const T& operator*() const {
        static const T empty;
        return value_ ? *value_ : empty;
    }
    const T* operator->() const { return &**this; }

    // From now on it has one.
    T& change() {
        if (!value_) value_ = std::make_unique<T>();
        return *value_;
    }

  private:
    std::unique_ptr<T> value_;
};

}  // namespace isolates::ast
