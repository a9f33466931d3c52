// SPDX-License-Identifier: GPL-2.0-only
// The texts that are compiled: made up, but the same ones every time. Each is one
// profile in the language that AppArmor and isolates share.
#pragma once

#include <cstddef>
#include <string>

namespace isolates::bench {

// @rules rules for paths as they are in a file system, without globs, each of a file
// one or two folders below a usual root, with "r" and mostly one permission more. Of
// 3,500 AppArmor's parser makes its largest automata; 5,000 are too many.
[[nodiscard]] std::string plain_rules(std::size_t rules);

// @rules rules of eight shapes, seven with globs. A tenth of them denies if @denying.
[[nodiscard]] std::string mixed_globs(std::size_t rules, bool denying = false);

// @rules rules /**/w1/**, /**/w2/**, ... that may all be under way at once. Their
// permissions cycle over @combinations subsets of "rwmkl" (20 at most), so that an
// automaton for all of them has to remember which of those it has met.
[[nodiscard]] std::string roaming_globs(std::size_t rules, std::size_t combinations);

// The same globs, but each rule denies one operation by its name, which AppArmor cannot.
[[nodiscard]] std::string roaming_denials(std::size_t rules);

}  // namespace isolates::bench
