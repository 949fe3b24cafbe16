#include <charconv>

#include "costagent/store/detail_rows.h"

namespace costagent {
namespace {

bool same(const CoverageHour& a, const CoverageHour& b) { return a.quantity == b.quantity && a.costs == b.costs; }

void append_values(const CoverageHour& hour, std::string& to) {
  to += ',';
  to += hour.quantity.to_string();
  to += ',';
  to += hour.costs.billed.to_string();
  for (const base::Decimal* other : {&hour.costs.effective, &hour.costs.list, &hour.costs.contracted}) {
    to += ',';
    if (*other != hour.costs.billed) to += other->to_string();
  }
}

// What stands before the next `end`, which goes with it.
std::string_view take(std::string_view& text, char end) {
  const std::string_view taken = text.substr(0, text.find(end));
  text.remove_prefix(std::min(text.size(), taken.size() + 1));
  return taken;
}

bool read_hour(std::string_view text, int& hour) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), hour);
  return error == std::errc() && end == text.data() + text.size() && hour >= 0 && hour < 24;
}

bool read_amount(std::string_view text, base::Decimal& amount) {
  const auto parsed = base::Decimal::parse_sum(text);
  if (parsed) amount = *parsed;
  return parsed.has_value();
}

bool read_entry(std::string_view entry, int& first, int& last, CoverageHour& hour) {
  std::string_view hours = take(entry, ',');
  if (!read_hour(take(hours, '-'), first) || !read_hour(hours, last)) return false;
  if (!read_amount(take(entry, ','), hour.quantity) || !read_amount(take(entry, ','), hour.costs.billed)) return false;
  for (base::Decimal* other : {&hour.costs.effective, &hour.costs.list, &hour.costs.contracted}) {
    const std::string_view text = take(entry, ',');
    *other = hour.costs.billed;
    if (!text.empty() && !read_amount(text, *other)) return false;
  }
  return true;
}

}  // namespace

std::string pack_hours(std::span<const CoverageHour> hours) {
  std::string text;
  for (std::size_t first = 0; first < hours.size();) {
    std::size_t last = first;
    while (last + 1 < hours.size() && hours[last + 1].hour == hours[last].hour + 1 &&
           same(hours[last + 1], hours[first]))
      ++last;
    if (!text.empty()) text += ';';
    text += fmt::format("{}-{}", hours[first].hour, hours[last].hour);
    append_values(hours[first], text);
    first = last + 1;
  }
  return text;
}

base::Result<std::vector<CoverageHour>> unpack_hours(std::string_view text) {
  std::vector<CoverageHour> hours;
  while (!text.empty()) {
    CoverageHour hour;
    int last = 0;
    if (!read_entry(take(text, ';'), hour.hour, last, hour))
      return base::fail(base::ErrorKind::corrupt, "the database holds hours of usage that are none");
    for (; hour.hour <= last; ++hour.hour) hours.push_back(hour);
  }
  return hours;
}

}  // namespace costagent
