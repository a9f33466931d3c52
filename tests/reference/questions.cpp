// SPDX-License-Identifier: GPL-2.0-only
#include "reference/questions.hpp"

#include <cstring>
#include <string_view>
#include <vector>

namespace isolates::reference {
namespace {

isolates_piece piece_of(std::string_view text) {
    return {reinterpret_cast<const __u8*>(text.data()), static_cast<__u32>(text.size())};
}

// Of each operation: is what the short way says the same?
bool agrees_with_silent(const isolates_view& view, const isolates_policy& policy,
                        isolates_request request) {
    const __u32 all = isolates_class_operations(request.class_id);
    for (request.operations = 1; request.operations <= all; request.operations <<= 1) {
        isolates_verdict verdict{};
        isolates_decide(&view, &policy, &request, &verdict);
        __u32 audited = 0;
        const __u32 silent = isolates_decide_silent(&view, &policy, &request, &audited);
        if (silent != (verdict.denied || verdict.reported ? 0 : verdict.allowed)) return false;
        if ((audited & request.operations) !=
            (verdict.denied ? audited & request.operations : verdict.reported))
            return false;
    }
    return true;
}

}  // namespace

std::string ask(const isolates_view& view, const isolates_policy& policy) {
    const std::vector<isolates_piece> path = {piece_of("srv"), piece_of("private"), piece_of("b"),
                                              piece_of("x")};
    const std::vector<isolates_piece> library = {piece_of("usr"), piece_of("lib"),
                                                 piece_of("libc.so")};
    const std::vector<isolates_piece> odd = {piece_of(std::string_view("\xff\0\x80", 3)),
                                             piece_of("")};
    const std::vector<isolates_piece> facts = {
        piece_of(std::string_view("\x02\x01\x00\x06\x01\x7f\x00\x00\x01\x00\x50\x01\x0a\x20\x00"
                                  "\x01\x00\x50",
                                  18))};
    const std::vector<isolates_piece> signal = {piece_of("\x09"), piece_of("unconfined")};
    const std::vector<isolates_piece> nothing;
    for (std::uint32_t class_id = 0; class_id < ISOLATES_CLASS_COUNT; class_id++)
        for (const auto* pieces : {&path, &library, &odd, &facts, &signal, &nothing})
            for (const bool flag : {false, true}) {
                isolates_request request{};
                request.class_id = class_id;
                request.operations = ISOLATES_FILE_OPS;
                request.owner = flag;
                request.is_path = class_id == ISOLATES_CLASS_FILE ||
                                  class_id == ISOLATES_CLASS_LINK ||
                                  class_id == ISOLATES_CLASS_ATTACH;
                request.is_directory = flag;
                request.pieces = pieces->data();
                request.count = static_cast<__u32>(pieces->size());
                request.file = class_id == ISOLATES_CLASS_LINK ? request.count / 2 : 0;
                isolates_verdict verdict{};
                isolates_decide(&view, &policy, &request, &verdict);
                if (verdict.denied && !verdict.error) return "denied without an errno";
                if (verdict.allowed & verdict.denied) return "allowed and denied";
                if (!agrees_with_silent(view, policy, request))
                    return "the short way to a decision leads to another one";
                if (class_id == ISOLATES_CLASS_FILE)
                    if (const isolates_transition* transition =
                            isolates_decide_transition(&view, &policy, &request, &verdict))
                        (void)std::strlen(isolates_view_text(&view, transition->target));
                if (const isolates_rule* rule =
                        isolates_decide_rule(&view, &policy, &request, &verdict))
                    (void)std::strlen(isolates_view_text(&view, view.sources[rule->source].name));
            }
    std::vector<std::string_view> calls = {"mkdir", "mkdirat", "", "zzz"};
    for (std::uint32_t i = 0; i < policy.syscalls.count; i++)
        calls.emplace_back(
            isolates_view_text(&view, view.syscalls[policy.syscalls.first + i].name));
    static constexpr isolates_syscall_arguments wide{{0, 1, 2, 3, ~0ull, 5}, false},
        narrow{{0, 1, 2, 3, ~0u, 5}, true};
    for (const auto name : calls)
        for (const auto* known :
             {&wide, &narrow, static_cast<const isolates_syscall_arguments*>(nullptr)}) {
            isolates_syscall_verdict verdict;
            isolates_decide_syscall(&view, &policy, name.data(), static_cast<__u32>(name.size()),
                                    known, &verdict);
            if (verdict.denied != !!verdict.error)
                return "denied without an errno, or not and with one";
        }
    return {};
}

}  // namespace isolates::reference
