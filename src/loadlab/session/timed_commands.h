// Runs commands at their times within a load.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "loadlab/plan/surroundings.h"
#include "loadlab/session/shell_command.h"

namespace loadlab {

// One that was run, with what became of it.
struct TimedOutcome {
  const TimedCommand* plan = nullptr;
  base::Nanoseconds begun{0};  // by the machine's monotonic clock
  CommandOutcome outcome;
};

// A thread of its own starts them and awaits them. What it is given must outlive it.
class TimedCommands {
 public:
  // `place_of` gives the place of the command with that index, on the calling thread, before anything runs.
  TimedCommands(const std::vector<TimedCommand>& commands, const std::function<CommandPlace(std::size_t)>& place_of,
                base::Nanoseconds begin, const std::atomic<bool>& stop);
  TimedCommands(const TimedCommands&) = delete;
  TimedCommands& operator=(const TimedCommands&) = delete;
  ~TimedCommands();

  // Starts no more, awaits those that run, within their own times, and gives all that were run, by their begin. What
  // they left in the background goes to `left`.
  std::vector<TimedOutcome> finish(std::vector<StartedCommand>& left);

 private:
  struct Running {
    std::size_t index;
    base::Nanoseconds begun;
    ShellCommand command;
  };

  void run();
  void start_due();
  void await_running();
  bool wait();  // false: the load is over

  const std::vector<TimedCommand>& commands_;
  const std::atomic<bool>& stop_;
  base::Nanoseconds begin_;
  std::vector<CommandPlace> places_;
  std::vector<std::size_t> due_;  // by index, the next one last
  std::vector<Running> running_;
  std::vector<TimedOutcome> outcomes_;
  std::vector<StartedCommand> left_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;  // under the mutex; everything else is the thread's until it is joined
  std::thread thread_;
};

}  // namespace loadlab
