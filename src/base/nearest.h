// "Did you mean …?": the known word closest to one that was mistyped.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace base {

// How many single-letter edits (insert, drop, replace, swap of neighbours) lead from one word to the other, case
// ignored: the optimal string alignment distance (Damerau 1964).
std::size_t edit_distance(std::string_view a, std::string_view b);

// The word of `known` with the fewest edits, the first of equals; none when even that one differs in more than a third
// of its letters (and in more than one).
std::optional<std::string_view> nearest(std::string_view word, const std::vector<std::string_view>& known);

}  // namespace base
