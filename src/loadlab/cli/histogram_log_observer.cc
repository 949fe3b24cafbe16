#include "loadlab/cli/histogram_log_observer.h"

#include <algorithm>

#include "loadlab/result/version.h"
#include "stats/histogram_log.h"

namespace loadlab {

HistogramLogObserver::HistogramLogObserver(std::optional<OutputFile> file, base::UtcTime start, SuiteObserver& next)
    : file_(std::move(file)), start_(start), next_(next) {
  append(stats::log_header(std::string("loadlab ") + kVersion, start_));
}

void HistogramLogObserver::test_begins(const Test& test, std::size_t index, std::size_t count) {
  prefix_ = count > 1 ? stats::log_tag(test.name) + "/" : "";
  next_.test_begins(test, index, count);
}

void HistogramLogObserver::second_passed(const Test& test, const TestResult& so_far, const Timings& second) {
  const base::Nanoseconds since_start = std::max(so_far.started - start_, base::Nanoseconds{0});
  const base::Nanoseconds begins = since_start + std::chrono::seconds(so_far.series.back().index);
  const std::pair<const char*, const stats::Histogram&> times[] = {{"response_time", second.response},
                                                                   {"service_time", second.service},
                                                                   {"connection_wait", second.connection_wait},
                                                                   {"send_lag", second.send_lag}};
  for (const auto& [name, histogram] : times) {
    if (file_) append(stats::log_line(prefix_ + name, begins, std::chrono::seconds(1), histogram));
  }
  next_.second_passed(test, so_far, second);
}

void HistogramLogObserver::test_ended(const TestResult& result) { next_.test_ended(result); }

base::Result<> HistogramLogObserver::finish() {
  if (file_ && written_) written_ = file_->keep();
  return written_;
}

void HistogramLogObserver::append(const std::string& text) {
  if (file_ && written_) written_ = file_->append(text);
}

}  // namespace loadlab
