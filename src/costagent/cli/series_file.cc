#include "costagent/cli/series_file.h"

#include <algorithm>
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

base::Result<Row> row_of(const std::string& name, const io::CsvRecord& record, const SeriesColumns& columns) {
  if (record.problem != nullptr)
    return base::fail(base::ErrorKind::invalid, "{}, line {}: {}", name, record.line, record.problem);
  if (record.fields.size() <= std::max(columns.time, columns.value)) {
    return base::fail(base::ErrorKind::invalid, "{}, line {}: expected the columns timestamp and value, not {} columns",
                      name, record.line, record.fields.size());
  }
  const auto time = series_time(trimmed(record.fields[columns.time]));
  if (!time) return base::fail(base::ErrorKind::invalid, "{}, line {}: {}", name, record.line, time.error().message);
  const std::string_view text = trimmed(record.fields[columns.value]);
  const auto value = series_value(text);
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

base::Result<SeriesFile> on_its_grid(const std::string& name, const std::vector<Row>& rows) {
  const auto step = step_of(name, rows);
  if (!step) return base::pass_on(step);
  SeriesFile series{{rows.front().time, *step}, {}, {}, {}};
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
  std::optional<SeriesColumns> columns;
  NamedLines repeated;
  std::string last_time;
  while (true) {
    const auto more = reader.next(record);
    if (!more) return base::fail(more.error().kind, "{}: {}", name, more.error().message);
    if (!columns) {
      const auto found = series_columns(name, record);
      if (!found) return base::pass_on(found);
      columns = *found;
      continue;
    }
    if (!*more) break;
    const auto row = row_of(name, record, *columns);
    if (!row) return base::pass_on(row);
    last_time = trimmed(record.fields[columns->time]);
    if (!rows.empty() && row->time < rows.back().time) {
      return base::fail(base::ErrorKind::invalid, "{}, line {}: its time is before that of line {}", name, row->line,
                        rows.back().line);
    }
    // What was measured again.
    if (!rows.empty() && row->time == rows.back().time) {
      repeated.add(row->line);
      rows.pop_back();
    }
    if (rows.size() == kMostSeriesValues) {
      return base::fail(base::ErrorKind::too_large, "{}, line {}: more than {} values; leave out the older ones", name,
                        row->line, kMostSeriesValues);
    }
    rows.push_back(*row);
  }
  if (rows.empty()) return base::fail(base::ErrorKind::invalid, "{}: it has no values", name);
  auto series = on_its_grid(name, rows);
  if (!series) return series;
  series->form = form_of(last_time, rows.back().time);
  series->repeated = std::move(repeated);
  return series;
}

}  // namespace costagent
