#include "costagent/cli/series_row.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/printable.h"

namespace costagent {
namespace {

constexpr std::int64_t kYear10000 = 253'402'300'800;

bool is(std::string_view name, std::string_view lower) {
  return std::equal(name.begin(), name.end(), lower.begin(), lower.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

}  // namespace

base::Result<SeriesColumns> series_columns(const std::string& name, const io::CsvRecord& header) {
  SeriesColumns columns;
  int times = 0;
  int values = 0;
  for (std::size_t i = 0; header.problem == nullptr && i < header.fields.size(); ++i) {
    const std::string_view field = trimmed(header.fields[i]);
    if (is(field, "timestamp")) {
      columns.time = i;
      ++times;
    } else if (is(field, "value")) {
      columns.value = i;
      ++values;
    }
  }
  if (times == 1 && values == 1) return columns;
  return base::fail(base::ErrorKind::invalid,
                    "{}, line 1: a header with the columns timestamp and value is needed, not: {}", name,
                    header.raw.empty() ? "an empty file" : base::printable(header.raw.substr(0, 100)));
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

base::Result<base::Seconds> series_time(std::string_view text) {
  std::int64_t since = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), since);
  if (error == std::errc() && end == text.data() + text.size() && std::abs(since) < kYear10000)
    return base::Seconds(std::chrono::seconds(since));
  return base::parse_time(text);
}

std::optional<double> series_value(std::string_view text) {
  if (text.empty()) return std::numeric_limits<double>::quiet_NaN();
  if (text.front() == '+') text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size()) return std::nullopt;
  if (error == std::errc::result_out_of_range || !std::isfinite(value)) return std::numeric_limits<double>::quiet_NaN();
  return error == std::errc() ? std::optional(value) : std::nullopt;
}

TimeForm form_of(std::string_view text, base::Seconds time) {
  TimeForm form;
  form.epoch =
      text.find_first_not_of("-0123456789") == std::string_view::npos && text.find('-', 1) == std::string_view::npos;
  form.day = text.size() <= 10;
  if (form.epoch || form.day) return form;
  form.separator = text[10];
  const std::size_t zone = std::min(text.find_first_not_of("0123456789:.", 11), text.size());
  form.zone = text.substr(zone);
  form.seconds = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(zone), ':') > 1;
  if (const auto local = base::parse_time(text.substr(0, zone))) form.offset = *local - time;
  return form;
}

std::string time_text(base::Seconds time, const TimeForm& form) {
  if (form.epoch) return std::to_string(time.time_since_epoch().count());
  const base::Seconds local = time + form.offset;
  const base::Day day = std::chrono::floor<std::chrono::days>(local);
  if (form.day && local == day) return base::format_day(day);
  const std::string written = base::format_time(local);  // 2024-09-20T20:00:00Z
  const bool whole = local == std::chrono::floor<std::chrono::minutes>(local);
  const std::size_t clock = form.seconds || !whole ? 8 : 5;
  return written.substr(0, 10) + form.separator + written.substr(11, clock) + form.zone;
}

bool NamedLines::add(std::uint64_t line) {
  ++count_;
  if (lines_.size() == kNamed) return false;
  lines_.push_back(line);
  return true;
}

std::string NamedLines::text() const {
  std::string text = fmt::format("line{} {}", count_ == 1 ? "" : "s", fmt::join(lines_, ", "));
  if (unnamed() > 0) text += fmt::format(" and {} more", unnamed());
  return text;
}

}  // namespace costagent
