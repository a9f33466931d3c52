// SPDX-License-Identifier: GPL-2.0-only
#include "decide/decide.hpp"

#include <algorithm>
#include <iterator>

namespace isolates::decide {

namespace {

const std::uint8_t* bytes_of(std::string_view text) {
    return reinterpret_cast<const std::uint8_t*>(text.data());
}

isolates_piece piece_of(std::string_view text) {
    return {bytes_of(text), static_cast<std::uint32_t>(text.size())};
}

// The components of @path, as the kernel gathers them from its dentries.
std::vector<isolates_piece> components(std::string_view path) {
    std::vector<isolates_piece> pieces;
    while (!path.empty()) {
        const std::size_t end = std::min(path.find('/'), path.size());
        if (end > 0) pieces.push_back(piece_of(path.substr(0, end)));
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    return pieces;
}

isolates_request request_of(const FileFacts& facts, const std::vector<isolates_piece>& pieces) {
    isolates_request request{};
    request.class_id = ISOLATES_CLASS_FILE;
    request.operations = facts.operations;
    request.owner = facts.owner;
    request.is_path = true;
    request.is_directory = facts.directory || facts.path.ends_with('/');
    request.pieces = pieces.data();
    request.count = static_cast<std::uint32_t>(pieces.size());
    return request;
}

std::string_view text_of(const isolates_view& view, isolates_string string) {
    return {isolates_view_text(&view, string), string.length};
}

}  // namespace

std::string_view Policy::name() const {
    return text_of(*view_, policy_->name);
}

Place Policy::place(const isolates_rule& rule) const {
    return {text_of(*view_, view_->sources[rule.source].name), rule.line, rule.column};
}

Verdict Policy::ask(const isolates_request& request) const {
    isolates_verdict verdict{};
    isolates_decide(view_, policy_, &request, &verdict);
    Verdict result{verdict.allowed, verdict.denied, verdict.reported, verdict.error, {}};
    if (verdict.denied) {
        if (const isolates_rule* rule = isolates_decide_rule(view_, policy_, &request, &verdict))
            result.denied_by = place(*rule);
    }
    return result;
}

Verdict Policy::decide(const FileFacts& facts) const {
    const std::vector<isolates_piece> pieces = components(facts.path);
    return ask(request_of(facts, pieces));
}

Verdict Policy::decide(const LinkFacts& facts) const {
    std::vector<isolates_piece> pieces = components(facts.name);
    const auto file = static_cast<std::uint32_t>(pieces.size());
    std::ranges::copy(components(facts.file), std::back_inserter(pieces));
    isolates_request request{};
    request.class_id = ISOLATES_CLASS_LINK;
    request.operations = facts.operations;
    request.owner = facts.owner;
    request.is_path = true;
    request.pieces = pieces.data();
    request.count = static_cast<std::uint32_t>(pieces.size());
    request.file = file;
    return ask(request);
}

std::optional<Transition> Policy::transition(const FileFacts& facts) const {
    const std::vector<isolates_piece> pieces = components(facts.path);
    isolates_request request = request_of(facts, pieces);
    request.operations = ISOLATES_FILE_EXEC;
    isolates_verdict verdict{};
    isolates_decide(view_, policy_, &request, &verdict);
    if (verdict.denied) return std::nullopt;
    const auto* const found = isolates_decide_transition(view_, policy_, &request, &verdict);
    if (!found) return std::nullopt;
    return Transition{static_cast<isolates_transition_kind>(found->kind),
                      static_cast<isolates_fallback>(found->fallback),
                      (found->flags & ISOLATES_TRANSITION_SCRUB) != 0,
                      text_of(*view_, found->target)};
}

bool Policy::attaches(const std::string& path) const {
    const std::vector<isolates_piece> pieces = components(path);
    FileFacts facts;
    facts.operations = ISOLATES_ATTACH_ATTACH;
    facts.path = path;
    isolates_request request = request_of(facts, pieces);
    request.class_id = ISOLATES_CLASS_ATTACH;
    return !ask(request).denied;
}

Verdict Policy::ask(isolates_class class_id, std::uint32_t operations,
                    const std::vector<std::uint8_t>& facts) const {
    const isolates_piece piece = {facts.data(), static_cast<std::uint32_t>(facts.size())};
    isolates_request request{};
    request.class_id = class_id;
    request.operations = operations;
    request.pieces = &piece;
    request.count = 1;
    return ask(request);
}

SyscallVerdict Policy::decide_syscall(std::string_view name,
                                      const SyscallArguments& arguments) const {
    // The kernel's u64 is "long long" to user space, the library's is "long".
    isolates_syscall_arguments args{};
    std::ranges::copy(arguments, args.values);
    isolates_syscall_verdict verdict{};
    isolates_decide_syscall(view_, policy_, name.data(), static_cast<std::uint32_t>(name.size()),
                            &args, &verdict);
    SyscallVerdict result{verdict.denied, verdict.reported, verdict.error, {}};
    if (verdict.denied && verdict.rule && verdict.rule->rule != ISOLATES_RULE_NONE)
        result.denied_by = place(view_->rules[policy_->rules.first + verdict.rule->rule]);
    return result;
}

std::expected<Blob, Refusal> Blob::load(std::span<const std::byte> bytes) {
    return load(std::vector(bytes.begin(), bytes.end()));
}

std::expected<Blob, Refusal> Blob::load(std::vector<std::byte> bytes) {
    Blob blob;
    blob.storage_ = std::move(bytes);
    blob.view_ = std::make_unique<isolates_view>();
    Refusal refusal;
    refusal.error = isolates_verify(blob.storage_.data(), blob.storage_.size(), blob.view_.get(),
                                    &refusal.why);
    if (refusal.error) return std::unexpected(refusal);
    return blob;
}

std::optional<Policy> Blob::find(std::string_view name) const {
    for (const Policy& policy : policies())
        if (policy.name() == name) return policy;
    return std::nullopt;
}

std::vector<Policy> Blob::policies() const {
    std::vector<Policy> all;
    for (std::uint32_t i = 0; i < isolates_view_count(view_.get(), ISOLATES_SECTION_POLICIES); i++)
        all.emplace_back(*view_, view_->policies[i]);
    return all;
}

}  // namespace isolates::decide
