// SPDX-License-Identifier: GPL-2.0-only
#include "emit/emit.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "decide/decide.hpp"
#include "emit/policy_writer.hpp"
#include "emit/sections.hpp"

namespace isolates::emit {

namespace {

std::unexpected<Error> fail(std::string message, std::vector<model::Origin> origins = {}) {
    return std::unexpected(Error{std::move(message), std::move(origins)});
}

using PolicyList = std::vector<const model::Policy*>;

PolicyList sorted_by_name(const model::Program& program) {
    PolicyList policies;
    for (const model::Policy& policy : program.policies) policies.push_back(&policy);
    std::ranges::stable_sort(policies, {}, &model::Policy::name);
    return policies;
}

std::expected<void, Error> check_names(const PolicyList& policies) {
    if (policies.empty()) return fail("there is no policy to compile");
    if (policies.size() > ISOLATES_POLICIES_MAX)
        return fail(fmt::format("{} policies are more than the {} that one load may have",
                                policies.size(), ISOLATES_POLICIES_MAX));
    for (std::size_t i = 0; i < policies.size(); i++) {
        const std::string& name = policies[i]->name;
        const bool is_printable = std::ranges::none_of(
            name, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\177'; });
        if (name.empty() || name.size() > ISOLATES_NAME_MAX || !is_printable)
            return fail(fmt::format("a policy's name is 1 to {} bytes, none a control character",
                                    ISOLATES_NAME_MAX),
                        {policies[i]->origin});
        if (name == ISOLATES_UNCONFINED)
            return fail("\"" ISOLATES_UNCONFINED "\" means a task without a policy",
                        {policies[i]->origin});
        if (i && name == policies[i - 1]->name)
            return fail(fmt::format("two policies have the name \"{}\"", name),
                        {policies[i]->origin, policies[i - 1]->origin});
    }
    return {};
}

std::expected<void, Error> write_sources(const model::Program& program, Sections& sections) {
    for (const model::Source& source : program.sources) {
        if (source.text.find('\0') != std::string::npos)
            return fail(fmt::format("{} has a byte 0 in it", source.name));
        const isolates_string name = sections.add_string(source.name);
        sections.sources.push_back({name, sections.add_string(source.text)});
    }
    return {};
}

std::expected<Sections, Error> write_sections(const model::Program& program,
                                              const Options& options) {
    const PolicyList policies = sorted_by_name(program);
    if (auto result = check_names(policies); !result) return std::unexpected(result.error());

    Sections sections;
    std::vector<isolates_string> names;
    for (const model::Policy* policy : policies) names.push_back(sections.add_string(policy->name));
    for (std::size_t i = 0; i < policies.size(); i++)
        if (auto result = write_policy(*policies[i], names[i], options, sections); !result)
            return std::unexpected(result.error());
    for (std::size_t i = 0; i < policies.size(); i++)
        write_transitions(*policies[i], sections.policies[i], sections);
    for (std::size_t i = 0; i < policies.size(); i++)
        write_syscalls(*policies[i], options, sections.policies[i], sections);
    for (std::size_t i = 0; i < policies.size(); i++)
        write_bindings(*policies[i], options, sections.policies[i], sections);
    if (!options.strip)
        if (auto result = write_sources(program, sections); !result)
            return std::unexpected(result.error());
    return sections;
}

}  // namespace

std::expected<decide::Blob, Error> build_blob(const model::Program& program,
                                              const Options& options) {
    const auto sections = write_sections(program, options);
    if (!sections) return std::unexpected(sections.error());
    auto bytes = sections->serialise();
    if (!bytes)
        return fail(fmt::format("the policies take more than the {} MiB that one load may have",
                                ISOLATES_BLOB_SIZE_MAX >> 20));
    auto blob = decide::Blob::load(std::move(*bytes));
    if (!blob) {
        const isolates_refusal& why = blob.error().why;
        return fail(
            fmt::format("internal error: the verifier refuses what was compiled: {} "
                        "(section {}, element {})",
                        why.reason, why.section, why.index));
    }
    return std::move(*blob);
}

}  // namespace isolates::emit
