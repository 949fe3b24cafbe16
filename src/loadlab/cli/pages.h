// What `loadlab serve` answers, apart from the wire: a path in, a body out.
#pragma once

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

// The seconds of a run, as they come: one stream's state.
class LiveRun {
 public:
  explicit LiveRun(std::int64_t id) : id_(id) {}
  // The next events of a text/event-stream, empty where nothing happened. `run` has all of it, once at the beginning
  // and whenever a test begins or ends or its seconds were merged; `seconds` what has come since.
  base::Result<std::string> next(History& history);
  // No more will come.
  bool ended() const { return ended_; }

 private:
  std::int64_t id_;
  std::vector<std::size_t> sent_;  // blocks of each test
  std::size_t tests_ended_ = 0;
  bool begun_ = false;
  bool ended_ = false;
};

class Pages {
 public:
  // What a run is compared with.
  static constexpr std::size_t kEarlier = 5;

  explicit Pages(History history) : history_(std::move(history)) {}

  // `target`: as in the request's first line.
  PageAnswer answer(std::string_view target);
  // The run whose stream is asked for; nothing where another thing is.
  static std::optional<std::int64_t> live_run(std::string_view target);
  History& history() { return history_; }

 private:
  PageAnswer runs(std::string_view query);
  PageAnswer run(std::string_view id, bool compared);
  PageAnswer trends(std::string_view query);
  // Of what a test has repetitions of, by benchmark or point.
  base::Result<> add_sampled_trends(const std::string& suite, const RunRecord& newest, const std::string& name,
                                    std::vector<FigureTrend>& trends);

  History history_;
};

}  // namespace loadlab
