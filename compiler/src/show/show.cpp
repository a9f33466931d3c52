// SPDX-License-Identifier: GPL-2.0-only
#include "show/show.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

#include "driver.hpp"
#include "sema/class_names.hpp"
#include "sema/errno_names.hpp"
#include "sema/mode_names.hpp"
#include "sema/namespace_kinds.hpp"
#include "sema/rlimits.hpp"
#include "show/attachment.hpp"
#include "show/compare.hpp"
#include "show/domains.hpp"
#include "show/rules.hpp"

namespace isolates::show {
namespace {

// Enough for 100,000 plain rules, and for each of AppArmor's own profiles; what a small blob
// asks for is over within a second.
constexpr std::uint64_t kBudgetFree = std::uint64_t{1} << 24;
constexpr std::uint64_t kBudgetPerByte = 4096;
constexpr std::uint64_t kBudgetMax = std::uint64_t{1} << 30;

std::uint64_t budget_of(const isolates_view& view) {
    return std::min(kBudgetFree + kBudgetPerByte * view.header->size, kBudgetMax);
}

std::string_view string_of(const isolates_view& view, isolates_string string) {
    return {isolates_view_text(&view, string), string.length};
}

class Decompiler {
  public:
    // "with_unix": also the rules on unix sockets that those on networks imply.
    Decompiler(const isolates_view& view, const isolates_policy& policy, bool with_unix,
               Budget& budget)
        : view_(view), policy_(policy), with_unix_(with_unix), budget_(budget) {
        // An attachment allows nothing, and what a rule denies of mounts is not open.
        for (std::uint32_t id = 0; id < ISOLATES_CLASS_ATTACH; id++)
            is_open_ = is_open_ && (policy.classes[id].open == isolates_class_operations(id) ||
                                    id == ISOLATES_CLASS_MOUNT);
        is_open_ = is_open_ && policy.mode == ISOLATES_MODE_ENFORCE;
    }

    std::expected<Text, std::string> run() {
        const auto number = static_cast<std::size_t>(&policy_ - view_.policies);
        const auto attachment = show_attachment(
            view_, policy_, number ? fmt::format("attachment_{}", number) : "attachment", budget_);
        if (!attachment) return std::unexpected(attachment.error());
        text_ = fmt::format("policy {}{}{} {{\n", name(attachment->text.empty()),
                            attachment->text.empty() ? "" : " " + attachment->text, flags());
        add_bindings();
        add_rlimits();
        for (std::uint32_t id = 0; id < ISOLATES_CLASS_COUNT; id++)
            if (auto result = add_class(static_cast<isolates_class>(id)); !result)
                return std::unexpected(result.error());
        for (const std::string& rule : show_syscalls(view_, policy_)) add(rule);
        return Text{attachment->variable, text_ + "}\n"};
    }

  private:
    void add(std::string_view rule) { text_ += fmt::format("  {},\n", rule); }

    // A name that is a path attaches by it, unless it is escaped.
    [[nodiscard]] std::string name(bool is_unattached) const {
        const auto name = string_of(view_, policy_.name);
        std::string text = escaped_name(name);
        if (is_unattached && (name.starts_with('/') || name.starts_with(':')))
            text.insert(text.starts_with('"') ? 1 : 0, 1, '\\');
        return text;
    }

    // " flags=(complain)", if there are any.
    [[nodiscard]] std::string flags() const {
        // "default_allow" is a mode, and cannot stand beside another one.
        if (!is_open_ && policy_.mode == ISOLATES_MODE_ENFORCE) return {};
        return fmt::format(" flags=({})",
                           is_open_ ? "default_allow" : sema::mode_names[policy_.mode]);
    }

    void add_bindings() {
        for (std::uint32_t i = 0; i < policy_.bindings.count; i++) {
            const auto& binding = view_.bindings[policy_.bindings.first + i];
            const auto kind = sema::namespace_kind_names[binding.kind];
            const auto when = binding.flags & ISOLATES_BINDING_ON_EXEC ? " on exec" : "";
            if (binding.where == ISOLATES_WHERE_PATH)
                add(fmt::format("bind {} {}{}", kind, escaped_name(string_of(view_, binding.path)),
                                when));
            else
                add(fmt::format("bind {} {}{}{}", kind,
                                binding.where == ISOLATES_WHERE_PID ? "of " : "", binding.number,
                                when));
        }
    }

    void add_rlimits() {
        for (std::uint32_t i = 0; i < policy_.rlimits.count; i++) {
            const auto& limit = view_.rlimits[policy_.rlimits.first + i];
            add("set rlimit " + sema::describe_rlimit(limit.resource, limit.limit));
        }
    }

    std::expected<void, std::string> add_class(isolates_class id) {
        const auto lines = lines_of(id);
        if (!lines)
            return std::unexpected(
                fmt::format("the {} rules: {}", sema::class_names[id], lines.error()));
        for (const std::string& line : *lines) add(line);
        return {};
    }

    Lines lines_of(isolates_class id) {
        switch (id) {
            case ISOLATES_CLASS_ATTACH:
                return std::vector<std::string>{};  // in the header
            case ISOLATES_CLASS_FILE:
                return files_and_links();
            case ISOLATES_CLASS_LINK:
                return std::vector<std::string>{};  // with the files
            case ISOLATES_CLASS_NETWORK:
                return show_networks(view_, policy_, is_open_, !with_unix_, budget_);
            case ISOLATES_CLASS_UNIX:
                if (!with_unix_) return std::vector<std::string>{};
                return show_sockets(view_, policy_, is_open_, budget_);
            case ISOLATES_CLASS_MOUNT:
                return show_mounts(view_, policy_, is_open_, budget_);
            case ISOLATES_CLASS_CHANGE_PROFILE:
                return show_changes(view_, policy_, is_open_, budget_);
            default:
                return show_class(view_, policy_, id, is_open_, budget_);
        }
    }

    // Together, since rules on links speak of files too: of errnos the first one counts.
    Lines files_and_links() {
        std::vector<Rule> found;
        auto lines = show_files(view_, policy_, is_open_, found, budget_);
        if (!lines) return std::unexpected(lines.error());
        const auto links = show_links(view_, policy_, found, budget_);
        if (!links) return std::unexpected(links.error());
        lines->insert(lines->end(), links->begin(), links->end());
        return in_order(std::move(*lines));
    }

    const isolates_view& view_;
    const isolates_policy& policy_;
    const bool with_unix_;
    Budget& budget_;
    bool is_open_ = true;  // all of it, but for what is denied
    std::string text_;
};

std::expected<Text, std::string> decompile(const decide::Blob& blob, const decide::Policy& policy,
                                           bool with_unix, Budget& budget) {
    auto text = Decompiler(blob.view(), policy.raw(), with_unix, budget).run();
    if (!text) return text;
    const Compilation again = compile_text("the policy shown", text->whole(), {});
    if (!again.blob) {
        std::string reason = "the language has no words for it";
        for (const auto& diagnostic : again.report.diagnostics())
            if (diagnostic.severity == diag::Severity::error) {
                reason = diagnostic.text;
                break;
            }
        return std::unexpected(fmt::format("what was found does not compile: {}", reason));
    }
    const isolates_view& view = again.blob->view();
    if (auto same = compare({&blob.view(), &policy.raw()}, {&view, &view.policies[0]}); !same)
        return std::unexpected(same.error());
    return text;
}

}  // namespace

std::expected<Text, std::string> decompile(const decide::Blob& blob, const decide::Policy& policy) {
    // Mostly what is implied is all that there is.
    Budget budget(budget_of(blob.view()));
    auto text = decompile(blob, policy, false, budget);
    if (!text && !budget.is_spent()) {
        budget = Budget(budget_of(blob.view()));
        text = decompile(blob, policy, true, budget);
    }
    return text;
}

}  // namespace isolates::show
