#include "costagent/cli/detect_command.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <optional>

#include "base/printable.h"
#include "base/time.h"
#include "base/unique_fd.h"
#include "costagent/analyze/stream_detector.h"
#include "costagent/cli/terminal.h"
#include "io/csv_reader.h"

namespace costagent {
namespace {

constexpr const char* kFooter = R"(
Example:
  costagent detect --csv metric.csv > scores.csv
  tail -n +1 -f metric.csv | costagent detect --csv -

The file has a header and the columns `timestamp` (2024-09-20 20:00:00 or seconds since 1970) and `value`, in any
order; others are passed over. One line is printed for each: timestamp, value and a score from 0 to 1, which depends on
nothing that comes later; from 0.5 on it is worth a look. A value that is empty, nan or inf is a missing one.

Exit codes: 0 done, 1 some rows could not be read and are listed, 2 the arguments or the file are wrong, 3 it could not
be read or written.
)";

// More would be no list that anybody reads.
constexpr std::uint64_t kMostListed = 20;
constexpr std::size_t kOutputSize = 1 << 16;

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::optional<base::Seconds> time_of(std::string_view text) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  // As far as year 9999, like every other form of a time.
  if (error == std::errc() && end == text.data() + text.size() && std::abs(seconds) < 253'402'300'800) {
    return base::Seconds(std::chrono::seconds(seconds));
  }
  const auto time = base::parse_time(text);
  return time ? std::optional(*time) : std::nullopt;
}

// A missing value is not a number.
std::optional<double> value_of(std::string_view text) {
  if (text.empty()) return std::numeric_limits<double>::quiet_NaN();
  if (text.front() == '+') text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size()) return std::nullopt;
  // Too large or too small for a double.
  if (error == std::errc::result_out_of_range) return std::numeric_limits<double>::quiet_NaN();
  return error == std::errc() ? std::optional(value) : std::nullopt;
}

class Detection {
 public:
  explicit Detection(int input)
      : reader_([this, input](char* buffer, std::size_t size) { return read(input, buffer, size); }) {}

  base::Result<> play() {
    io::CsvRecord record;
    if (const auto header = reader_.next(record); !header) return base::pass_on(header);
    if (const auto found = find_columns(record); !found) return found;
    output_ = "timestamp,value,score\n";
    while (true) {
      const auto more = reader_.next(record);
      if (!more) return base::pass_on(more);
      if (!*more) break;
      play(record);
      if (output_.size() >= kOutputSize) {
        if (const auto written = flush(); !written) return written;
      }
    }
    if (rejected_ > kMostListed) std::fprintf(stderr, "and %lu more rows\n", rejected_ - kMostListed);
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

  base::Result<> find_columns(const io::CsvRecord& header) {
    for (std::size_t i = 0; i < header.fields.size(); ++i) {
      if (trimmed(header.fields[i]) == "timestamp") time_column_ = i;
      if (trimmed(header.fields[i]) == "value") value_column_ = i;
    }
    if (header.problem == nullptr && time_column_ && value_column_) return {};
    return base::fail(base::ErrorKind::invalid,
                      "line 1: a header with the columns timestamp and value is needed, not: {}",
                      base::printable(header.raw.substr(0, 100)));
  }

  void play(const io::CsvRecord& record) {
    if (record.problem != nullptr) return reject(record, record.problem);
    if (record.fields.size() <= std::max(*time_column_, *value_column_)) return reject(record, "a column is missing");
    const std::string_view time_text = trimmed(record.fields[*time_column_]);
    const std::string_view value_text = trimmed(record.fields[*value_column_]);
    const auto time = time_of(time_text);
    if (!time) return reject(record, "the timestamp can't be read");
    const auto value = value_of(value_text);
    if (!value) return reject(record, "the value is no number");
    fmt::format_to(std::back_inserter(output_), "{},{},{:.6f}\n", time_text, value_text,
                   detector_.score(*time, *value));
  }

  void reject(const io::CsvRecord& record, const char* reason) {
    if (++rejected_ > kMostListed) return;
    std::fprintf(stderr, "line %lu: %s: %s\n", record.line, reason, base::printable(record.raw.substr(0, 100)).c_str());
  }

  io::CsvReader reader_;
  StreamDetector detector_;
  std::string output_;
  std::optional<std::size_t> time_column_;
  std::optional<std::size_t> value_column_;
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
  Detection detection(csv_ == "-" ? STDIN_FILENO : file.get());
  if (const auto played = detection.play(); !played) {
    return refuse({played.error().kind, fmt::format("{}: {}", csv_, played.error().message)});
  }
  return detection.rejected() == 0 ? ExitCode::done : ExitCode::in_part;
}

}  // namespace costagent
