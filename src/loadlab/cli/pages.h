// What `loadlab serve` answers, apart from the wire: a path in, a body out.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loadlab/history/history.h"
#include "loadlab/report/history_json.h"

namespace loadlab {

struct PageAnswer {
  int status = 200;
  std::string type = "application/json";
  std::string body;
};

// {"message": …}
PageAnswer refuse(int status, std::string_view message);

// A whole run as an event, for all who follow it: of a long one it takes a tenth of a second to write.
struct WholeRun {
  std::int64_t id = 0;
  RunProgress progress;            // when it was looked at
  std::vector<TestProgress> sent;  // what stands in the event, which may be more
  std::string event;
};

// The seconds of a run, as they come: one stream's state.
class LiveRun {
 public:
  explicit LiveRun(std::int64_t id) : id_(id) {}
  // The next events of a text/event-stream, empty where nothing happened. `run` has all of it, once at the beginning
  // and whenever a test begins or ends, a point of its sweep has ended or its seconds were merged; `seconds` what has
  // come since. Cheap where nothing or little has. `last` is what one of the streams had last; all may share one.
  base::Result<std::string> next(History& history, WholeRun& last);
  // No more will come.
  bool ended() const { return ended_; }

 private:
  base::Result<std::string> whole(History& history, const RunProgress& progress, WholeRun& last);
  base::Result<std::string> seconds(History& history);

  std::int64_t id_;
  std::vector<TestProgress> sent_;  // by test
  bool begun_ = false;
  bool ended_ = false;
};

// Belongs to one thread at a time, as its history does.
class Pages {
 public:
  // What a run is compared with.
  static constexpr std::size_t kEarlier = 5;

  // What is still being worked out when `stop` is set is given up (503); it must outlive this.
  explicit Pages(History history, const std::atomic<bool>* stop = nullptr)
      : history_(std::move(history)), stop_(stop) {}

  // `target`: as in the request's first line.
  PageAnswer answer(std::string_view target);
  // Whether the answer to it may take seconds: a comparison, or trends.
  static bool takes_long(std::string_view target);
  // The run whose stream is asked for; nothing where another thing is.
  static std::optional<std::int64_t> live_run(std::string_view target);

 private:
  PageAnswer runs(std::string_view query);
  PageAnswer run(std::string_view id, bool compared);
  PageAnswer trends(std::string_view query);
  bool is_stopped() const { return stop_ && *stop_; }

  // What was last asked for: of runs that have ended nothing changes.
  struct ShownTrends {
    std::string suite;
    std::string machine;
    std::vector<std::int64_t> runs;
    std::string body;
  };

  History history_;
  const std::atomic<bool>* stop_;
  ShownTrends trends_;
};

}  // namespace loadlab
