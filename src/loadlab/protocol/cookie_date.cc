#include "loadlab/protocol/cookie_date.h"

#include <algorithm>
#include <array>

#include "loadlab/plan/http_text.h"

namespace loadlab {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_delimiter(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == 0x09 || (byte >= 0x20 && byte <= 0x2F) || (byte >= 0x3B && byte <= 0x40) ||
         (byte >= 0x5B && byte <= 0x60) || (byte >= 0x7B && byte <= 0x7E);
}

// Takes a number of so many digits from the front; none where there are fewer, or more.
std::optional<int> take_number(std::string_view& text, std::size_t fewest, std::size_t most) {
  std::size_t count = 0;
  int number = 0;
  for (; count < text.size() && is_digit(text[count]); ++count) {
    if (count == most) return std::nullopt;
    number = 10 * number + (text[count] - '0');
  }
  if (count < fewest) return std::nullopt;
  text.remove_prefix(count);
  return number;
}

struct TimeOfDay {
  std::array<int, 3> parts{};  // hour, minute, second

  bool is_one() const { return parts[0] <= 23 && parts[1] <= 59 && parts[2] <= 59; }
  std::chrono::seconds since_midnight() const {
    return std::chrono::hours(parts[0]) + std::chrono::minutes(parts[1]) + std::chrono::seconds(parts[2]);
  }
};

std::optional<TimeOfDay> time_in(std::string_view token) {
  TimeOfDay time;
  for (std::size_t i = 0; i < time.parts.size(); ++i) {
    if (i > 0) {
      if (!token.starts_with(':')) return std::nullopt;
      token.remove_prefix(1);
    }
    const auto number = take_number(token, 1, 2);
    if (!number) return std::nullopt;
    time.parts[i] = *number;
  }
  return time;
}

// 1 … 12.
std::optional<unsigned> month_in(std::string_view token) {
  constexpr auto kMonths = std::to_array<std::string_view>(
      {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"});
  for (unsigned i = 0; i < kMonths.size(); ++i) {
    if (same_header_name(token.substr(0, 3), kMonths[i])) return i + 1;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::chrono::sys_seconds> parse_cookie_date(std::string_view text) {
  std::optional<TimeOfDay> time;
  std::optional<int> day;
  std::optional<unsigned> month;
  std::optional<int> year;
  while (!text.empty()) {
    const auto begin = std::find_if_not(text.begin(), text.end(), is_delimiter);
    const auto end = std::find_if(begin, text.end(), is_delimiter);
    std::string_view token(begin, end);
    text = std::string_view(end, text.end());
    if (token.empty()) break;
    // The first token that can be one of them is it, in this order; what stands behind its digits doesn't matter.
    if (!time && (time = time_in(token))) continue;
    if (!day && (day = take_number(token, 1, 2))) continue;
    if (!month && (month = month_in(token))) continue;
    if (!year) year = take_number(token, 2, 4);
  }
  if (!time || !day || !month || !year) return std::nullopt;
  if (*year >= 70 && *year <= 99) *year += 1900;
  if (*year >= 0 && *year <= 69) *year += 2000;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(*month),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (*year < 1601 || !date.ok() || !time->is_one()) return std::nullopt;
  return std::chrono::sys_days(date) + time->since_midnight();
}

}  // namespace loadlab
