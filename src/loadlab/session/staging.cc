#include "loadlab/session/staging.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "loadlab/engine/errand.h"
#include "loadlab/plan/load_plan.h"
#include "loadlab/session/shell_command.h"
#include "loadlab/session/timed_commands.h"

namespace loadlab {
namespace {

using base::ErrorKind;
using base::fail;
using base::Nanoseconds;
using base::SystemClock;

// Between two questions whether a process is ready: short beside any start, and no load.
constexpr auto kBetweenQuestions = std::chrono::milliseconds(50);
// For one answer, as the question is asked again.
constexpr Nanoseconds kPatienceForAnswer = std::chrono::seconds(2);

// What has to be cleaned up is cleaned up after an interrupt, too.
const std::atomic<bool> kNever = false;

double seconds_of(Nanoseconds time) { return std::chrono::duration<double>(time).count(); }

// `port` becomes `LOADLAB_PORT_PORT=8080`.
std::string variable(std::string_view kind, std::string name, const std::string& value) {
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::toupper(c); });
  return fmt::format("LOADLAB_{}_{}={}", kind, name, value);
}

std::string printed(const std::string& log) {
  const std::string lines = last_lines_of(log);
  return lines.empty() ? "It printed nothing." : "The last it printed:\n" + lines;
}

}  // namespace

Staging::Staging(const Surroundings& around, const Test& test, const Staging* outer, const std::atomic<bool>& stop)
    : around_(around), test_(test), outer_(outer), stop_(stop) {}

Staging::~Staging() { take_down(); }

base::Result<> Staging::make_folder() {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path parent = fs::absolute(fs::temp_directory_path(error), error);
  std::string path = (parent / "loadlab-XXXXXX").string();
  if (error || ::mkdtemp(path.data()) == nullptr)
    return fail(ErrorKind::io, "no folder for temporary files can be made in {}", parent.string());
  folder_ = path + "/";
  if (!outer_) environment_.push_back("LOADLAB_SUITE_DIR=" + path);
  if (outer_) environment_.push_back("LOADLAB_TEST=" + test_.name);
  environment_.push_back("LOADLAB_DIR=" + path);
  environment_.push_back("LOADLAB_TARGET=" + test_.target.text);
  for (const auto& [name, port] : around_.ports) environment_.push_back(variable("PORT", name, std::to_string(port)));
  if (outer_) inherit(outer_->environment_);
  return {};
}

// What stands in an environment twice is read by some as the first and by others as the last.
void Staging::inherit(const std::vector<std::string>& outer) {
  for (const std::string& variable : outer) {
    const std::string name = variable.substr(0, variable.find('=') + 1);
    const auto own = std::find_if(environment_.begin(), environment_.end(),
                                  [&](const std::string& known) { return known.starts_with(name); });
    if (own == environment_.end()) environment_.push_back(variable);
  }
}

base::Result<> Staging::set_up() {
  if (around_.empty() && !test_.benchmark) return {};
  // What the suite has started is none of them.
  earlier_ = outer_ && outer_->earlier_ ? *outer_->earlier_ : EarlierListeners::now();
  if (auto made = make_folder(); !made) return made;
  for (const Command& command : around_.before) {
    const CommandOutcome outcome = run(command);
    if (!outcome.ended_well()) return fail(ErrorKind::unavailable, "{}", outcome.sentence("before", command.shown));
  }
  for (const StartedProcess& process : around_.start) {
    if (auto started = start(process); !started) return started;
  }
  return {};
}

base::Result<> Staging::start(const StartedProcess& process) {
  if (process.ready && !process.ready->is_command()) {
    const Url asked = asked_of(*process.ready);
    if (earlier_->still_listen_at(asked)) {
      return fail(ErrorKind::unavailable, "start: '{}' was not started: another process listens on {} already",
                  process.name, asked.socket.empty() ? fmt::format("port {}", asked.port) : asked.socket);
    }
  }
  const CommandPlace where = place(process.name + ".log");
  auto started = StartedCommand::start(process.command.text, where);
  if (!started)
    return fail(ErrorKind::unavailable, "start: '{}' can't be started: {}", process.name, process.command.shown);
  // Behind the others it would be found by nobody who asks for a name twice.
  environment_.insert(environment_.begin(), variable("STARTED", process.name, std::to_string(started->pid())));
  running_.push_back({&process, std::move(*started), where.log});
  return await_ready(process);
}

base::Result<> Staging::await_ready(const StartedProcess& process) {
  if (!process.ready) return {};
  const Nanoseconds end = SystemClock::monotonic_now() + process.ready->within;
  Running& running = running_.back();
  while (!is_ready(*process.ready)) {
    if (stop_) return fail(ErrorKind::cancelled, "It was interrupted before '{}' was ready.", process.name);
    if (running.command.has_ended() && !process.may_die)
      return fail(ErrorKind::unavailable, "start: '{}' {} before it was ready. {}", process.name,
                  running.command.ending(), printed(running.log));
    if (SystemClock::monotonic_now() >= end)
      return fail(ErrorKind::unavailable, "start: '{}' was not ready within {:g} s. {}", process.name,
                  seconds_of(process.ready->within), printed(running.log));
    std::this_thread::sleep_for(kBetweenQuestions);
  }
  // It answers, and is not the one that was started: what an earlier run left behind would be loaded instead.
  if (running.command.has_ended() && !process.may_die)
    return fail(ErrorKind::unavailable, "start: '{}' {}, and somebody else answers in its place. {}", process.name,
                running.command.ending(), printed(running.log));
  return {};
}

bool Staging::is_ready(const Readiness& ready) {
  if (ready.is_command()) return run(ready.command).ended_well();
  Test asked;
  asked.target = asked_of(ready);
  asked.network = test_.network;
  asked.connect_timeout = kPatienceForAnswer;
  asked.request_timeout = kPatienceForAnswer;
  Step step;
  step.name = "ready";
  step.method = ready.method;
  step.path.pieces.emplace_back(ready.path);
  Errand errand;
  errand.steps.push_back(std::move(step));
  const SystemClock clock;
  ValueSources sources(asked, clock);
  std::vector<std::string> values;
  return play_errand(asked, errand, stop_, Nanoseconds(0), sources, values).failure.empty();
}

Url Staging::asked_of(const Readiness& ready) const {
  return ready.base.empty() ? test_.target : parse_url(ready.base).value_or(test_.target);
}

std::vector<pid_t> Staging::watched() const {
  std::vector<pid_t> pids;
  if (outer_) pids = outer_->watched();
  for (const Running& running : running_) {
    if (running.plan->watch) pids.push_back(running.command.pid());
  }
  return pids;
}

std::string Staging::death() {
  for (Running& running : running_) {
    if (running.plan->may_die || !running.command.has_ended()) continue;
    return fmt::format("The process '{}', which was started for it, {}. {}", running.plan->name,
                       running.command.ending(), printed(running.log));
  }
  return "";
}

void Staging::load_begins() {
  if (around_.at.empty()) return;
  timed_ = std::make_unique<TimedCommands>(
      around_.at, [this](std::size_t) { return place(next_log()); }, SystemClock::monotonic_now(), stop_);
}

std::string Staging::load_ended(TestResult& result) {
  if (!timed_) return "";
  const auto outcomes = timed_->finish(left_);
  std::string failure;
  for (const TimedOutcome& one : outcomes) {
    const double began = seconds_of(one.begun - result.started_monotonic);
    const bool failed = !one.outcome.ended_well();
    result.events.push_back({one.plan->name, began, one.outcome.seconds, one.outcome.ending, failed});
    if (failed && failure.empty() && !stop_)
      failure = one.outcome.sentence(fmt::format("at {:g} s", seconds_of(one.plan->time)), one.plan->command.shown);
  }
  if (outcomes.size() < around_.at.size() && !stop_) {
    result.notes.push_back(fmt::format("{} of the {} commands in mid-load came after the load's end and were not run.",
                                       around_.at.size() - outcomes.size(), around_.at.size()));
  }
  return failure;
}

CommandOutcome Staging::run(const Command& command) { return run_to_end(command, place(next_log()), stop_, left_); }

base::Result<std::vector<VerificationOutcome>> Staging::verify() {
  std::vector<VerificationOutcome> all;
  for (const Verification& verification : around_.verify) {
    const Command& command = verification.command;
    const CommandOutcome outcome = run(command);
    if (outcome.exit_code != 0 && outcome.exit_code != 1)
      return fail(ErrorKind::unavailable, "{}",
                  outcome.sentence(fmt::format("verify '{}'", verification.name), command.shown));
    all.push_back({verification.name, verification.severity == Severity::warn, verification.reason, outcome.last_line(),
                   outcome.seconds, outcome.ended_well()});
  }
  return all;
}

std::vector<std::string> Staging::take_down() {
  std::vector<std::string> notes;
  if (taken_down_) return notes;
  taken_down_ = true;
  timed_.reset();
  for (auto one = running_.rbegin(); one != running_.rend(); ++one) one->command.stop();
  if (!folder_.empty()) {
    for (const Command& command : around_.after) {
      const CommandOutcome outcome = run_to_end(command, place(next_log()), kNever, left_);
      if (!outcome.ended_well()) notes.push_back(outcome.sentence("after", command.shown));
    }
  }
  for (StartedCommand& left : left_) left.stop();
  if (!folder_.empty()) {
    std::error_code error;
    std::filesystem::remove_all(folder_, error);
    if (error) notes.push_back(fmt::format("The folder {} can't be removed: {}.", folder_, error.message()));
  }
  return notes;
}

CommandPlace Staging::place(const std::string& log_name) { return {test_.folder, environment_, folder_ + log_name}; }

std::string Staging::next_log() { return fmt::format("command-{}.log", ++logs_); }

}  // namespace loadlab
