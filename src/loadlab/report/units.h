// Numbers as people read them. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace loadlab {

// `85 µs`, `1.23 ms`, `12.3 s`: three digits that mean something, in the unit that fits. `—` for what is not a number.
std::string format_ms(double milliseconds);

// A threshold's figure in its unit, times and sizes in the unit that fits: `2 s`, `79.5 %`, `512 MB`, `13.0 GB`,
// `412/s`.
std::string format_value(double value, std::string_view unit);

// 1234567 as 1,234,567.
std::string format_count(std::uint64_t count);

// With its noun: `1 thread`, `1,234 threads`.
std::string format_counted(std::uint64_t count, std::string_view noun);

// `0 %`, `0.03 %`, `12.5 %`, `99.97 %`; never rounded to nothing or to everything when it is not.
std::string format_percent(double percent);

// `1,234/s`, `0.42/s`.
std::string format_rate(double per_second);

// Columns that a terminal needs for UTF-8 text without wide or combining characters.
std::size_t display_width(std::string_view text);

// At most `width` columns; what is cut at the end, or in the middle, is told by `…`.
std::string shorten(std::string_view text, std::size_t width);
std::string shorten_middle(std::string_view text, std::size_t width);

// Padded with spaces behind, or in front, to `width` columns.
std::string pad_right(std::string_view text, std::size_t width);
std::string pad_left(std::string_view text, std::size_t width);

}  // namespace loadlab
