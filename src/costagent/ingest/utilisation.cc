#include "costagent/ingest/utilisation.h"

#include <charconv>
#include <cmath>

namespace costagent {
namespace {

const std::vector<ColumnWanted>& columns() {
  static const std::vector<ColumnWanted> table = {
      {{"ResourceId"}, true},
      {{"HourStart"}, true},
      {{"CpuPercent"}, true},
      {{"MemoryPercent"}, false, "it counts as 0"},
      {{"NetworkBytes"}, false, "they count as 0"},
      {{"DiskBytes"}, false, "they count as 0"},
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
  return UtilisationParser(layout_of(header, std::move(*positions)));
}

std::optional<LineProblem> UtilisationParser::parse(std::span<const std::string_view> record,
                                                    UtilisationSample& sample) {
  Fields fields(layout_, columns(), record);
  if (auto wrong = fields.wrong_count()) return wrong;
  fields.required_text(0, sample.resource_id);
  const auto hour = base::parse_time(fields.get(1));
  if (!hour) fields.complain(1, hour.error().message);
  if (hour) sample.hour = *hour;
  for (const Figure& figure : kFigures) {
    sample.*figure.member = 0;
    const std::string_view text = fields.get(figure.column);
    if (text.empty()) continue;
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    if (!whole || !std::isfinite(value) || value < 0 || value > figure.most) {
      fields.complain(figure.column, fmt::format("'{}' is not {}", text.substr(0, 64), figure.expected));
    }
    sample.*figure.member = value;
  }
  return fields.problem();
}

bool is_utilisation(const NameSet& names) { return names.has_all({"ResourceId", "HourStart"}); }

base::Result<BillForm> open_utilisation(RecordSource& source) {
  auto layout = source.bind(columns());
  if (!layout) return base::pass_on(layout);
  return BillForm{
      "hourly utilisation", columns(),
      std::unique_ptr<LineParser<UtilisationSample>>(std::make_unique<UtilisationParser>(std::move(*layout)))};
}

}  // namespace costagent
