#include "base/time.h"

namespace base {
namespace {

using std::chrono::days;
using std::chrono::floor;

// Takes exactly `count` digits off the front.
bool take_number(std::string_view& text, std::size_t count, int& number) {
  if (text.size() < count) return false;
  number = 0;
  for (const char c : text.substr(0, count)) {
    if (c < '0' || c > '9') return false;
    number = number * 10 + (c - '0');
  }
  text.remove_prefix(count);
  return true;
}

bool take(std::string_view& text, char expected) {
  if (text.empty() || text.front() != expected) return false;
  text.remove_prefix(1);
  return true;
}

bool take_day(std::string_view& text, Day& day) {
  int year = 0;
  int month = 0;
  int month_day = 0;
  if (!take_number(text, 4, year) || !take(text, '-') || !take_number(text, 2, month) || !take(text, '-') ||
      !take_number(text, 2, month_day)) {
    return false;
  }
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(month_day)}};
  if (!date.ok()) return false;
  day = date;
  return true;
}

bool take_clock(std::string_view& text, std::chrono::seconds& since_midnight) {
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (!take_number(text, 2, hour) || !take(text, ':') || !take_number(text, 2, minute)) return false;
  if (take(text, ':')) {
    if (!take_number(text, 2, second)) return false;
    if (take(text, '.')) {
      const auto digits = text.find_first_not_of("0123456789");
      if (digits == 0 || text.empty()) return false;
      text.remove_prefix(std::min(digits, text.size()));
    }
  }
  if (hour > 23 || minute > 59 || second > 60) return false;
  since_midnight = std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second);
  return true;
}

// What may follow the clock: nothing, Z, UTC, or an offset from UTC.
bool take_zone(std::string_view& text, std::chrono::seconds& offset) {
  offset = std::chrono::seconds{0};
  if (text.empty() || text == "Z" || text == "z" || text == " UTC" || text == "UTC") return true;
  if (text.front() == ' ') text.remove_prefix(1);
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return false;
  const bool west = text.front() == '-';
  text.remove_prefix(1);
  int hours = 0;
  int minutes = 0;
  if (!take_number(text, 2, hours)) return false;
  take(text, ':');
  if (!text.empty() && !take_number(text, 2, minutes)) return false;
  if (!text.empty() || hours > 14 || minutes > 59) return false;
  offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
  if (west) offset = -offset;
  return true;
}

}  // namespace

Result<Day> parse_day(std::string_view text) {
  Day day;
  std::string_view rest = text;
  if (!take_day(rest, day) || !rest.empty()) {
    return fail(ErrorKind::invalid, "'{}' is not a day: expected YYYY-MM-DD", text.substr(0, 64));
  }
  return day;
}

Result<Seconds> parse_time(std::string_view text) {
  Day day;
  std::chrono::seconds clock{0};
  std::chrono::seconds offset{0};
  std::string_view rest = text;
  bool good = take_day(rest, day);
  if (good && !rest.empty()) {
    good =
        (take(rest, 'T') || take(rest, 't') || take(rest, ' ')) && take_clock(rest, clock) && take_zone(rest, offset);
  }
  if (!good) {
    return fail(ErrorKind::invalid, "'{}' is not a time: expected YYYY-MM-DD HH:MM:SS or YYYY-MM-DDTHH:MM:SSZ",
                text.substr(0, 64));
  }
  return Seconds{day} + clock - offset;
}

std::string format_day(Day day) {
  const std::chrono::year_month_day date{day};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

std::string format_time(Seconds time) {
  const Day day = floor<days>(time);
  const std::chrono::hh_mm_ss clock{time - day};
  return fmt::format("{}T{:02}:{:02}:{:02}Z", format_day(day), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

std::string format_time_ms(UtcTime time) {
  const auto seconds = floor<std::chrono::seconds>(time);
  std::string text = format_time(seconds);
  text.pop_back();
  return fmt::format("{}.{:03}Z", text, std::chrono::duration_cast<std::chrono::milliseconds>(time - seconds).count());
}

}  // namespace base
