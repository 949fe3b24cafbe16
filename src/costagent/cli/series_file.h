// A series of values in a CSV file, as `costagent forecast` reads it.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "costagent/analyze/timeline.h"
#include "io/csv_reader.h"

namespace costagent {

// How the file writes its times, so that the answer writes its own alike.
enum class TimeForm { day, space, letter_t, epoch };

struct SeriesFile {
  Timeline timeline;
  std::vector<double> values;  // one a step; NaN where the file has none
  TimeForm form = TimeForm::day;
};

// Ten years of values every five minutes: what is kept in memory is some 200 bytes of each.
inline constexpr std::size_t kMostSeriesValues = 1'100'000;

// Two columns, timestamp and value, with a line of their names or without one; an empty value, or nan, is a gap, and so
// is a step that has no line. Steps are all the same, from 5 minutes to a day, and times rise. Fails as the source
// does, and with `invalid`, naming the line, on anything else; `name` is what the messages call the file.
base::Result<SeriesFile> read_series(const std::string& name, io::CsvReader::Source source);

// As the file would write it.
std::string time_text(base::Seconds time, TimeForm form);

}  // namespace costagent
