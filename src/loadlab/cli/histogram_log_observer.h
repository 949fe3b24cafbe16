// Writes every second of a run to a log that HdrHistogram's tools read (stats/histogram_log.h): a line for each test
// and time, tagged `response_time`, `service_time`, `connection_wait`, `send_lag`; in a suite of several tests behind
// the test's name, as in `normal_load/response_time`. A line's interval is its second of the test, whole.
#pragma once

#include <optional>

#include "loadlab/cli/output_file.h"
#include "loadlab/session/suite.h"

namespace loadlab {

// Nothing of a second is kept after it was written. Stands before another observer, which is told of everything too.
class HistogramLogObserver final : public SuiteObserver {
 public:
  // Without a file it writes nothing. `next` must outlive it.
  HistogramLogObserver(std::optional<OutputFile> file, base::UtcTime start, SuiteObserver& next);

  void test_begins(const Test& test, std::size_t index, std::size_t count) override;
  void part_begins(const Test& test, const std::string& name, std::size_t index, std::size_t count) override {
    next_.part_begins(test, name, index, count);
  }
  void part_ended(const Test& test, const SweepPointResult& so_far) override { next_.part_ended(test, so_far); }
  void second_passed(const Test& test, const TestResult& so_far, const Timings& second) override;
  void test_ended(const TestResult& result) override;

  // Gives the file its name. Fails with the first thing that went wrong since the beginning; the load went on without.
  base::Result<> finish();

 private:
  void append(const std::string& text);

  std::optional<OutputFile> file_;
  base::UtcTime start_;
  SuiteObserver& next_;
  std::string prefix_;  // of the tags
  base::Result<> written_;
};

}  // namespace loadlab
