// SPDX-License-Identifier: GPL-2.0-only
#include "import/seccomp_profile.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <limits>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "core.hpp"
#include "diag/suggest.hpp"
#include "sema/errno_names.hpp"

namespace isolates::import {
namespace {

using Json = nlohmann::json;

constexpr auto actions = std::to_array<std::pair<std::string_view, Action>>({
    {"SCMP_ACT_ALLOW", Action::allow},
    {"SCMP_ACT_LOG", Action::log},
    {"SCMP_ACT_ERRNO", Action::error},
    {"SCMP_ACT_KILL", Action::kill},
    {"SCMP_ACT_KILL_THREAD", Action::kill},
    {"SCMP_ACT_KILL_PROCESS", Action::kill},
    {"SCMP_ACT_TRAP", Action::trap},
    {"SCMP_ACT_TRACE", Action::trace},
    {"SCMP_ACT_NOTIFY", Action::notify},
});

constexpr auto comparisons = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"SCMP_CMP_EQ", "=="},
    {"SCMP_CMP_NE", "!="},
    {"SCMP_CMP_LT", "<"},
    {"SCMP_CMP_LE", "<="},
    {"SCMP_CMP_GT", ">"},
    {"SCMP_CMP_GE", ">="},
    {"SCMP_CMP_MASKED_EQ", "&"},
});

constexpr std::uint32_t arguments_max = 6;

// The value of a word, or a null pointer and a suggestion.
template <typename Table>
auto look_up(const Table& table, std::string_view word, std::string& hint) {
    const auto found =
        std::ranges::find(table, word, [](const auto& entry) { return entry.first; });
    if (found != table.end()) return &found->second;
    std::array<std::string_view, std::tuple_size_v<Table>> words;
    std::ranges::transform(table, words.begin(), [](const auto& entry) { return entry.first; });
    hint = diag::did_you_mean(word, words);
    return static_cast<decltype(&found->second)>(nullptr);
}

class Reader {
  public:
    Reader(const std::string& file, diag::Report& report) : file_(file), report_(report) {}

    Profile read(const Json& json) {
        Profile profile;
        if (!json.is_object()) {
            fail("the profile", "is no object");
            return profile;
        }
        ignore_others(profile, json, "",
                      {"defaultAction", "defaultErrnoRet", "defaultErrno", "architectures",
                       "archMap", "syscalls", "comment"});
        if (const auto* const word = string_in(json, "defaultAction", "defaultAction", true))
            profile.action = action(*word, "defaultAction");
        if (json.contains("defaultAction") && json["defaultAction"].is_string())
            profile.action_name = json["defaultAction"];
        profile.error_code = error_in(json, "", "defaultErrnoRet", "defaultErrno");
        read_architectures(profile, json);
        if (const auto* const list = list_in(json, "syscalls", "syscalls"))
            for (std::size_t i = 0; i < list->size(); i++)
                read_entry(profile, (*list)[i], fmt::format("syscalls[{}]", i));
        return profile;
    }

  private:
    void fail(std::string_view place, std::string_view what, std::string hint = {}) {
        report_.error(std::nullopt, fmt::format("{}: {} {}", file_, place, what))
            .with_hint(std::move(hint));
    }

    // A null pointer if it is not there, or is no list (which is reported). What is null
    // is as good as absent.
    const Json* list_in(const Json& object, const char* key, std::string_view place) {
        if (!object.contains(key) || object[key].is_null()) return nullptr;
        if (object[key].is_array()) return &object[key];
        fail(place, "is no list");
        return nullptr;
    }

    const std::string* string_in(const Json& object, const char* key, std::string_view place,
                                 bool is_required) {
        if (!object.contains(key)) {
            if (is_required) fail(place, "is missing");
            return nullptr;
        }
        const auto* const text = object[key].get_ptr<const std::string*>();
        if (!text) fail(place, "is no string");
        return text;
    }

    std::optional<std::uint64_t> number_in(const Json& object, const char* key,
                                           std::string_view place, std::uint64_t max) {
        if (!object.contains(key) || object[key].is_null()) return std::nullopt;
        const auto* const number = object[key].get_ptr<const Json::number_unsigned_t*>();
        if (number && *number <= max) return *number;
        fail(place, fmt::format("is no number from 0 to {}", max));
        return std::nullopt;
    }

    std::vector<std::string> strings_in(const Json& object, const char* key,
                                        const std::string& place) {
        std::vector<std::string> strings;
        const auto* const list = list_in(object, key, place);
        if (!list) return strings;
        for (std::size_t i = 0; i < list->size(); i++) {
            if (const auto* const text = (*list)[i].get_ptr<const std::string*>())
                strings.push_back(*text);
            else
                fail(fmt::format("{}[{}]", place, i), "is no string");
        }
        return strings;
    }

    // An errno by its number, or by its name as containers/common write it too; the name
    // counts if there are both.
    std::optional<std::uint32_t> error_in(const Json& object, const std::string& place,
                                          const char* number_key, const char* name_key) {
        const auto place_of_name = place + name_key;
        const auto number = number_in(object, number_key, place + number_key, ISOLATES_ERRNO_MAX);
        const auto* const name = string_in(object, name_key, place_of_name, false);
        if (name && !name->empty()) {
            if (const auto named = sema::errno_number(*name)) return *named;
            fail(place_of_name, fmt::format("is an unknown errno '{}'", *name),
                 diag::did_you_mean(*name, sema::errno_names()));
            return std::nullopt;
        }
        if (!number) return std::nullopt;
        return static_cast<std::uint32_t>(*number);
    }

    Action action(const std::string& word, const std::string& place) {
        std::string hint;
        if (const auto* const found = look_up(actions, word, hint)) return *found;
        fail(place, fmt::format("is an unknown action '{}'", word), hint);
        return Action::error;
    }

    static void ignore_others(Profile& profile, const Json& object, const std::string& place,
                              std::initializer_list<std::string_view> known) {
        for (const auto& [key, value] : object.items())
            if (std::ranges::find(known, key) == known.end() && !value.empty())
                profile.ignored.push_back(place + key);
    }

    void read_architectures(Profile& profile, const Json& json) {
        profile.architectures = strings_in(json, "architectures", "architectures");
        const auto* const map = list_in(json, "archMap", "archMap");
        if (!map) return;
        if (!profile.architectures.empty())
            return fail("archMap", "and architectures are both there");
        std::vector<std::string> others;
        for (std::size_t i = 0; i < map->size(); i++) {
            const auto place = fmt::format("archMap[{}]", i);
            const auto& entry = (*map)[i];
            if (!entry.is_object()) {
                fail(place, "is no object");
                continue;
            }
            const auto* const name =
                string_in(entry, "architecture", place + ".architecture", true);
            auto more = strings_in(entry, "subArchitectures", place + ".subArchitectures");
            if (!name) continue;
            // A map is for all hosts: only what it says of ours counts.
            if (*name == "SCMP_ARCH_X86_64") {
                profile.architectures = std::move(more);
                profile.architectures.insert(profile.architectures.begin(), *name);
            } else {
                others.push_back(*name);
            }
        }
        if (profile.architectures.empty()) profile.architectures = std::move(others);
    }

    Filter read_filter(Profile& profile, const Json& entry, const char* key,
                       const std::string& entry_place) {
        Filter filter;
        if (!entry.contains(key) || entry[key].is_null()) return filter;
        const auto& json = entry[key];
        const auto place = entry_place + "." + key;
        if (!json.is_object()) {
            fail(place, "is no object");
            return filter;
        }
        filter.capabilities = strings_in(json, "caps", place + ".caps");
        filter.architectures = strings_in(json, "arches", place + ".arches");
        if (const auto* const version = string_in(json, "minKernel", place + ".minKernel", false);
            version && !version->empty())
            filter.kernel = read_version(*version, place + ".minKernel");
        ignore_others(profile, json, place + ".", {"caps", "arches", "minKernel"});
        return filter;
    }

    std::optional<std::pair<unsigned, unsigned>> read_version(const std::string& text,
                                                              const std::string& place) {
        const auto version = parse_version(text);
        if (!version) fail(place, fmt::format("'{}' is no version of a kernel", text));
        return version;
    }

    void read_argument(Profile& profile, Entry& entry, const Json& json, const std::string& place) {
        if (!json.is_object()) return fail(place, "is no object");
        ignore_others(profile, json, place + ".", {"index", "value", "valueTwo", "op"});
        constexpr auto max = std::numeric_limits<std::uint64_t>::max();
        Argument argument;
        const auto index = number_in(json, "index", place + ".index", arguments_max - 1);
        if (!json.contains("index")) fail(place + ".index", "is missing");
        if (!json.contains("value")) fail(place + ".value", "is missing");
        argument.index = static_cast<std::uint32_t>(index.value_or(0));
        argument.value = number_in(json, "value", place + ".value", max).value_or(0);
        argument.value_two = number_in(json, "valueTwo", place + ".valueTwo", max).value_or(0);
        if (const auto* const word = string_in(json, "op", place + ".op", true)) {
            std::string hint;
            if (const auto* const found = look_up(comparisons, *word, hint))
                argument.comparison = std::string(*found);
            else
                fail(place + ".op", fmt::format("is an unknown comparison '{}'", *word), hint);
        }
        entry.arguments.push_back(std::move(argument));
    }

    void read_entry(Profile& profile, const Json& json, std::string place) {
        if (!json.is_object()) return fail(place, "is no object");
        ignore_others(profile, json, place + ".",
                      {"names", "name", "action", "errnoRet", "errno", "args", "comment",
                       "includes", "excludes"});
        Entry entry;
        entry.names = strings_in(json, "names", place + ".names");
        // Docker's older form has one name for each entry.
        if (const auto* const name = string_in(json, "name", place + ".name", false);
            name && !name->empty())
            entry.names.push_back(*name);
        if (entry.names.empty() && !json.contains("names")) fail(place + ".names", "is missing");
        if (const auto* const word = string_in(json, "action", place + ".action", true)) {
            entry.action = action(*word, place + ".action");
            entry.action_name = *word;
        }
        entry.error_code = error_in(json, place + ".", "errnoRet", "errno");
        if (const auto* const text = string_in(json, "comment", place + ".comment", false))
            entry.comment = *text;
        entry.includes = read_filter(profile, json, "includes", place);
        entry.excludes = read_filter(profile, json, "excludes", place);
        if (const auto* const list = list_in(json, "args", place + ".args"))
            for (std::size_t i = 0; i < list->size(); i++)
                read_argument(profile, entry, (*list)[i], fmt::format("{}.args[{}]", place, i));
        entry.place = std::move(place);
        profile.entries.push_back(std::move(entry));
    }

    const std::string& file_;
    diag::Report& report_;
};

}  // namespace

std::optional<std::pair<unsigned, unsigned>> parse_version(std::string_view text) {
    unsigned major = 0;
    unsigned minor = 0;
    const auto first = std::from_chars(text.begin(), text.end(), major);
    if (first.ec != std::errc() || first.ptr == text.end() || *first.ptr != '.')
        return std::nullopt;
    const auto second = std::from_chars(first.ptr + 1, text.end(), minor);
    if (second.ec != std::errc()) return std::nullopt;
    if (second.ptr != text.end() && *second.ptr != '.' && *second.ptr != '-') return std::nullopt;
    return std::pair(major, minor);
}

std::optional<Profile> read_profile(const Json& json, const std::string& file,
                                    diag::Report& report) {
    // The configuration of a container has its profile in it.
    const bool is_configuration = json.is_object() && json.contains("linux") &&
                                  json["linux"].is_object() && json["linux"].contains("seccomp");
    auto profile = Reader(file, report).read(is_configuration ? json["linux"]["seccomp"] : json);
    if (report.errors()) return std::nullopt;
    return profile;
}

}  // namespace isolates::import
