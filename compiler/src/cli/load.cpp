// SPDX-License-Identifier: GPL-2.0-only
// Putting policies in force, all or nothing.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "cli/commands.hpp"
#include "kernel/securityfs.hpp"
#include "merge/merge.hpp"
#include "sema/namespace_kinds.hpp"

namespace isolates::cli {
namespace {

// A bind rule whose namespace we hold.
struct Binding {
    std::string policy;
    std::string rule;  // "FILE:LINE: ", or nothing
    bool on_exec = false;
    kernel::Namespace where;
};

std::string place_of(const isolates_view& view, const isolates_policy& policy, std::uint32_t rule) {
    if (rule == ISOLATES_RULE_NONE) return {};
    const auto& place = view.rules[policy.rules.first + rule];
    return fmt::format("{}:{}: ", isolates_view_text(&view, view.sources[place.source].name),
                       place.line);
}

// Opens every namespace that the policies name. Nothing if any is not there; all
// that are not are reported.
std::optional<std::vector<Binding>> open_bindings(const decide::Blob& blob, Output& output) {
    const auto& view = blob.view();
    std::vector<Binding> bindings;
    bool failed = false;
    for (const auto& policy : blob.policies()) {
        const auto& raw = policy.raw();
        for (std::uint32_t i = 0; i < raw.bindings.count; i++) {
            const auto& rule = view.bindings[raw.bindings.first + i];
            const kernel::Place place{static_cast<isolates_namespace>(rule.kind),
                                      static_cast<isolates_where>(rule.where),
                                      isolates_view_text(&view, rule.path), rule.number};
            auto origin = place_of(view, raw, rule.rule);
            auto found = kernel::open_namespace(place);
            if (found) {
                bindings.push_back({std::string(policy.name()), std::move(origin),
                                    (rule.flags & ISOLATES_BINDING_ON_EXEC) != 0,
                                    std::move(*found)});
            } else {
                output.fail(exit_refused, fmt::format("{}cannot bind '{}': {}", origin,
                                                      policy.name(), found.error()));
                failed = true;
            }
        }
    }
    if (failed) return std::nullopt;
    return bindings;
}

// How to go back to what was in force before.
class Undo {
  public:
    // Takes note of what the kernel has of the policies that are to be loaded.
    static kernel::Result<Undo> prepare(const kernel::Securityfs& files,
                                        const decide::Blob& coming) {
        Undo undo(files);
        const auto present = files.list();
        if (!present) return std::unexpected(present.error());
        for (const auto& policy : coming.policies()) {
            const auto before =
                std::ranges::find(*present, policy.name(), &kernel::LoadedPolicy::name);
            if (before == present->end()) {
                undo.new_.emplace_back(policy.name());
                continue;
            }
            for (const auto& binding : before->bindings)
                if (binding.on_exec)
                    undo.pending_.emplace(before->name, binding.kind, binding.number);
            auto bytes = files.blob(*before);
            if (!bytes) return std::unexpected(bytes.error());
            auto blob = decide::Blob::load(*bytes);
            if (!blob)
                return std::unexpected(kernel::Refusal{
                    0, fmt::format("the blob of '{}' that is in force cannot be read: {}",
                                   policy.name(), blob.error().why.reason)});
            undo.old_.push_back({std::string(policy.name()), std::move(*blob)});
        }
        return undo;
    }

    void note_bound(const Binding& binding) { bound_.push_back(&binding); }

    // What could not be undone, as reasons.
    std::vector<std::string> run() {
        std::vector<std::string> failures;
        const auto note = [&](const kernel::Result<void>& result) {
            if (!result) failures.push_back(result.error().reason);
        };
        for (const auto* const binding : bound_) {
            note(files_->unbind(binding->where.kind, binding->where.number, binding->policy));
            // It may have waited for an exec before, and have been told not to.
            const auto kind = std::string(sema::namespace_kind_names[binding->where.kind]);
            if (!pending_.contains({binding->policy, kind, binding->where.number})) continue;
            const auto again = files_->bind(binding->where, binding->policy, true, true);
            if (!again) failures.push_back(again.error().reason);
        }
        if (const auto blob = old_blob(); !blob.empty()) note(files_->load(blob));
        // A task may be under it by now, in the namespaces just unbound.
        if (!new_.empty()) note(files_->unload(new_, true));
        return failures;
    }

  private:
    struct Old {
        std::string policy;
        decide::Blob blob;
    };

    explicit Undo(const kernel::Securityfs& files) : files_(&files) {}

    [[nodiscard]] std::vector<std::byte> old_blob() const {
        std::vector<merge::Part> parts;
        for (const auto& old : old_) {
            const auto policies = old.blob.policies();
            for (std::uint32_t i = 0; i < policies.size(); i++)
                if (policies[i].name() == old.policy) parts.push_back({&old.blob, i});
        }
        if (parts.empty()) return {};
        // They fitted into blobs before.
        return merge::merge(std::move(parts)).value_or(std::vector<std::byte>{});
    }

    const kernel::Securityfs* files_;
    std::vector<Old> old_;
    std::vector<std::string> new_;
    // The bindings on exec that there are: policy, kind and number.
    std::set<std::tuple<std::string, std::string, std::uint32_t>> pending_;
    std::vector<const Binding*> bound_;
};

nlohmann::json describe(const std::vector<Binding>& bindings) {
    auto list = nlohmann::json::array();
    for (const auto& binding : bindings)
        list.push_back({{"policy", binding.policy},
                        {"kind", sema::namespace_kind_names[binding.where.kind]},
                        {"number", binding.where.number},
                        {"on_exec", binding.on_exec}});
    return list;
}

void tell(const decide::Blob& blob, const std::vector<Binding>& bindings, Output& output) {
    auto names = nlohmann::json::array();
    for (const auto& policy : blob.policies()) {
        names.push_back(policy.name());
        output.line(fmt::format("loaded {}", policy.name()));
    }
    for (const auto& binding : bindings)
        output.line(
            fmt::format("bound {} {} to {}{}", sema::namespace_kind_names[binding.where.kind],
                        binding.where.number, binding.policy, binding.on_exec ? " on exec" : ""));
    output.set("loaded", std::move(names));
    output.set("bound", describe(bindings));
}

}  // namespace

ExitStatus load(const CompileArguments& arguments, bool host, Output& output) {
    const auto input = read_input(arguments, output);
    if (!input) return input.error();
    const auto files = kernel::Securityfs::open();
    if (!files) return output.fail(exit_refused, files.error().reason);

    // Whatever may not be there is looked for before anything changes.
    const auto bindings = open_bindings(input->blob, output);
    if (!bindings) return exit_refused;
    std::optional<Undo> undo;
    if (!bindings->empty()) {
        auto prepared = Undo::prepare(*files, input->blob);
        if (!prepared) return output.fail(exit_refused, prepared.error().reason);
        undo.emplace(std::move(*prepared));
    }

    if (const auto loaded = files->load(input->blob.bytes()); !loaded)
        return output.fail(exit_refused, loaded.error().reason);
    for (const auto& binding : *bindings) {
        const auto bound = files->bind(binding.where, binding.policy, host, binding.on_exec);
        if (bound) {
            if (*bound) undo->note_bound(binding);
            continue;
        }
        output.fail(exit_refused, fmt::format("{}cannot bind '{}': {}", binding.rule,
                                              binding.policy, bound.error().reason));
        for (const auto& reason : undo->run())
            output.fail(exit_refused, fmt::format("cannot undo: {}", reason));
        return exit_refused;
    }
    tell(input->blob, *bindings, output);
    return exit_done;
}

ExitStatus unload(const std::vector<std::string>& policies, bool force, Output& output) {
    const auto files = kernel::Securityfs::open();
    if (!files) return output.fail(exit_refused, files.error().reason);
    const auto present = files->list();
    if (!present) return output.fail(exit_refused, present.error().reason);
    // Of several, a name that is wrong stops all.
    ExitStatus status = exit_done;
    for (const auto& policy : policies)
        if (std::ranges::find(*present, policy, &kernel::LoadedPolicy::name) == present->end())
            status = output.fail(exit_refused, fmt::format("no policy '{}' is loaded", policy));
    if (status != exit_done) return status;

    std::vector<std::string> once;
    for (const auto& policy : policies)
        if (std::ranges::find(once, policy) == once.end()) once.push_back(policy);
    // If one of them cannot go, the others do, and it is said which.
    const bool together = once.size() > 1 && files->unload(once, force);
    auto unloaded = nlohmann::json::array();
    for (const auto& policy : once) {
        const auto done = together ? kernel::Result<void>() : files->unload(policy, force);
        if (!done) {
            status = output.fail(exit_refused, done.error().reason);
            continue;
        }
        output.line(fmt::format("unloaded {}", policy));
        unloaded.push_back(policy);
    }
    output.set("unloaded", std::move(unloaded));
    return status;
}

}  // namespace isolates::cli
