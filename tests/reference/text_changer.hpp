// SPDX-License-Identifier: GPL-2.0-only
// Policies as they look while somebody edits them, or worse.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace isolates::reference {

// Changes texts by chance; the same seed makes the same changes.
class TextChanger {
  public:
    explicit TextChanger(std::uint64_t seed) : random_(seed) {}

    // @text with one to four changes: bytes are lost, a word or a sign of the language
    // is put in, a byte is another one, some bytes or a line stand in another place too.
    // Never empty; each change adds 64 bytes or a line at most.
    std::string changed(std::string_view text);

    // @text with one to three changes that leave rules whole, mostly: a line is lost, or
    // stands in another place too, a rule is put in, a qualifier, or a glob into a path.
    std::string revised(std::string_view text);

  private:
    std::size_t below(std::size_t bound) { return random_() % bound; }
    void change(std::string& text);
    void revise(std::string& text);

    std::mt19937_64 random_;
};

}  // namespace isolates::reference
