#include "costagent/cli/forecast_command.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "costagent/analyze/predict.h"
#include "costagent/cli/series_file.h"
#include "costagent/cli/terminal.h"

namespace costagent {
namespace {

constexpr const char* kFooter = R"(
Example:
  costagent forecast --csv costs.csv --horizon 30
  psql -c "COPY (SELECT day AS timestamp, cost AS value …) TO STDOUT CSV HEADER" | costagent forecast --csv - --horizon 30

FILE has a header and the columns `timestamp` (2024-09-20, 2024-09-20 20:00:00, 2024-09-20T20:00:00+02:00, or seconds since
1970) and `value`, in any order and in letters of either case; others are passed over. Its times are in ascending order and at
equal steps of 5 minutes to a day; steps without a row, and empty values, are gaps. Of rows with the same time the last
counts; they are named on standard error. At most 1,100,000 values. Prints timestamp,forecast,lo80,hi80,lo95,hi95 for the
steps after the last value, their times in the form and the offset of the last row's: in 80 (95) of a hundred cases the truth
lies between lo80 and hi80 (lo95 and hi95). From two weeks on the weekly cycle is learnt, from two days on the daily one,
and of daily values what each month brings.

Exit codes: 0 done, 2 the arguments or the file are wrong (with the line), 3 it could not be read.
)";

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

std::string name_of(const std::string& path) { return path == "-" ? "standard input" : path; }

base::Result<SeriesFile> read_file(const std::string& path) {
  const bool standard = path == "-";
  const std::unique_ptr<std::FILE, CloseFile> opened(standard ? nullptr : std::fopen(path.c_str(), "rb"));
  if (!standard && !opened) {
    const auto kind = errno == ENOENT ? base::ErrorKind::not_found : base::ErrorKind::io;
    return base::fail(kind, "{}: {}", path, std::strerror(errno));
  }
  std::FILE* file = standard ? stdin : opened.get();
  return read_series(name_of(path), [file](char* buffer, std::size_t size) -> base::Result<std::size_t> {
    const std::size_t count = std::fread(buffer, 1, size, file);
    if (count == 0 && std::ferror(file) != 0) return base::fail(base::ErrorKind::io, "{}", std::strerror(errno));
    return count;
  });
}

}  // namespace

ForecastCommand::ForecastCommand(CLI::App& app)
    : command_(app.add_subcommand("forecast", "Say what comes next in a series of values")) {
  command_->footer(kFooter);
  command_->add_option("--csv", file_, "timestamp,value; - is standard input")->required()->type_name("FILE");
  command_->add_option("--horizon", horizon_, "how many steps ahead, up to 10000")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, kMostSteps))
      ->capture_default_str();
}

ExitCode ForecastCommand::run() {
  const auto series = read_file(file_);
  if (!series) {
    const ExitCode code = refuse(series.error());
    return series.error().kind == base::ErrorKind::too_large ? ExitCode::usage : code;
  }
  if (series->repeated.count() > 0) {
    fmt::print(stderr, "{}: {} {} the time of the row before; of such rows the last counts\n", name_of(file_),
               series->repeated.text(), series->repeated.count() == 1 ? "has" : "have");
  }
  const auto predicted = predict(series->timeline, series->values, horizon_);
  if (!predicted)
    return refuse({base::ErrorKind::invalid, fmt::format("{}: all of its values are gaps", name_of(file_))});
  std::size_t last = series->values.size();
  while (last > 0 && !(series->values[last - 1] == series->values[last - 1])) --last;
  fmt::print("timestamp,forecast,lo80,hi80,lo95,hi95\n");
  for (std::size_t i = 0; i < predicted->values.size(); ++i) {
    const auto& [value, bounds] = predicted->values[i];
    fmt::print("{},{:.10g},{:.10g},{:.10g},{:.10g},{:.10g}\n", time_text(series->timeline.at(last + i), series->form),
               value, bounds.low_80, bounds.high_80, bounds.low_95, bounds.high_95);
  }
  return ExitCode::done;
}

}  // namespace costagent
