// A word of HTTP's that is known beforehand, compared whatever the case of its letters.
//
// Eight characters at a time, as every header of every answer is looked at. Immutable.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace loadlab {

template <std::size_t Size>
class Keyword {
 public:
  // From a literal in lower case, of eight characters or more.
  constexpr explicit Keyword(const char (&text)[Size + 1]) {
    for (std::size_t i = 0; i < kWords; ++i) {
      std::array<char, 8> letters{};
      std::array<char, 8> cases{};
      for (std::size_t j = 0; j < 8; ++j) {
        letters[j] = text[offset(i) + j];
        cases[j] = letters[j] >= 'a' && letters[j] <= 'z' ? 0x20 : 0;  // what tells the cases of a letter apart
      }
      letters_[i] = std::bit_cast<std::uint64_t>(letters);
      cases_[i] = std::bit_cast<std::uint64_t>(cases);
    }
  }

  static constexpr std::size_t size() { return Size; }

  bool is(std::string_view text) const {
    if (text.size() != Size) return false;
    std::uint64_t difference = 0;
    for (std::size_t i = 0; i < kWords; ++i) {
      std::uint64_t word = 0;
      std::memcpy(&word, text.data() + offset(i), sizeof word);
      difference |= (word | cases_[i]) ^ letters_[i];
    }
    return difference == 0;
  }

 private:
  static_assert(Size >= 8);
  static constexpr std::size_t kWords = (Size + 7) / 8;

  // The last word overlaps the one before it.
  static constexpr std::size_t offset(std::size_t word) { return std::min(8 * word, Size - 8); }

  std::array<std::uint64_t, kWords> letters_{};
  std::array<std::uint64_t, kWords> cases_{};
};

template <std::size_t Length>
Keyword(const char (&)[Length]) -> Keyword<Length - 1>;

}  // namespace loadlab
