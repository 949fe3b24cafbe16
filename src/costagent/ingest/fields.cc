#include "costagent/ingest/fields.h"

#include <charconv>
#include <cmath>

namespace costagent {
namespace {

const base::Seconds kEarliest = std::chrono::sys_days(std::chrono::year(2000) / 1 / 1);
const base::Seconds kLatest = std::chrono::sys_days(std::chrono::year(2100) / 1 / 1);

// Ids and descriptions have hundreds of bytes, but a resource's tags are one text: Azure allows fifty of 768
// characters, three bytes each. A novel is none of these.
constexpr std::size_t kLongestText = std::size_t{128} * 1024;

// So that no sum of quantities, however many, leaves what a Decimal holds.
const base::Decimal kMostQuantity = base::Decimal::parse_sum("1000000000000000000000000000000").value();  // 10^30

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

base::Result<base::Seconds> TimeReader::read(std::string_view text) {
  if (text == text_ && !text.empty()) return time_;
  const auto parsed = parse_(text);
  if (!parsed) return parsed;
  text_.assign(text);
  time_ = *parsed;
  return time_;
}

base::Seconds month_of(base::Seconds time) {
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(time)};
  return std::chrono::sys_days(date.year() / date.month() / 1);
}

std::optional<LineProblem> Fields::wrong_count() const {
  if (fields_.size() == layout_.fields) return std::nullopt;
  return LineProblem{kNoColumn, "",
                     fmt::format("it has {} fields where the header has {}", fields_.size(), layout_.fields)};
}

std::string_view Fields::bounded(std::size_t column) {
  const std::string_view value = get(column);
  if (value.size() <= kLongestText) return value;
  complain(column, fmt::format("it is longer than {} bytes", kLongestText));
  return value.substr(0, kLongestText);
}

void Fields::required_text(std::size_t column, std::string& to) {
  text(column, to);
  if (to.empty()) complain(column, "it is empty");
}

void Fields::currency(std::size_t column, std::string& to) {
  text(column, to);
  for (char& c : to) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
}

bool Fields::amount(std::size_t column, base::Decimal& to) {
  to = base::Decimal();
  const std::string_view value = trimmed(get(column));
  if (value.empty()) return false;
  const auto parsed = base::Decimal::parse(value);
  if (parsed) {
    to = *parsed;
  } else {
    complain(column, parsed.error().message);
  }
  return true;
}

std::optional<base::Decimal> Fields::price(std::size_t column, Remarks& remarks) const {
  const std::string_view value = trimmed(get(column));
  if (value.empty()) return std::nullopt;
  const auto parsed = base::Decimal::parse(value);
  if (parsed) return *parsed;
  remarks.count("a unit price is no number that can be held: it is left out");
  return std::nullopt;
}

void Fields::required_amount(std::size_t column, base::Decimal& to) {
  if (!amount(column, to)) complain(column, "it is empty; expected a number, as in -12.50 or 1.25E-7");
}

void Fields::quantity(std::size_t column, base::Decimal& to, Remarks& remarks) {
  to = base::Decimal();
  const std::string_view value = trimmed(get(column));
  if (value.empty()) return;
  if (const auto parsed = base::Decimal::parse_sum(value)) {
    base::Decimal size = parsed->is_negative() ? -*parsed : *parsed;
    if (size < kMostQuantity) {
      to = *parsed;
      return;
    }
  }
  double number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  const bool whole =
      end == value.data() + value.size() && (error == std::errc() || error == std::errc::result_out_of_range);
  if (!whole || !std::isfinite(number)) return remarks.count("a quantity is no number: it counts as 0");
  remarks.count("a quantity has more digits than can be held: it counts as 0");
}

bool Fields::time(std::size_t column, TimeReader& reader, base::Seconds& to) {
  const std::string_view value = get(column);
  if (value.empty()) return false;
  const auto parsed = reader.read(value);
  if (!parsed) {
    complain(column, parsed.error().message);
  } else if (*parsed < kEarliest || *parsed >= kLatest) {
    complain(column, fmt::format("'{}' is not a time from 2000 to 2099", value));
  } else {
    to = *parsed;
  }
  return true;
}

void Fields::complain(std::size_t column, std::string message) {
  if (problem_) return;
  const bool known = column < layout_.names.size() && !layout_.names[column].empty();
  const std::string name(known ? std::string_view(layout_.names[column]) : columns_[column].names.front());
  if (layout_.has_columns) {
    problem_ = LineProblem{layout_.positions[column], name, std::move(message)};
  } else {
    problem_ = LineProblem{kNoColumn, name, fmt::format("{}: {}", name, message)};
  }
}

}  // namespace costagent
