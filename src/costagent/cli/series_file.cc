#include "costagent/cli/series_file.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "base/printable.h"

namespace costagent {
namespace {

using std::chrono::seconds;

constexpr seconds kLeastStep = std::chrono::minutes(5);
constexpr seconds kMostStep = std::chrono::days(1);

struct Row {
  base::Seconds time;
  double value = 0;
  std::uint64_t line = 0;
};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

struct Columns {
  std::size_t time = 0;
  std::size_t value = 1;
  bool named = false;
};

// Seconds since 1970, as far as year 9999, or any form that base::parse_time reads.
base::Result<base::Seconds> time_of(std::string_view text) {
  std::int64_t since = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), since);
  if (error == std::errc() && end == text.data() + text.size() && std::abs(since) < 253'402'300'800)
    return base::Seconds(seconds(since));
  return base::parse_time(text);
}

TimeForm form_of(std::string_view text) {
  if (text.find_first_not_of("-0123456789") == std::string_view::npos && text.find('-', 1) == std::string_view::npos)
    return TimeForm::epoch;
  if (text.size() <= 10) return TimeForm::day;
  return text[10] == 'T' ? TimeForm::letter_t : TimeForm::space;
}

// NaN for a gap; none for what is no number.
std::optional<double> value_of(std::string_view text) {
  if (text.empty()) return std::numeric_limits<double>::quiet_NaN();
  if (text.front() == '+') text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size()) return std::nullopt;
  if (error == std::errc::result_out_of_range || !std::isfinite(value)) return std::numeric_limits<double>::quiet_NaN();
  if (error != std::errc()) return std::nullopt;
  return value;
}

// Whether the first line names the columns, and where they are.
base::Result<Columns> columns_of(const std::string& name, const io::CsvRecord& first) {
  Columns columns;
  if (first.problem != nullptr)
    return base::fail(base::ErrorKind::invalid, "{}, line {}: {}", name, first.line, first.problem);
  if (first.fields.size() == 2 && time_of(trimmed(first.fields[0]))) return columns;
  std::size_t found = 0;
  for (std::size_t i = 0; i < first.fields.size(); ++i) {
    const auto is = [&](std::string_view column) { return trimmed(first.fields[i]) == column; };
    found += is("timestamp") || is("value");
    if (is("timestamp")) columns.time = i;
    if (is("value")) columns.value = i;
  }
  columns.named = true;
  if (found == 2) return columns;
  return base::fail(base::ErrorKind::invalid,
                    "{}, line {}: expected the names of the columns, timestamp and value, or a time and a value", name,
                    first.line);
}

base::Result<Row> row_of(const std::string& name, const io::CsvRecord& record, const Columns& columns) {
  if (record.problem != nullptr)
    return base::fail(base::ErrorKind::invalid, "{}, line {}: {}", name, record.line, record.problem);
  if (record.fields.size() <= std::max(columns.time, columns.value) || (!columns.named && record.fields.size() != 2)) {
    return base::fail(base::ErrorKind::invalid, "{}, line {}: expected the columns timestamp and value, not {} columns",
                      name, record.line, record.fields.size());
  }
  const auto time = time_of(trimmed(record.fields[columns.time]));
  if (!time) return base::fail(base::ErrorKind::invalid, "{}, line {}: {}", name, record.line, time.error().message);
  const std::string_view text = trimmed(record.fields[columns.value]);
  const auto value = value_of(text);
  if (!value) {
    return base::fail(base::ErrorKind::invalid, "{}, line {}: '{}' is no number; leave it empty where there is none",
                      name, record.line, base::printable(text.substr(0, 40)));
  }
  return Row{*time, *value, record.line};
}

// The step that most neighbours are apart.
base::Result<seconds> step_of(const std::string& name, const std::vector<Row>& rows) {
  std::map<seconds, std::size_t> counts;
  for (std::size_t i = 1; i < rows.size(); ++i) ++counts[rows[i].time - rows[i - 1].time];
  const auto most =
      std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  // One line alone has no step; a day is as good as any.
  const seconds step = most == counts.end() ? kMostStep : most->first;
  if (step < kLeastStep || step > kMostStep) {
    return base::fail(base::ErrorKind::invalid,
                      "{}: its lines are {} s apart; a step must be 300 s (5 minutes) to 86400 s (a day)", name,
                      step.count());
  }
  return step;
}

base::Result<SeriesFile> on_its_grid(const std::string& name, const std::vector<Row>& rows, TimeForm form) {
  const auto step = step_of(name, rows);
  if (!step) return base::pass_on(step);
  SeriesFile series{{rows.front().time, *step}, {}, form};
  for (const Row& row : rows) {
    const seconds since = row.time - rows.front().time;
    if (since % *step != seconds(0)) {
      return base::fail(base::ErrorKind::invalid,
                        "{}, line {}: this time is no multiple of the step, {} s, after the first", name, row.line,
                        step->count());
    }
    const auto place = static_cast<std::size_t>(since / *step);
    if (place >= kMostSeriesValues) {
      return base::fail(base::ErrorKind::too_large,
                        "{}, line {}: with its gaps the series has more than {} steps; leave out its older part", name,
                        row.line, kMostSeriesValues);
    }
    series.values.resize(place + 1, std::numeric_limits<double>::quiet_NaN());
    series.values[place] = row.value;
  }
  return series;
}

}  // namespace

base::Result<SeriesFile> read_series(const std::string& name, io::CsvReader::Source source) {
  io::CsvReader reader(std::move(source));
  io::CsvRecord record;
  std::vector<Row> rows;
  std::optional<Columns> columns;
  TimeForm form = TimeForm::day;
  while (true) {
    const auto more = reader.next(record);
    if (!more) return base::fail(more.error().kind, "{}: {}", name, more.error().message);
    if (!*more) break;
    if (!columns) {
      const auto found = columns_of(name, record);
      if (!found) return base::pass_on(found);
      columns = *found;
      if (columns->named) continue;
    }
    const auto row = row_of(name, record, *columns);
    if (!row) return base::pass_on(row);
    if (rows.empty()) form = form_of(trimmed(record.fields[columns->time]));
    if (!rows.empty() && row->time < rows.back().time) {
      return base::fail(base::ErrorKind::invalid, "{}, line {}: its time is before that of line {}", name, row->line,
                        rows.back().line);
    }
    // What was measured again, or when clocks were changed.
    if (!rows.empty() && row->time == rows.back().time) rows.pop_back();
    if (rows.size() == kMostSeriesValues) {
      return base::fail(base::ErrorKind::too_large, "{}, line {}: more than {} values; leave out the older ones", name,
                        row->line, kMostSeriesValues);
    }
    rows.push_back(*row);
  }
  if (rows.empty()) return base::fail(base::ErrorKind::invalid, "{}: it has no values", name);
  return on_its_grid(name, rows, form);
}

std::string time_text(base::Seconds time, TimeForm form) {
  if (form == TimeForm::epoch) return std::to_string(time.time_since_epoch().count());
  const base::Day day = std::chrono::floor<std::chrono::days>(time);
  const auto written = base::format_time(time);  // 2024-09-20T20:00:00Z
  if (form == TimeForm::day && time == day) return base::format_day(day);
  if (form == TimeForm::letter_t) return written;
  return written.substr(0, 10) + " " + written.substr(11, 8);
}

}  // namespace costagent
