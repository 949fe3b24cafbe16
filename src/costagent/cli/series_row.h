// Rows of a series in CSV: a time and a value, as `costagent detect` and `costagent forecast` read them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "io/csv_reader.h"

namespace costagent {

// Where the columns `timestamp` and `value` are.
struct SeriesColumns {
  std::size_t time = 0;
  std::size_t value = 0;
};

// By the file's first record: both names once, in any order and in letters of either case, beside any others. Fails
// (invalid) on anything else, naming what is there; `name` is what the message calls the file.
base::Result<SeriesColumns> series_columns(const std::string& name, const io::CsvRecord& header);

// Without blanks at both ends.
std::string_view trimmed(std::string_view text);

// Seconds since 1970, as far as year 9999, or any form that base::parse_time reads.
base::Result<base::Seconds> series_time(std::string_view text);

// NaN for what is missing: an empty one, nan, inf, or one too large for a double. None for what is no number.
std::optional<double> series_value(std::string_view text);

// How a file writes its times, so that an answer writes its own alike.
struct TimeForm {
  bool epoch = false;    // seconds since 1970
  bool day = false;      // without a clock, where it is midnight
  bool seconds = true;   // HH:MM:SS, or HH:MM where they are 0
  char separator = ' ';  // of day and clock
  std::string zone;      // after the clock, as it stands there: `Z`, `+02:00`; nothing is UTC
  std::chrono::seconds offset{0};
};

// Of a text that series_time reads as `time`.
TimeForm form_of(std::string_view text, base::Seconds time);
std::string time_text(base::Seconds time, const TimeForm& form);

// Lines of which the first few are named.
class NamedLines {
 public:
  static constexpr std::size_t kNamed = 5;

  // Whether it is one of those that are named.
  bool add(std::uint64_t line);
  std::uint64_t count() const { return count_; }
  std::uint64_t unnamed() const { return count_ - lines_.size(); }
  std::string text() const;  // lines 3, 4, 9 and 12 more

 private:
  std::vector<std::uint64_t> lines_;
  std::uint64_t count_ = 0;
};

}  // namespace costagent
