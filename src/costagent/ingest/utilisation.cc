#include "costagent/ingest/utilisation.h"

#include <charconv>
#include <cmath>

namespace costagent {
namespace {

const std::vector<ColumnWanted>& columns() {
  static const std::vector<ColumnWanted> table = {
      {{"ResourceId"}, true}, {{"HourStart"}, true}, {{"CpuPercent"}, true},
      {{"MemoryPercent"}},    {{"NetworkBytes"}},    {{"DiskBytes"}},
  };
  return table;
}

constexpr double kMostBytes = 1e18;  // an hour's: far above any link

struct Figure {
  std::size_t column;  // in columns()
  double UtilisationSample::*member;
  double most;
  const char* expected;
};

constexpr Figure kFigures[] = {
    {2, &UtilisationSample::cpu_percent, 100, "a percentage from 0 to 100"},
    {3, &UtilisationSample::memory_percent, 100, "a percentage from 0 to 100"},
    {4, &UtilisationSample::network_bytes, kMostBytes, "a number of bytes"},
    {5, &UtilisationSample::disk_bytes, kMostBytes, "a number of bytes"},
};

}  // namespace

base::Result<UtilisationParser> UtilisationParser::create(std::span<const std::string_view> header) {
  auto positions = find_columns(header, columns());
  if (!positions) return base::pass_on(positions);
  return UtilisationParser(std::move(*positions), header.size());
}

std::optional<LineProblem> UtilisationParser::parse(std::span<const std::string_view> fields,
                                                    UtilisationSample& sample) const {
  if (fields.size() != columns_) {
    return LineProblem{kNoColumn, "", fmt::format("it has {} fields where the header has {}", fields.size(), columns_)};
  }
  const auto problem = [this](std::size_t column, std::string message) {
    return LineProblem{positions_[column], std::string(columns()[column].names.front()), std::move(message)};
  };
  sample.resource_id = fields[positions_[0]];
  if (is_null(sample.resource_id)) return problem(0, "it is empty");
  const auto hour = base::parse_time(fields[positions_[1]]);
  if (!hour) return problem(1, hour.error().message);
  sample.hour = *hour;
  for (const Figure& figure : kFigures) {
    sample.*figure.member = 0;
    const std::size_t position = positions_[figure.column];
    if (position == kNoColumn || is_null(fields[position])) continue;
    const std::string_view text = fields[position];
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    if (!whole || !std::isfinite(value) || value < 0 || value > figure.most) {
      return problem(figure.column, fmt::format("'{}' is not {}", text.substr(0, 64), figure.expected));
    }
    sample.*figure.member = value;
  }
  return std::nullopt;
}

}  // namespace costagent
