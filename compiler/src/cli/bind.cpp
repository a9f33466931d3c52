// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.hpp"
#include "kernel/securityfs.hpp"
#include "sema/namespace_kinds.hpp"

namespace isolates::cli {

ExitStatus bind_namespace(const std::string& policy, const std::string& text, bool host,
                          bool on_exec, Output& output) {
    const auto place = kernel::parse_place(text);
    if (!place) return output.fail(exit_usage, place.error());
    const auto files = kernel::Securityfs::open();
    if (!files) return output.fail(exit_refused, files.error().reason);
    const auto found = kernel::open_namespace(*place);
    if (!found) return output.fail(exit_refused, found.error());
    const auto bound = files->bind(*found, policy, host, on_exec);
    if (!bound) return output.fail(exit_refused, bound.error().reason);

    const auto kind = sema::namespace_kind_names[found->kind];
    output.set("policy", policy);
    output.set("kind", kind);
    output.set("number", found->number);
    output.set("on_exec", on_exec);
    output.set("bound", *bound);
    output.line(fmt::format("{} {} {} to {}{}", *bound ? "bound" : "already bound:", kind,
                            found->number, policy, *bound && on_exec ? " on exec" : ""));
    return exit_done;
}

ExitStatus unbind_namespace(const std::string& policy, const std::string& text, Output& output) {
    const auto place = kernel::parse_place(text);
    if (!place) return output.fail(exit_usage, place.error());
    const auto files = kernel::Securityfs::open();
    if (!files) return output.fail(exit_refused, files.error().reason);

    // A binding's own number need not be found: the kernel knows it.
    auto number = place->number;
    if (place->where != ISOLATES_WHERE_NUMBER) {
        const auto found = kernel::open_namespace(*place);
        if (!found) return output.fail(exit_refused, found.error());
        number = found->number;
    }
    if (const auto done = files->unbind(place->kind, number, policy); !done)
        return output.fail(exit_refused, done.error().reason);

    const auto kind = sema::namespace_kind_names[place->kind];
    output.set("policy", policy);
    output.set("kind", kind);
    output.set("number", number);
    output.line(fmt::format("unbound {} {} from {}", kind, number, policy));
    return exit_done;
}

ExitStatus list(Output& output) {
    const auto files = kernel::Securityfs::open();
    if (!files) return output.fail(exit_refused, files.error().reason);
    const auto policies = files->list();
    if (!policies) return output.fail(exit_refused, policies.error().reason);

    auto array = nlohmann::json::array();
    for (const auto& policy : *policies) {
        auto bindings = nlohmann::json::array();
        std::string text;
        for (const auto& binding : policy.bindings) {
            bindings.push_back(
                {{"kind", binding.kind}, {"number", binding.number}, {"on_exec", binding.on_exec}});
            text += fmt::format(" {}:{}{}", binding.kind, binding.number,
                                binding.on_exec ? "(on exec)" : "");
        }
        array.push_back({{"name", policy.name},
                         {"mode", policy.mode},
                         {"sha256", policy.sha256},
                         {"bindings", std::move(bindings)}});
        output.line(fmt::format("{} ({}){}", policy.name, policy.mode, text));
    }
    output.set("policies", std::move(array));
    return exit_done;
}

}  // namespace isolates::cli
