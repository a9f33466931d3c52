// SPDX-License-Identifier: GPL-2.0-only
// What the kernel tells of decisions, with the rules they were made by.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <charconv>
#include <ctime>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/commands.hpp"
#include "cli/rule_text.hpp"
#include "decide/decide.hpp"
#include "exact/describe_network.hpp"
#include "kernel/event.hpp"
#include "kernel/securityfs.hpp"
#include "sema/errno_names.hpp"
#include "sema/signal_names.hpp"

namespace isolates::cli {
namespace {

using kernel::Event;

// The blobs that the events are from, as far as they are still in force: their sources.
class Blobs {
  public:
    explicit Blobs(const kernel::Securityfs& files) : files_(files) {}

    // The text of the rule that an event names; empty if it is not known.
    std::string rule(const Event& event) {
        const auto& blob = find(std::string(event["blob"]));
        if (!blob) return {};
        const auto line = static_cast<std::uint32_t>(event.number("line"));
        const auto column = static_cast<std::uint32_t>(event.number("column"));
        return std::string(rule_text(source_text(blob->view(), event["source"]), line, column));
    }

  private:
    const std::optional<decide::Blob>& find(const std::string& sha256) {
        const auto [known, is_new] = blobs_.try_emplace(sha256);
        if (is_new) known->second = fetch(sha256);
        return known->second;
    }

    std::optional<decide::Blob> fetch(std::string_view sha256) const {
        const auto policies = files_.list();
        if (!policies) return {};
        for (const auto& policy : *policies) {
            if (policy.sha256 != sha256) continue;
            const auto bytes = files_.blob(policy);
            if (!bytes) continue;
            if (auto blob = decide::Blob::load(*bytes)) return std::move(*blob);
        }
        return {};
    }

    const kernel::Securityfs& files_;
    std::map<std::string, std::optional<decide::Blob>> blobs_;
};

std::string local_time(const Event& event) {
    const auto seconds = static_cast<std::time_t>(event.number("time"));
    std::tm time{};
    if (!::localtime_r(&seconds, &time)) return {};
    return fmt::format("{:%b %d %H:%M:%S}", time);
}

std::vector<std::uint8_t> bytes_of(std::string_view hex) {
    std::vector<std::uint8_t> bytes(hex.size() / 2);
    for (std::size_t i = 0; i < bytes.size(); i++)
        std::from_chars(hex.data() + 2 * i, hex.data() + 2 * i + 2, bytes[i], 16);
    return bytes;
}

// What was done, and to what.
std::string operation_text(const Event& event) {
    std::string text;
    for (const std::string_view key : {"class", "operation", "object"})
        if (!event[key].empty()) text += fmt::format("{}{}", text.empty() ? "" : " ", event[key]);
    if (event.has("facts"))
        text += fmt::format(" {}", exact::describe_socket(bytes_of(event["facts"])));
    if (event.has("signal"))
        text += fmt::format(" signal {}",
                            sema::signal_name(static_cast<std::uint8_t>(event.number("signal"))));
    if (event.has("target")) text += fmt::format(" -> {}", event["target"]);
    return text;
}

std::string_view error_name(const Event& event) {
    return sema::errno_name(static_cast<std::uint32_t>(event.number("errno")));
}

// Why that was decided.
std::string reason_text(const Event& event, Blobs& blobs) {
    if (event.has("reason")) return fmt::format(": {}", event["reason"]);
    if (!event.has("source"))
        return event["verdict"] == "allowed" ? std::string() : ": no rule allows it";
    return fmt::format(" by {}:{}: {}", event["source"], event["line"], blobs.rule(event));
}

std::string describe(const Event& event, Blobs& blobs) {
    const auto error = error_name(event);
    return fmt::format("{} {}[{}] {}{}{}{}{}", local_time(event), event["comm"], event["pid"],
                       event["policy"], event.has("policy") ? ": " : "",
                       fmt::format("{} {}", event["verdict"], operation_text(event)),
                       error.empty() ? "" : fmt::format(" ({})", error), reason_text(event, blobs));
}

// All that the kernel said, numbers as numbers.
nlohmann::json to_json(const Event& event, Blobs& blobs) {
    auto object = nlohmann::json::object();
    for (const auto& [key, value] : event.pairs()) object[key] = value;
    for (const char* const key : {"number", "pid", "tid", "signal", "line", "column", "lost"})
        if (event.has(key)) object[key] = event.number(key);
    if (const auto name = error_name(event); !name.empty()) object["errno"] = name;
    if (event.has("facts")) object["object"] = exact::describe_socket(bytes_of(event["facts"]));
    if (const auto rule = blobs.rule(event); !rule.empty()) object["rule"] = rule;
    return object;
}

class Printer {
  public:
    Printer(const kernel::Securityfs& files, const EventArguments& arguments, Output& output)
        : blobs_(files), arguments_(arguments), output_(output) {}

    void print(const std::string& line) {
        const auto event = Event::parse(line);
        if (!event) return;
        const bool is_loss = event->has("lost");
        if (!is_loss && !arguments_.policy.empty() && (*event)["policy"] != arguments_.policy)
            return;
        if (output_.is_json())
            output_.stream(to_json(*event, blobs_));
        else if (is_loss)
            output_.line(fmt::format("({} events are lost)", event->number("lost")));
        else
            output_.line(describe(*event, blobs_));
    }

  private:
    Blobs blobs_;
    const EventArguments& arguments_;
    Output& output_;
};

}  // namespace

ExitStatus events(const EventArguments& arguments, Output& output) {
    const auto files = kernel::Securityfs::open();
    if (!files) return output.fail(exit_refused, files.error().reason);
    auto reader = files->events(arguments.only_new);
    if (!reader) return output.fail(exit_refused, reader.error().reason);

    Printer printer(*files, arguments, output);
    output.begin_stream();
    for (;;) {
        const auto lines = reader->read();
        if (!lines) return output.fail(exit_refused, lines.error().reason);
        for (const auto& line : *lines) printer.print(line);
        // Who reads them is gone.
        if (!output.flush()) return exit_refused;
        if (!lines->empty()) continue;
        if (!arguments.follow) return exit_done;
        if (const auto waited = reader->wait(); !waited)
            return output.fail(exit_refused, waited.error().reason);
    }
}

}  // namespace isolates::cli
