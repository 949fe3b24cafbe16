// The memory of runs: one SQLite file that a run writes to while it is played, and others read meanwhile.
//
// A run that is killed at any moment leaves a history that opens, with all of its seconds but the last few: every
// second is a transaction of its own, and the write-ahead log is not forced to the disk before a test ends. Who plays a
// run says every second that it is still there; one that has been silent for kSilence was killed.
//
// One History belongs to one thread at a time; several processes may have the same file open. Errors are io/sqlite.h's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "loadlab/history/baseline.h"
#include "loadlab/history/record.h"

namespace loadlab {

class History {
 public:
  static constexpr std::chrono::seconds kSilence{15};
  // Of a test. Beyond, each two neighbours become one: a test of a week takes no more room than one of half an hour,
  // and a plot has no more points than a screen.
  static constexpr std::size_t kMostBlocks = 1800;
  // What a list gives at most.
  static constexpr std::size_t kMostRuns = 1000;

  // Opens the file, or makes it. Fails with `corrupt` when it isn't a history, or one of a newer loadlab's: it is then
  // left as it is. The clock must outlive it.
  static base::Result<History> open(const std::string& path, const base::Clock& clock);
  // Of a file that must be there.
  static base::Result<History> open_existing(const std::string& path, const base::Clock& clock);
  History(History&& other) noexcept;
  History& operator=(History&& other) noexcept;
  ~History();

  // Writing, in this order. `begin_run` gives the run's id.
  base::Result<std::int64_t> begin_run(const RunHead& head);
  base::Result<> begin_test(std::int64_t run, std::size_t number, const std::string& name,
                            const std::string& load_digest = "");
  // What was written of the test, as if it had not begun: it is played again.
  base::Result<> forget_test(std::int64_t run, std::size_t number);
  base::Result<> add_second(std::int64_t run, std::size_t number, const Block& second);
  // The warm-up, verdict, figures; a test that could not be carried out needs no `begin_test`.
  base::Result<> end_test(std::int64_t run, std::size_t number, const TestResult& test);
  // `summary`: what `--json` writes, kept as it is.
  base::Result<> end_run(std::int64_t run, const RunResult& result, const std::string& summary);

  // The newest first, without figures and blocks. Empty filters let all pass.
  struct Filter {
    std::string suite;
    std::size_t limit = 50;   // at most kMostRuns
    std::int64_t before = 0;  // only runs with lower ids; 0: all
  };
  base::Result<std::vector<RunRecord>> runs(const Filter& filter);
  // With all figures, and with the blocks if `with_blocks`. Nothing where there is none.
  base::Result<std::optional<RunRecord>> run(std::int64_t id, bool with_blocks);
  // What a run is compared with: for each of its tests the newest `count` before it, of the same suite, on a machine
  // like its (`fingerprint`) and with the same load, that were carried out to their end and are trusted. Looks through
  // the newest kMostRuns.
  base::Result<Baseline> comparable(const RunRecord& run, std::size_t count);
  base::Result<std::string> summary(std::int64_t id);  // empty: the run has not ended

  // One figure over all ended runs of a suite, oldest first, at most the newest kMostRuns.
  struct Point {
    std::int64_t run = 0;
    base::UtcTime started;
    std::string commit;
    std::string machine;  // fingerprint
    Verdict verdict = Verdict::pass;
    double value = 0;
  };
  base::Result<std::vector<Point>> trend(const std::string& suite, const std::string& test, const Figure& of);

 private:
  struct Parts;
  explicit History(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace loadlab
