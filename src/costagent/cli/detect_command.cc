#include "costagent/cli/detect_command.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <utility>

#include "base/printable.h"
#include "base/time.h"
#include "base/unique_fd.h"
#include "costagent/analyze/stream_detector.h"
#include "costagent/cli/series_row.h"
#include "costagent/cli/terminal.h"
#include "io/csv_reader.h"

namespace costagent {
namespace {

constexpr const char* kFooter = R"(
Example:
  costagent detect --csv metric.csv > scores.csv
  tail -n +1 -f metric.csv | costagent detect --csv -

The file has a header and the columns `timestamp` (2024-09-20 20:00:00 or seconds since 1970) and `value`, in any
order and in letters of either case; others are passed over. One line is printed for each: timestamp, value and a score
from 0 to 1, which depends on nothing that comes later; from 0.5 on it is worth a look. A value that is empty, nan or inf
is a missing one. Values are scored in the order they come in; rows whose time is not after that of the row before are named
on standard error, the first five and how many more, and scored as the next value all the same.

Exit codes: 0 done, 1 some rows could not be read and are listed, 2 the arguments or the file are wrong, 3 it could not
be read or written.
)";

// More would be no list that anybody reads.
constexpr std::uint64_t kMostListed = 20;
constexpr std::size_t kOutputSize = 1 << 16;

class Detection {
 public:
  // `name` is what messages call the input.
  Detection(std::string name, int input)
      : name_(std::move(name)),
        reader_([this, input](char* buffer, std::size_t size) { return read(input, buffer, size); }) {}

  base::Result<> play() {
    io::CsvRecord record;
    if (const auto header = next(record); !header) return base::pass_on(header);
    const auto columns = series_columns(name_, record);
    if (!columns) return base::pass_on(columns);
    columns_ = *columns;
    output_ = "timestamp,value,score\n";
    while (true) {
      const auto more = next(record);
      if (!more) return base::pass_on(more);
      if (!*more) break;
      play(record);
      if (output_.size() >= kOutputSize) {
        if (const auto written = flush(); !written) return written;
      }
    }
    if (rejected_ > kMostListed) std::fprintf(stderr, "and %lu more rows\n", rejected_ - kMostListed);
    if (unordered_.unnamed() > 0)
      std::fprintf(stderr, "and %lu more rows whose time is not after that of the row before\n", unordered_.unnamed());
    return flush();
  }

  std::uint64_t rejected() const { return rejected_; }

 private:
  // Whoever feeds a pipe slowly gets each answer before the next question: what was scored goes out before it may
  // block.
  base::Result<std::size_t> read(int input, char* buffer, std::size_t size) {
    if (const auto written = flush(); !written) return base::pass_on(written);
    while (true) {
      const auto count = ::read(input, buffer, size);
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno != EINTR) return base::fail(base::ErrorKind::io, "{}", std::strerror(errno));
    }
  }

  base::Result<> flush() {
    if (output_.empty()) return {};
    const bool written =
        std::fwrite(output_.data(), 1, output_.size(), stdout) == output_.size() && std::fflush(stdout) == 0;
    output_.clear();
    if (written) return {};
    return base::fail(base::ErrorKind::io, "the scores can't be written: {}", std::strerror(errno));
  }

  base::Result<bool> next(io::CsvRecord& record) {
    auto more = reader_.next(record);
    if (!more) return base::fail(more.error().kind, "{}: {}", name_, more.error().message);
    return more;
  }

  void play(const io::CsvRecord& record) {
    if (record.problem != nullptr) return reject(record, record.problem);
    if (record.fields.size() <= std::max(columns_.time, columns_.value)) return reject(record, "a column is missing");
    const std::string_view time_text = trimmed(record.fields[columns_.time]);
    const std::string_view value_text = trimmed(record.fields[columns_.value]);
    const auto time = series_time(time_text);
    if (!time) return reject(record, "the timestamp can't be read");
    const auto value = series_value(value_text);
    if (!value) return reject(record, "the value is no number");
    if (last_time_ && *time <= *last_time_ && unordered_.add(record.line))
      std::fprintf(stderr, "line %lu: its time is not after that of the row before: %s\n", record.line,
                   base::printable(record.raw.substr(0, 100)).c_str());
    last_time_ = *time;
    fmt::format_to(std::back_inserter(output_), "{},{},{:.6f}\n", time_text, value_text,
                   detector_.score(*time, *value));
  }

  void reject(const io::CsvRecord& record, const char* reason) {
    if (++rejected_ > kMostListed) return;
    std::fprintf(stderr, "line %lu: %s: %s\n", record.line, reason, base::printable(record.raw.substr(0, 100)).c_str());
  }

  std::string name_;
  io::CsvReader reader_;
  StreamDetector detector_;
  std::string output_;
  SeriesColumns columns_;
  std::optional<base::Seconds> last_time_;
  NamedLines unordered_;
  std::uint64_t rejected_ = 0;
};

}  // namespace

DetectCommand::DetectCommand(CLI::App& app)
    : command_(app.add_subcommand("detect", "Score a series of values as it comes: what in it is news")) {
  command_->footer(kFooter);
  command_->add_option("--csv", csv_, "the file to read; - is standard input")->required()->type_name("FILE");
}

ExitCode DetectCommand::run() {
  base::UniqueFd file;
  if (csv_ != "-") {
    file = base::UniqueFd(::open(csv_.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open()) {
      return refuse({base::ErrorKind::not_found, fmt::format("{} can't be opened: {}", csv_, std::strerror(errno))});
    }
  }
  Detection detection(csv_ == "-" ? "standard input" : csv_, csv_ == "-" ? STDIN_FILENO : file.get());
  if (const auto played = detection.play(); !played) return refuse(played.error());
  return detection.rejected() == 0 ? ExitCode::done : ExitCode::in_part;
}

}  // namespace costagent
