#include "loadlab/engine/engine.h"

#include <algorithm>
#include <deque>
#include <limits>
#include <map>
#include <system_error>
#include <thread>

#include "loadlab/engine/worker.h"
#include "loadlab/protocol/reach.h"

namespace loadlab {
namespace {

using base::Nanoseconds;

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr double kNanosecondsPerMs = 1e6;

// Long enough for the threads to be up before the first planned start, short enough that nobody notices.
constexpr Nanoseconds kLead = std::chrono::milliseconds(20);

double seconds_of(Nanoseconds time) { return std::chrono::duration<double>(time).count(); }

double milliseconds(std::uint64_t nanoseconds) { return static_cast<double>(nanoseconds) / kNanosecondsPerMs; }

// Puts the workers' deliveries together: totals at once, and each second once the last worker has reported it.
class Collector {
 public:
  Collector(TestResult& result, std::size_t workers) : result_(result), latest_(workers, -1), last_users_(workers) {
    result_.generator.worker_percents.resize(workers);
  }

  void take(const Delivery& delivery) {
    const Recorder& recorder = *delivery.recorder;
    Pending& pending = pending_[delivery.second];
    for (std::size_t i = 0; i < recorder.steps.size(); ++i) {
      const Tally& tally = recorder.steps[i];
      result_.steps[i].tally.merge(tally);
      result_.total.merge(tally);
      pending.add(tally);
    }
    for (std::size_t i = 0; i < recorder.groups.size(); ++i) result_.groups[i].tally.merge(recorder.groups[i]);
    for (std::size_t i = 0; i < recorder.stages.size(); ++i) result_.stages[i].tally.merge(recorder.stages[i]);
    result_.warm_up.merge(recorder.warm_up);
    result_.user_setup.merge(recorder.user_setup);
    result_.user_teardown.merge(recorder.user_teardown);
    pending.add(recorder.warm_up);
    result_.openings.merge(recorder.openings);
    result_.iterations += recorder.iterations;
    result_.dropped_iterations += recorder.dropped;
    pending.dropped += recorder.dropped;
    pending.busiest = std::max(pending.busiest, delivery.busy);
    last_users_[delivery.worker] = delivery.users;
    latest_[delivery.worker] = delivery.last ? std::numeric_limits<int>::max() : delivery.second;
    last_answer_ = std::max(last_answer_, delivery.last_answer);
    last_delivery_ = std::max(last_delivery_, delivery.at);
    Generator& generator = result_.generator;
    generator.worker_percents[delivery.worker] = 100 * delivery.busy_overall;
    generator.late_wakes += recorder.late_wakes;
    generator.latest_wake = std::max(generator.latest_wake, recorder.latest_wake);
  }

  // Appends the seconds that are whole now to the series, calling `each` with its times after every one.
  template <class Each>
  void close_seconds(Each each) {
    const int whole = *std::min_element(latest_.begin(), latest_.end());
    while (!pending_.empty() && pending_.begin()->first <= whole) {
      append(pending_.begin()->first, pending_.begin()->second);
      each(pending_.begin()->second.timings);
      pending_.erase(pending_.begin());
    }
  }

  bool finished() const {
    return std::all_of(latest_.begin(), latest_.end(),
                       [](int second) { return second == std::numeric_limits<int>::max(); });
  }
  Nanoseconds last_answer() const { return last_answer_; }
  Nanoseconds last_delivery() const { return last_delivery_; }

 private:
  struct Pending {
    std::uint64_t requests = 0;
    std::uint64_t errors = 0;
    std::uint64_t unanswered = 0;
    std::uint64_t dropped = 0;
    double busiest = 0;
    Timings timings;

    void add(const Tally& tally) {
      requests += tally.requests;
      errors += tally.failed;
      for (const auto& [fault, count] : tally.faults) unanswered += is_answer(fault) ? 0 : count;
      timings.merge(tally.timings);
    }
  };

  void append(int index, const Pending& pending) {
    Second second;
    second.index = index;
    for (const int users : last_users_) second.users += users;
    second.requests = pending.requests;
    second.errors = pending.errors;
    second.unanswered = pending.unanswered;
    second.dropped = pending.dropped;
    // A second without an answer has no response time: a gap, not a zero.
    const stats::Histogram& response = pending.timings.response;
    const bool any = response.count() > 0;
    second.response_p50_ms = any ? milliseconds(response.percentile(50)) : kUnknown;
    second.response_p95_ms = any ? milliseconds(response.percentile(95)) : kUnknown;
    second.response_p99_ms = any ? milliseconds(response.percentile(99)) : kUnknown;
    second.response_max_ms = any ? milliseconds(response.max()) : kUnknown;
    second.send_lag_max_ms = any ? milliseconds(pending.timings.send_lag.max()) : kUnknown;
    second.generator_percent = 100 * pending.busiest;
    second.cpu_percent = second.memory_mb = second.descriptors = kUnknown;
    result_.max_users = std::max(result_.max_users, static_cast<int>(second.users));
    result_.series.push_back(second);
  }

  TestResult& result_;
  std::vector<int> latest_;  // the last second that each worker has reported
  std::vector<int> last_users_;
  std::map<int, Pending> pending_;
  Nanoseconds last_answer_{0};
  Nanoseconds last_delivery_{0};
};

// Every stage of every load, if any load has more than one.
std::vector<StageResult> stages_of(const Test& test) {
  std::vector<StageResult> stages;
  for (const Load& load : test.loads) {
    Nanoseconds begin = load.start;
    double before = 0;
    for (const Stage& stage : load.profile().stages()) {
      StageResult result;
      const bool moves = stage.ramp.count() > 0 && before != stage.level;
      result.name = fmt::format("{}{}{:g}{}", load.name.empty() ? "" : load.name + ": ",
                                moves ? fmt::format("{:g} to ", before) : "", stage.level,
                                load.is_open()     ? "/s"
                                : stage.level == 1 ? " user"
                                                   : " users");
      result.begin_seconds = seconds_of(begin);
      begin += stage.duration;
      result.end_seconds = seconds_of(begin);
      (load.is_open() ? result.rate : result.users) = stage.level;
      before = stage.level;
      stages.push_back(std::move(result));
    }
  }
  return stages.size() > test.loads.size() ? stages : std::vector<StageResult>();
}

class Threads {
 public:
  ~Threads() {
    for (std::thread& thread : threads_) thread.join();
  }
  base::Result<> start(Worker& worker) {
    try {
      threads_.emplace_back([&worker] { worker.run(); });
    } catch (const std::system_error& error) {
      return base::fail(base::ErrorKind::io, "a worker thread can't be started: {}", error.what());
    }
    return {};
  }

 private:
  std::vector<std::thread> threads_;
};

}  // namespace

int default_workers(const Test& test, int cores) {
  int most = 0;
  for (const Load& load : test.loads) most = std::max(most, load.is_open() ? cores : load.most_users());
  return std::clamp(cores / 2, 1, std::max(1, most));
}

base::Result<TestResult> run_load(const Test& test, const base::Clock& clock, const std::atomic<bool>& stop,
                                  const OnSecond& on_second, const std::vector<std::string>& setup_values,
                                  ValueSources& values) {
  const auto reached = reach(test);
  if (!reached) return base::pass_on(reached);

  const int cores = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  const int workers = test.threads.value_or(default_workers(test, cores));
  const Script script(test);
  TestResult result;
  result.name = test.name;
  result.target = test.target.text;
  for (const Address& address : reached->destination.addresses) result.addresses.push_back(address.to_string());
  result.resolving = reached->resolving;
  result.planned_seconds = seconds_of(test.duration());
  result.warm_up_seconds = seconds_of(test.warm_up);
  result.workers = workers;
  result.checks = script.check_names();
  for (const std::string& name : script.tally_names()) result.steps.push_back({name, Tally()});
  for (const std::string& name : script.group_names()) result.groups.push_back({name, GroupTally()});
  result.stages = stages_of(test);

  std::atomic<bool> stop_workers = false;
  HandOver hand_over(static_cast<std::size_t>(workers),
                     {result.steps.size(), result.groups.size(), result.stages.size()});
  std::deque<SharedCount> iterations_taken(test.loads.size());
  const Nanoseconds start = base::SystemClock::monotonic_now() + kLead;
  result.started = clock.utc() + kLead;
  result.started_monotonic = start;
  const WorkerPlan plan{test,      script,           reached->destination, start, stop_workers,
                        hand_over, iterations_taken, setup_values,         values};

  std::vector<std::unique_ptr<Worker>> crew;
  for (int part = 0; part < workers; ++part) {
    auto worker = Worker::create(plan, {part, workers});
    if (!worker) return base::pass_on(worker);
    crew.push_back(std::move(*worker));
  }
  Collector collector(result, crew.size());
  {
    Threads threads;
    for (const auto& worker : crew) {
      if (const auto started = threads.start(*worker); !started) {
        stop_workers = true;
        return base::pass_on(started);
      }
    }
    while (!collector.finished()) {
      if (stop.load(std::memory_order_relaxed)) stop_workers = true;
      auto delivery = hand_over.receive(std::chrono::milliseconds(50));
      if (!delivery) continue;
      collector.take(*delivery);
      hand_over.give_back(std::move(delivery->recorder));
      collector.close_seconds([&](const Timings& second) {
        if (!on_second(result, second)) stop_workers = true;
      });
    }
  }
  const Nanoseconds end =
      std::max(collector.last_answer(), std::min(collector.last_delivery(), start + test.duration()));
  result.seconds = seconds_of(end - start);
  result.stopped = fmt::format("{}", fmt::join(values.endings(), "; "));
  result.notes = values.shortages();
  return result;
}

base::Result<TestResult> run_load(const Test& test, const base::Clock& clock, const std::atomic<bool>& stop,
                                  const OnSecond& on_second) {
  ValueSources values(test, clock);
  return run_load(test, clock, stop, on_second, {}, values);
}

}  // namespace loadlab
