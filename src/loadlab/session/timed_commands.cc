#include "loadlab/session/timed_commands.h"

#include <algorithm>

namespace loadlab {
namespace {

using base::Nanoseconds;
using base::SystemClock;

// While something runs, or an interrupt is to be noticed.
constexpr Nanoseconds kBetweenLooks = std::chrono::milliseconds(20);

}  // namespace

TimedCommands::TimedCommands(const std::vector<TimedCommand>& commands,
                             const std::function<CommandPlace(std::size_t)>& place_of, Nanoseconds begin,
                             const std::atomic<bool>& stop)
    : commands_(commands), stop_(stop), begin_(begin) {
  for (std::size_t i = 0; i < commands.size(); ++i) {
    places_.push_back(place_of(i));
    due_.push_back(i);
  }
  std::stable_sort(due_.begin(), due_.end(),
                   [&](std::size_t a, std::size_t b) { return commands_[a].time > commands_[b].time; });
  thread_ = std::thread([this] { run(); });
}

TimedCommands::~TimedCommands() {
  std::vector<StartedCommand> left;
  finish(left);
}

std::vector<TimedOutcome> TimedCommands::finish(std::vector<StartedCommand>& left) {
  if (thread_.joinable()) {
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  std::move(left_.begin(), left_.end(), std::back_inserter(left));
  left_.clear();
  std::sort(outcomes_.begin(), outcomes_.end(), [](const auto& a, const auto& b) { return a.begun < b.begun; });
  return std::move(outcomes_);
}

void TimedCommands::run() {
  while (wait()) {
    start_due();
    await_running();
  }
  while (!running_.empty()) {
    await_running();
    if (!running_.empty()) std::this_thread::sleep_for(kBetweenLooks);
  }
}

bool TimedCommands::wait() {
  std::unique_lock lock(mutex_);
  if (over_ || stop_) return false;
  const Nanoseconds now = SystemClock::monotonic_now();
  Nanoseconds pause = kBetweenLooks;
  if (!due_.empty()) pause = std::clamp(begin_ + commands_[due_.back()].time - now, Nanoseconds(0), kBetweenLooks);
  changed_.wait_for(lock, pause);
  return !over_ && !stop_;
}

void TimedCommands::start_due() {
  while (!due_.empty() && begin_ + commands_[due_.back()].time <= SystemClock::monotonic_now()) {
    const std::size_t index = due_.back();
    due_.pop_back();
    const Nanoseconds begun = SystemClock::monotonic_now();
    auto started = ShellCommand::start(commands_[index].command, places_[index]);
    if (started) {
      running_.push_back({index, begun, std::move(*started)});
    } else {
      TimedOutcome outcome{&commands_[index], begun, {}};
      outcome.outcome.ending = "can't be started";
      outcomes_.push_back(std::move(outcome));
    }
  }
}

void TimedCommands::await_running() {
  std::vector<Running> still;
  for (Running& one : running_) {
    auto outcome = one.command.poll(stop_);
    if (!outcome) {
      still.push_back(std::move(one));
      continue;
    }
    outcomes_.push_back({&commands_[one.index], one.begun, std::move(*outcome)});
    StartedCommand& processes = one.command.processes();
    if (processes.pid() != 0 && processes.is_group_left()) left_.push_back(std::move(processes));
  }
  running_.clear();
  for (Running& one : still) running_.push_back(std::move(one));
}

}  // namespace loadlab
