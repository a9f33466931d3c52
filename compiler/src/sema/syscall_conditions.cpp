// SPDX-License-Identifier: GPL-2.0-only
#include "sema/syscall_conditions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>

#include "diag/suggest.hpp"
#include "sema/syscall_arguments.hpp"

namespace isolates::sema {
namespace {

struct Operator {
    std::string_view sign;
    isolates_comparison comparison;
};

constexpr auto operators = std::to_array<Operator>({
    {"==", ISOLATES_COMPARE_EQUAL},
    {"!=", ISOLATES_COMPARE_UNEQUAL},
    {"<", ISOLATES_COMPARE_LESS},
    {"<=", ISOLATES_COMPARE_LESS_EQUAL},
    {">", ISOLATES_COMPARE_GREATER},
    {">=", ISOLATES_COMPARE_GREATER_EQUAL},
});

std::optional<std::uint64_t> parse_number(std::string_view text) {
    const bool is_negative = text.starts_with('-');
    if (is_negative) text.remove_prefix(1);
    int base = 10;
    if (text.starts_with("0x") || text.starts_with("0X")) {
        base = 16;
        text.remove_prefix(2);
    } else if (text.size() > 1 && text.starts_with('0')) {
        base = 8;
        text.remove_prefix(1);
    }
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.begin(), text.end(), value, base);
    if (error != std::errc() || end != text.end()) return std::nullopt;
    return is_negative ? std::uint64_t{0} - value : value;
}

// Reads a list from its front.
class Reader {
  public:
    Reader(const Context& context, std::string_view name, const std::vector<ast::Item>& items,
           const diag::Span& at)
        : context_(context), name_(name), items_(items), at_(at) {}

    std::optional<std::vector<model::Argument>> read() {
        std::vector<model::Argument> arguments;
        if (items_.empty()) {
            context_.report.error(at_, "no condition is written");
            return std::nullopt;
        }
        while (next_ < items_.size()) {
            const auto argument = condition();
            if (!argument) return std::nullopt;
            arguments.push_back(*argument);
        }
        return arguments;
    }

  private:
    std::nullopt_t fail(const diag::Span& at, std::string text, std::string hint = {}) {
        context_.report.error(at, std::move(text)).with_hint(std::move(hint));
        return std::nullopt;
    }
    std::nullopt_t fail_shape(const diag::Span& at) {
        return fail(at, "this is no condition on an argument",
                    "write INDEX == VALUE or INDEX & MASK == VALUE");
    }

    // The next word; null, and a report, if there is none.
    const ast::Text* word() {
        if (next_ == items_.size()) {
            fail_shape(at_);
            return nullptr;
        }
        const auto& item = items_[next_];
        if (item.is_operator || item.key) {
            fail_shape(item.key ? item.key->at : item.value.at);
            return nullptr;
        }
        next_++;
        return &item.value;
    }
    [[nodiscard]] const ast::Text* sign() const {
        if (next_ == items_.size() || !items_[next_].is_operator) return nullptr;
        return &items_[next_].value;
    }

    // "AF_INET", or "CLONE_NEWNET|CLONE_NEWUTS".
    std::optional<std::uint64_t> value() {
        std::uint64_t united = 0;
        for (;;) {
            const auto* const text = word();
            if (!text) return std::nullopt;
            const auto one = argument_value(text->text);
            if (!one)
                return fail(text->at, fmt::format("unknown constant '{}'", text->text),
                            diag::did_you_mean(text->text, syscall_constant_names()));
            united |= *one;
            if (!sign() || sign()->text != "|") return united;
            next_++;
        }
    }

    // The argument's bits that count.
    std::optional<std::uint64_t> index(model::Argument& argument) {
        const auto* const text = word();
        if (!text) return std::nullopt;
        const auto count = syscall_argument_count(name_).value_or(0);
        const auto number = parse_number(text->text);
        if (!number) return fail_shape(text->at);
        if (*number >= count)
            return fail(text->at,
                        fmt::format("{} has {} argument{}", name_, count, count == 1 ? "" : "s"),
                        count ? "the first one is 0" : "");
        argument.index = static_cast<std::uint32_t>(*number);
        const auto mask = syscall_argument_mask(name_, argument.index);
        if (!mask)
            return fail(text->at,
                        fmt::format("argument {} of {} is a pointer: what it points to can change "
                                    "while the call is under way",
                                    argument.index, name_));
        return mask;
    }

    std::optional<model::Argument> condition() {
        model::Argument argument;
        const auto width = index(argument);
        if (!width) return std::nullopt;
        argument.mask = *width;
        if (sign() && sign()->text == "&") {
            next_++;
            const auto mask = value();
            if (!mask) return std::nullopt;
            argument.mask &= *mask;
            if (!argument.mask) return fail(at_, "a mask without a bit of the argument");
        }
        const auto* const written = sign();
        if (!written) return fail_shape(next_ < items_.size() ? items_[next_].value.at : at_);
        const auto found = std::ranges::find(operators, written->text, &Operator::sign);
        if (found == operators.end())
            return fail(written->at, fmt::format("unknown operator '{}'", written->text),
                        "there are == != < <= > >= and & before a mask");
        argument.comparison = found->comparison;
        next_++;
        const auto* const text = next_ < items_.size() ? &items_[next_].value : nullptr;
        const auto wanted = value();
        if (!wanted) return std::nullopt;
        // A negative int is so in all bits above as well.
        argument.value = fits(*wanted, *width) ? *wanted & *width : *wanted;
        if (argument.value & ~argument.mask)
            return fail(text->at, argument.mask == *width ? "the argument has fewer bits than this"
                                                          : "the mask lacks bits of this value");
        return argument;
    }

    // All above the width is zero, or, of a negative number, one.
    static bool fits(std::uint64_t value, std::uint64_t width) {
        const auto above = value & ~width;
        const auto top = width & ~(width >> 1);
        return !above || (above == ~width && value & top);
    }

    const Context& context_;
    const std::string_view name_;
    const std::vector<ast::Item>& items_;
    const diag::Span& at_;
    std::size_t next_ = 0;
};

}  // namespace

std::optional<std::uint64_t> argument_value(std::string_view text) {
    const auto constant = syscall_constant(text);
    return constant ? constant : parse_number(text);
}

std::optional<std::vector<model::Argument>> arguments_of(const Context& context,
                                                         std::string_view name,
                                                         const std::vector<ast::Item>& items,
                                                         const diag::Span& at) {
    return Reader(context, name, items, at).read();
}

}  // namespace isolates::sema
