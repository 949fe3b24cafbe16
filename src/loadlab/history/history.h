// The memory of runs: one SQLite file that a run writes to while it is played, and others read meanwhile.
//
// A run that is killed at any moment leaves a history that opens, with all of its seconds but the last few: every
// second is a transaction of its own, and the write-ahead log is not forced to the disk before a test ends. Who plays a
// run says every few seconds that it is still there; one that has been silent for kSilence was killed.
//
// A file grows by the figures and blocks of each test, which have a bound, and by each run's summary, which has a line
// a second of every test: packed, some 150 bytes.
//
// One History belongs to one thread at a time; several processes may have the same file open. Errors are io/sqlite.h's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
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
  // Of a summary, packed: some thirty hours of tests. A longer one is left out.
  static constexpr std::size_t kMostSummary = 16'000'000;

  // Opens the file, or makes it. Fails with `corrupt` when it isn't a history, or one of a newer loadlab's: it is then
  // left as it is. The clock must outlive it.
  static base::Result<History> open(const std::string& path, const base::Clock& clock);
  // To read it only: nothing is made or changed, and writing fails. Fails with `not_found` where there is no file, or
  // an empty one. The file need not be one that may be written, nor its folder: what another process writes is seen all
  // the same, in the next call.
  static base::Result<History> open_existing(const std::string& path, const base::Clock& clock);
  History(History&& other) noexcept;
  History& operator=(History&& other) noexcept;
  ~History();

  // Writing, in this order. `begin_run` gives the run's id.
  base::Result<std::int64_t> begin_run(const RunHead& head);
  // It is being played, though nothing is to be written: at any time between. Of a run that has ended nothing changes.
  base::Result<> see(std::int64_t run);
  base::Result<> begin_test(std::int64_t run, std::size_t number, const std::string& name,
                            const std::string& load_digest = "");
  // What was written of the test, as if it had not begun: it is played again.
  base::Result<> forget_test(std::int64_t run, std::size_t number);
  base::Result<> add_second(std::int64_t run, std::size_t number, const Block& second);
  // What is known of a point of a sweep so far.
  base::Result<> add_point(std::int64_t run, std::size_t number, const SweepPointResult& point);
  // The warm-up, verdict, figures; a test that could not be carried out needs no `begin_test`.
  base::Result<> end_test(std::int64_t run, std::size_t number, const TestResult& test);
  // `summary`: what `--json` writes, kept to the letter.
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
  base::Result<std::string> summary(std::int64_t id);  // empty: the run has not ended, or it was too long

  // One figure of tests of several runs, in their order; nothing of a test that doesn't have it.
  struct Place {
    std::int64_t run = 0;
    std::size_t test = 0;  // its number
  };
  base::Result<std::vector<std::optional<double>>> values(std::span<const Place> tests, const Figure& of);

  // How far a run has come, at little cost. Nothing where there is none.
  base::Result<std::optional<RunProgress>> progress(std::int64_t id);
  // Of a test, from a place on.
  base::Result<std::vector<Block>> blocks(std::int64_t run, std::size_t number, std::size_t from);

 private:
  struct Parts;
  explicit History(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace loadlab
