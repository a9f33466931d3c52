// SPDX-License-Identifier: GPL-2.0-only
#include "import/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace isolates::import {
namespace {

using Json = nlohmann::json;

diag::Span place(std::string_view text, std::size_t offset, std::uint32_t inclusion) {
    const auto before = text.substr(0, offset);
    const auto line = static_cast<std::uint32_t>(std::ranges::count(before, '\n') + 1);
    const auto column = static_cast<std::uint32_t>(before.size() - (before.rfind('\n') + 1) + 1);
    return {inclusion, {line, column}, {line, column + 1}};
}

// What nlohmann-json says without its own number of the error and its place, which is
// that of ours: "[json.exception.parse_error.101] parse error at line 1, column 2: ...".
std::string reason(std::string_view what) {
    const auto place = what.find("parse error");
    const auto colon = what.find(": ", place == what.npos ? 0 : place);
    return std::string(colon == what.npos ? what : what.substr(colon + 2));
}

// Watches the parser: what it makes of the text must be all that the text says.
class Watch {
  public:
    // The parser's callback.
    bool operator()(int depth, Json::parse_event_t event, const Json& parsed) {
        if (!fault.empty()) return false;
        switch (event) {
            case Json::parse_event_t::object_start:
            case Json::parse_event_t::array_start:
                if (static_cast<std::size_t>(depth) >= json_depth_max)
                    note(fmt::format("arrays and objects nest deeper than {}", json_depth_max));
                if (event == Json::parse_event_t::object_start) keys_.emplace_back();
                break;
            case Json::parse_event_t::key: {
                const auto& key = parsed.get_ref<const std::string&>();
                if (!keys_.back().insert(key).second)
                    note(fmt::format("the key '{}' is there twice", key));
                break;
            }
            case Json::parse_event_t::object_end:
                keys_.pop_back();
                break;
            default:
                break;
        }
        return fault.empty();
    }

    std::string fault;  // the first one: all behind it is dropped

  private:
    void note(std::string text) { fault = std::move(text); }

    std::vector<std::set<std::string>> keys_;  // of the objects that are open
};

}  // namespace

std::optional<Json> parse_json(const diag::Sources& sources, std::uint32_t file,
                               std::uint32_t inclusion, diag::Report& report) {
    const auto& source = sources.file(file);
    Watch watch;
    try {
        auto json =
            Json::parse(source.text, [&watch](int depth, Json::parse_event_t event, Json& parsed) {
                return watch(depth, event, parsed);
            });
        if (watch.fault.empty()) return json;
        report.error(std::nullopt, fmt::format("{}: {}", source.name, watch.fault));
    } catch (const Json::parse_error& error) {
        if (watch.fault.empty())
            report.error(place(source.text, error.byte ? error.byte - 1 : 0, inclusion),
                         fmt::format("this is no JSON: {}", reason(error.what())));
        else
            report.error(std::nullopt, fmt::format("{}: {}", source.name, watch.fault));
    } catch (const Json::exception& error) {  // a number beyond all types
        report.error(std::nullopt, fmt::format("{}: {}", source.name, reason(error.what())));
    }
    return std::nullopt;
}

}  // namespace isolates::import
