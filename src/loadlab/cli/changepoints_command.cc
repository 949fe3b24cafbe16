#include "loadlab/cli/changepoints_command.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <limits>

#include "base/printable.h"
#include "io/csv_reader.h"
#include "loadlab/cli/number_range.h"
#include "loadlab/plan/table.h"

namespace loadlab {
namespace {

constexpr const char* kFooter = R"(
Prints the places, counted from 0, at which a new level begins, one a line; nothing where there is none. A value that is
empty is a gap, and so is an empty line where there is no other column: a run that was not played.

Examples:
  loadlab changepoints --csv p95.csv
  loadlab changepoints --csv p95.csv --window 30 --max-pvalue 0.01 --min-magnitude 0.05 --explain
  … | loadlab changepoints --csv -

How: E-divisive (Matteson and James 2014) with Student's t-test for significance, as Apache Otava 0.8 does it.
Exit codes: 0 done, whether there are any or not; 2 the arguments or the file are wrong (file, line).
)";

ExitCode refuse(const std::string& message) {
  std::fprintf(stderr, "%s\n", message.c_str());
  return ExitCode::usage;
}

base::Result<std::string> read(const std::string& path) {
  std::string text;
  std::ifstream file;
  if (path != "-") {
    file.open(path, std::ios::binary);
    if (!file) return base::fail(base::ErrorKind::not_found, "{} can't be read: {}", path, std::strerror(errno));
  }
  std::istream& from = path == "-" ? std::cin : file;
  char buffer[64 * 1024];
  while (from.read(buffer, sizeof buffer) || from.gcount() > 0) {
    text.append(buffer, static_cast<std::size_t>(from.gcount()));
    if (text.size() > kMostTableBytes)
      return base::fail(base::ErrorKind::too_large, "{} has more than {} bytes", path, kMostTableBytes);
  }
  return text;
}

io::CsvReader reader_of(std::string_view text) {
  return io::CsvReader([text](char* buffer, std::size_t size) mutable -> base::Result<std::size_t> {
    const std::size_t taken = text.copy(buffer, size);
    text.remove_prefix(taken);
    return taken;
  });
}

// The line behind a record.
std::uint64_t line_behind(const io::CsvRecord& record) {
  return record.line + 1 + static_cast<std::uint64_t>(std::count(record.raw.begin(), record.raw.end(), '\n'));
}

// The values of a column of a table that `text` was read into. With no other column an empty value is an empty line,
// which is no row of the table.
base::Result<std::vector<double>> column_of(const Table& table, const std::string& name, const std::string& text,
                                            const std::string& path) {
  constexpr double kGap = std::numeric_limits<double>::quiet_NaN();
  const auto& names = table.columns();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end())
    return base::fail(base::ErrorKind::invalid, "{}: there is no column '{}' in its first line (--column)", path, name);
  const auto column = static_cast<std::size_t>(found - names.begin());
  const bool alone = names.size() == 1;
  std::vector<double> values;
  io::CsvReader reader = reader_of(text);
  io::CsvRecord record;
  static_cast<void>(reader.next(record));  // the names
  std::uint64_t next_line = line_behind(record);
  for (std::size_t row = 0; row < table.rows(); ++row) {
    static_cast<void>(reader.next(record));
    const std::uint64_t gaps = alone ? record.line - next_line : 0;
    if (values.size() + gaps > kMostRows)
      return base::fail(base::ErrorKind::too_large, "{}: more than {} lines; use fewer", path, kMostRows);
    values.resize(values.size() + gaps, kGap);
    next_line = line_behind(record);
    const std::string_view field = table.value(row, column);
    double value = kGap;
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
    if (!field.empty() && (error != std::errc() || end != field.data() + field.size() || !std::isfinite(value)))
      return base::fail(base::ErrorKind::invalid, "{}:{}: '{}' is no number", path, record.line,
                        base::printable(field));
    values.push_back(value);
  }
  return values;  // gaps at the end would change nothing
}

}  // namespace

ChangepointsCommand::ChangepointsCommand(CLI::App& app)
    : command_(app.add_subcommand("changepoints", "Find where the level of a series of figures changed")) {
  command_->footer(kFooter);
  command_->add_option("--csv", csv_, "the series: CSV with a column `value`, one row a run; - is standard input")
      ->required()
      ->type_name("FILE");
  command_->add_option("--column", column_, "the column's name")->type_name("NAME")->capture_default_str();
  command_->add_option("--window", options_.window, "so many values are looked at together")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{2}, stats::kMostChangePointWindow))
      ->capture_default_str();
  command_->add_option("--max-pvalue", options_.max_pvalue, "how often chance may make such a point")
      ->type_name("P")
      ->check(number_between(0, 1))
      ->capture_default_str();
  command_
      ->add_option("--min-magnitude", options_.min_magnitude, "the least change that counts, as a share: 0.05 is 5 %")
      ->type_name("M")
      ->check(number_between(0, 1e9))
      ->capture_default_str();
  command_
      ->add_option("--min-length", options_.min_length, "so many values a level must have; 3 leaves out lone wild ones")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, stats::kMostChangePointWindow))
      ->capture_default_str();
  command_->add_flag("--explain", explain_, "behind each place: the mean before, the mean after, and the p-value");
}

ExitCode ChangepointsCommand::run() const {
  const auto text = read(csv_);
  if (!text) return refuse(text.error().message);
  const auto table = read_table(*text, TableFormat::csv, csv_);
  if (!table) return refuse(table.error().message);
  const auto values = column_of(*table, column_, *text, csv_);
  if (!values) return refuse(values.error().message);
  std::string found;
  for (const stats::ChangePoint& point : stats::change_points(*values, options_)) {
    found += explain_ ? fmt::format("{} {:.6g} {:.6g} {:.3g}\n", point.index, point.mean_before, point.mean_after,
                                    point.pvalue)
                      : fmt::format("{}\n", point.index);
  }
  std::fputs(found.c_str(), stdout);
  return ExitCode::pass;
}

}  // namespace loadlab
