#include "loadlab/cli/trends.h"

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "loadlab/history/baseline.h"

namespace loadlab {
namespace {

// The trends that are worth a plot: the whole test's.
constexpr const char* kWhole[] = {"requests_per_second",  "error_rate_percent",   "p50_response_time_ms",
                                  "p95_response_time_ms", "p99_response_time_ms", "cpu_ms_per_request",
                                  "peak_memory_mb"};

// Of benchmarks, and of a sweep's points; more plots of one test nobody looks through.
constexpr std::string_view kSampled[] = {"cpu_time_ms", "requests_per_second", "p95_response_time_ms"};
constexpr std::size_t kMostSampled = 40;

// A test that was not played for so many runs is no longer one of the suite.
constexpr std::size_t kNewest = 50;

// A test through its runs, the newest first.
struct TestRuns {
  std::vector<History::Place> places;
  std::vector<const RunRecord*> runs;
};

class TrendReader {
 public:
  // All must outlive it; the runs are those of one machine.
  TrendReader(History& history, std::vector<const RunRecord*> runs, const std::atomic<bool>* stop)
      : history_(history), runs_(std::move(runs)), stop_(stop) {}

  base::Result<std::vector<FigureTrend>> read() {
    std::map<std::string, TestRuns> tests;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      for (const TestRecord& test : runs_[i]->tests) {
        if (!is_usable(test)) continue;
        TestRuns& one = tests[test.name];
        if (one.runs.empty() && i < kNewest) names.push_back(test.name);
        one.places.push_back({runs_[i]->id, test.number});
        one.runs.push_back(runs_[i]);
      }
    }
    for (const std::string& name : names) {
      if (stop_ && *stop_) return base::fail(base::ErrorKind::unavailable, "it is being stopped");
      if (const auto added = add(name, tests[name]); !added) return base::pass_on(added);
    }
    return std::move(trends_);
  }

 private:
  base::Result<> add(const std::string& test, const TestRuns& runs) {
    for (const char* name : kWhole) {
      if (const auto added = add(test, runs, {"", name, 0}, name); !added) return added;
    }
    const auto newest = record_of(runs.places.front());
    if (!newest) return base::pass_on(newest);
    std::size_t added = 0;
    for (const Figure& figure : (*newest)->figures) {
      const bool wanted = std::find(std::begin(kSampled), std::end(kSampled), figure.name) != std::end(kSampled);
      // A step of a load has such figures too, but no repetitions of them.
      if (!wanted || added == kMostSampled || samples_of(**newest, figure).empty()) continue;
      if (const auto one = add(test, runs, figure, figure.step + ": " + figure.name); !one) return one;
      ++added;
    }
    return {};
  }

  base::Result<> add(const std::string& test, const TestRuns& runs, const Figure& figure, const std::string& name) {
    const auto values = history_.values(runs.places, figure);
    if (!values) return base::pass_on(values);
    FigureTrend trend{test, name, {}};
    for (std::size_t i = values->size(); i-- > 0;) {
      const RunRecord& run = *runs.runs[i];
      if ((*values)[i]) trend.points.push_back({run.id, run.started, run.commit, run.verdict, *(*values)[i]});
    }
    if (!trend.points.empty()) trends_.push_back(std::move(trend));
    return {};
  }

  // Most tests were played last in the same run, which is read once.
  base::Result<const TestRecord*> record_of(const History::Place& place) {
    if (!read_ || read_->id != place.run) {
      auto run = history_.run(place.run, false);
      if (!run) return base::pass_on(run);
      read_ = std::move(*run);
    }
    for (std::size_t i = 0; read_ && i < read_->tests.size(); ++i) {
      if (read_->tests[i].number == place.test) return &read_->tests[i];
    }
    return base::fail(base::ErrorKind::corrupt, "run {} has no test {} any more", place.run, place.test);
  }

  History& history_;
  std::vector<const RunRecord*> runs_;
  const std::atomic<bool>* stop_;
  std::optional<RunRecord> read_;
  std::vector<FigureTrend> trends_;
};

}  // namespace

bool is_of_trends(const RunRecord& run) { return run.state == RunState::ended && !run.interrupted; }

base::Result<SuiteTrends> trends_of(History& history, std::span<const RunRecord> runs, const std::string& machine,
                                    const std::atomic<bool>* stop) {
  SuiteTrends trends;
  trends.machine = machine;
  std::vector<const RunRecord*> chosen;
  for (const RunRecord& run : runs) {
    if (!is_of_trends(run)) continue;
    std::string own = fingerprint(run.machine);
    if (trends.machine.empty()) trends.machine = own;
    if (own == trends.machine) chosen.push_back(&run);
    if (std::find(trends.machines.begin(), trends.machines.end(), own) == trends.machines.end())
      trends.machines.push_back(std::move(own));
  }
  auto figures = TrendReader(history, std::move(chosen), stop).read();
  if (!figures) return base::pass_on(figures);
  trends.figures = std::move(*figures);
  return trends;
}

}  // namespace loadlab
