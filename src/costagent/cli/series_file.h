// A series of values in a CSV file, as `costagent forecast` reads it.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "costagent/analyze/timeline.h"
#include "costagent/cli/series_row.h"
#include "io/csv_reader.h"

namespace costagent {

struct SeriesFile {
  Timeline timeline;
  std::vector<double> values;  // one a step; NaN where the file has none
  TimeForm form;               // of its last row
  NamedLines repeated;         // lines whose time is that of the row before: of those the last value counts
};

// Ten years of values every five minutes: what is kept in memory is some 200 bytes of each.
inline constexpr std::size_t kMostSeriesValues = 1'100'000;

// A header with the columns timestamp and value (series_row.h), and rows: an empty value, or nan, is a gap, and so is a
// step that has no row. Steps are all the same, from 5 minutes to a day, and times don't fall. Fails as the source
// does, and with `invalid`, naming the line, on anything else; `name` is what the messages call the file.
base::Result<SeriesFile> read_series(const std::string& name, io::CsvReader::Source source);

}  // namespace costagent
