// SPDX-License-Identifier: GPL-2.0-only
#include "config/config.hpp"

#define TOML_EXCEPTIONS 0
#include <fmt/format.h>
#include <sys/stat.h>
#include <toml++/toml.h>

#include <array>
#include <filesystem>
#include <string_view>

#include "diag/suggest.hpp"
#include "parse/file.hpp"

namespace isolates::config {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 2> places = {"ipolc.toml", "/etc/ipolc/ipolc.toml"};
constexpr std::array<std::string_view, 3> keys = {"include", "color", "define"};
constexpr std::array<std::string_view, 3> colors = {"auto", "always", "never"};
constexpr std::size_t size_max = std::size_t{1} << 20;

class Reader {
  public:
    Reader(const std::string& file, std::uint32_t inclusion, diag::Report& report)
        : folder_(fs::path(file).parent_path()), inclusion_(inclusion), report_(report) {}

    Config read(const toml::table& table) {
        Config config;
        for (const auto& [key, node] : table) {
            if (key == "include")
                read_include(node, config);
            else if (key == "color")
                read_color(node, config);
            else if (key == "define")
                read_define(node, config);
            else
                report_.error(span(key.source()), fmt::format("unknown key '{}'", key.str()))
                    .with_hint(diag::did_you_mean(key.str(), keys));
        }
        return config;
    }

    [[nodiscard]] diag::Span span(const toml::source_region& region) const {
        const auto place = [](const toml::source_position& position) {
            return diag::Position{position.line, position.column};
        };
        return {inclusion_, place(region.begin), place(region.end)};
    }

  private:
    // A string, or an array of strings. Nothing if it is anything else.
    std::optional<std::vector<std::string>> strings(const toml::node& node) {
        if (const auto* const text = node.as_string()) return std::vector{text->get()};
        std::vector<std::string> all;
        const auto* const list = node.as_array();
        if (!list) {
            report_.error(span(node.source()), "this is a string, or an array of strings");
            return std::nullopt;
        }
        for (const auto& element : *list) {
            if (!element.is_string()) {
                report_.error(span(element.source()), "this is to be a string");
                return std::nullopt;
            }
            all.push_back(element.as_string()->get());
        }
        return all;
    }

    void read_include(const toml::node& node, Config& config) {
        const auto folders = strings(node);
        if (!folders) return;
        config.include_path.clear();
        for (const auto& folder : *folders)
            config.include_path.push_back((folder_ / folder).string());
    }

    void read_color(const toml::node& node, Config& config) {
        const auto text = node.value<std::string_view>().value_or("");
        if (text == "always")
            config.color = Color::always;
        else if (text == "never")
            config.color = Color::never;
        else if (text != "auto")
            report_.error(span(node.source()), "color is \"auto\", \"always\" or \"never\"")
                .with_hint(diag::did_you_mean(text, colors));
    }

    void read_define(const toml::node& node, Config& config) {
        const auto* const table = node.as_table();
        if (!table) {
            report_.error(span(node.source()), "this is a table: NAME = \"value\"");
            return;
        }
        for (const auto& [key, value] : *table) {
            auto values = strings(value);
            if (!values) continue;
            if (!sema::parse_definition(std::string(key.str()) + "=x"))
                report_.error(span(key.source()),
                              fmt::format("'{}' is no name of a variable", key.str()));
            else
                config.definitions.push_back({std::string(key.str()), std::move(*values)});
        }
    }

    fs::path folder_;
    std::uint32_t inclusion_;
    diag::Report& report_;
};

}  // namespace

std::optional<std::string> find() {
    for (const auto* const place : places) {
        struct stat status {};
        if (::stat(place, &status) == 0) return std::string(place);
    }
    return std::nullopt;
}

Config read(const std::string& file, diag::Sources& sources, diag::Report& report) {
    auto text = parse::read_file(file, size_max);
    if (!text) {
        report.error(std::nullopt, fmt::format("cannot read {}: {}", file, text.error()));
        return {};
    }
    const auto index = sources.add(file, std::move(*text));
    Reader reader(file, sources.include(index, std::nullopt), report);
    const auto parsed = toml::parse(std::string_view(sources.file(index).text), file);
    if (!parsed) {
        report.error(reader.span(parsed.error().source()),
                     std::string(parsed.error().description()));
        return {};
    }
    return reader.read(parsed.table());
}

}  // namespace isolates::config
