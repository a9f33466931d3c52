// SPDX-License-Identifier: GPL-2.0-only
// "set rlimit nofile <= 1024,": what there is and which units it takes is AppArmor's
// parser's (parser_yacc.y, rlimit_keyword in parser_misc.c).
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>

#include "diag/suggest.hpp"
#include "sema/rlimits.hpp"
#include "sema/rules.hpp"

namespace isolates::sema {
namespace {

// How a resource is counted.
enum class Unit { none, bytes, seconds, microseconds, nice };

struct Resource {
    std::string_view name;
    std::uint32_t number;  // RLIMIT_* of asm-generic/resource.h
    Unit unit;
};

constexpr auto resources = std::to_array<Resource>({
    {"cpu", 0, Unit::seconds},
    {"fsize", 1, Unit::bytes},
    {"data", 2, Unit::bytes},
    {"stack", 3, Unit::bytes},
    {"core", 4, Unit::bytes},
    {"rss", 5, Unit::bytes},
    {"nproc", 6, Unit::none},
    {"nofile", 7, Unit::none},
    {"ofile", 7, Unit::none},
    {"memlock", 8, Unit::bytes},
    {"as", 9, Unit::bytes},
    {"locks", 10, Unit::none},
    {"sigpending", 11, Unit::none},
    {"msgqueue", 12, Unit::bytes},
    {"nice", 13, Unit::nice},
    {"rtprio", 14, Unit::none},
    {"rttime", 15, Unit::microseconds},
});

struct Suffix {
    std::string_view name;
    std::uint64_t factor;
};

constexpr auto sizes = std::to_array<Suffix>({
    {"", 1},
    {"K", 1024},
    {"KB", 1024},
    {"M", 1024 * 1024},
    {"MB", 1024 * 1024},
    {"G", 1024ull * 1024 * 1024},
    {"GB", 1024ull * 1024 * 1024},
});

constexpr std::uint64_t second = 1000000;

// In microseconds.
constexpr auto times = std::to_array<Suffix>({
    {"us", 1},
    {"microsecond", 1},
    {"microseconds", 1},
    {"ms", 1000},
    {"millisecond", 1000},
    {"milliseconds", 1000},
    {"s", second},
    {"sec", second},
    {"second", second},
    {"seconds", second},
    {"min", 60 * second},
    {"minute", 60 * second},
    {"minutes", 60 * second},
    {"h", 3600 * second},
    {"hour", 3600 * second},
    {"hours", 3600 * second},
    {"d", 24 * 3600 * second},
    {"day", 24 * 3600 * second},
    {"days", 24 * 3600 * second},
    {"week", 7 * 24 * 3600 * second},
    {"weeks", 7 * 24 * 3600 * second},
});

// A value and the unit behind it, whose word may stand apart.
struct Value {
    std::uint64_t number = 0;
    std::string_view unit;
    diag::Span at;
};

class RlimitReader {
  public:
    RlimitReader(const Context& context, const Resource& resource)
        : context_(context), resource_(resource) {}

    std::optional<std::uint64_t> read(std::string_view text, std::string_view unit,
                                      const diag::Span& at) {
        if (text == "infinity" && unit.empty()) return ISOLATES_RLIMIT_INFINITY;
        if (resource_.unit == Unit::nice) return nice(text, unit, at);
        Value value{0, unit, at};
        const auto [end, error] = std::from_chars(text.begin(), text.end(), value.number);
        if (error != std::errc()) return fail(at, fmt::format("'{}' is no limit", text));
        if (end != text.end()) {
            if (!unit.empty()) return fail(at, fmt::format("'{}' is no limit", text));
            value.unit = text.substr(static_cast<std::size_t>(end - text.begin()));
        }
        switch (resource_.unit) {
            case Unit::bytes:
                return scale(value, sizes, 1);
            case Unit::seconds:
                if (value.unit.empty()) return value.number;
                return scale(value, times, second);
            case Unit::microseconds:
                if (value.unit.empty()) return value.number;
                return scale(value, times, 1);
            default:
                if (value.unit.empty()) return value.number;
                return fail(at, fmt::format("'{}' is counted without a unit", resource_.name));
        }
    }

  private:
    std::nullopt_t fail(const diag::Span& at, std::string text, std::string hint = {}) {
        context_.report.error(at, std::move(text)).with_hint(std::move(hint));
        return std::nullopt;
    }

    template <std::size_t N>
    std::optional<std::uint64_t> scale(const Value& value, const std::array<Suffix, N>& units,
                                       std::uint64_t base) {
        const auto found = std::ranges::find(units, value.unit, &Suffix::name);
        if (found == units.end() || found->factor < base) {
            std::vector<std::string_view> names;
            for (const auto& unit : units)
                if (unit.factor >= base && !unit.name.empty()) names.push_back(unit.name);
            return fail(value.at, fmt::format("'{}' has no unit '{}'", resource_.name, value.unit),
                        diag::did_you_mean(value.unit, names));
        }
        const auto factor = found->factor / base;
        if (value.number > (ISOLATES_RLIMIT_INFINITY - 1) / factor)
            return fail(value.at, "this limit is beyond what can be set");
        return value.number * factor;
    }

    // From -20 to 19, which setrlimit(2) counts from 40 to 1.
    std::optional<std::uint64_t> nice(std::string_view text, std::string_view unit,
                                      const diag::Span& at) {
        int number = 0;
        const auto [end, error] = std::from_chars(text.begin(), text.end(), number);
        if (error != std::errc() || end != text.end() || !unit.empty() || number < -20 ||
            number > 19)
            return fail(at, "'nice' is limited from -20 to 19");
        return static_cast<std::uint64_t>(20 - number);
    }

    const Context& context_;
    const Resource& resource_;
};

// "rlimit NAME <= VALUE [UNIT]"
bool has_form(const std::vector<ast::Text>& words) {
    return (words.size() == 4 || words.size() == 5) && words[0].text == "rlimit" &&
           words[2].text == "<=";
}

}  // namespace

std::string describe_rlimit(std::uint32_t resource, std::uint64_t limit) {
    const auto found = std::ranges::find(resources, resource, &Resource::number);
    if (found == resources.end()) return {};
    if (limit == ISOLATES_RLIMIT_INFINITY) return fmt::format("{} <= infinity", found->name);
    if (found->unit == Unit::nice)
        return fmt::format("{} <= {}", found->name, 20 - static_cast<std::int64_t>(limit));
    return fmt::format("{} <= {}", found->name, limit);
}

void analyze(const Context& context, const ast::RlimitRule& rule) {
    auto& report = context.report;
    const Conditions conditions(context, "rlimit", rule.conditions, {});
    for (const auto& qualifier :
         {rule.qualifiers->allow, rule.qualifiers->deny, rule.qualifiers->audit,
          rule.qualifiers->quiet, rule.qualifiers->owner, rule.qualifiers->other})
        if (qualifier) report.error(*qualifier, "a limit takes no qualifiers");
    const auto& words = rule.words;
    if (!has_form(words) || rule.has_list || rule.target || rule.arguments) {
        report.error(rule.keyword.at, "this is no limit on a resource")
            .with_hint("write set rlimit NAME <= VALUE");
        return;
    }
    const auto resource = std::ranges::find(resources, words[1].text, &Resource::name);
    if (resource == resources.end()) {
        std::vector<std::string_view> names;
        for (const auto& entry : resources) names.push_back(entry.name);
        report.error(words[1].at, fmt::format("unknown resource '{}'", words[1].text))
            .with_hint(diag::did_you_mean(words[1].text, names));
        return;
    }
    const auto limit = RlimitReader(context, *resource)
                           .read(words[3].text, words.size() > 4 ? words[4].text : "", words[3].at);
    if (!limit) return;

    const model::Rlimit made{resource->number, *limit, context.add_rule(rule.at)};
    // Of several on one resource the last one counts, as in AppArmor.
    auto& limits = context.policy.rlimits;
    const auto before = std::ranges::find(limits, made.resource, &model::Rlimit::resource);
    if (before == limits.end())
        limits.push_back(made);
    else
        *before = made;
}

}  // namespace isolates::sema
