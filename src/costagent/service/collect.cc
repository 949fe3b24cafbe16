#include "costagent/service/collect.h"

#include <boost/json.hpp>

#include <algorithm>

#include "base/log.h"
#include "base/time.h"
#include "costagent/service/ingest.h"

namespace costagent {
namespace {

namespace fs = std::filesystem;
using base::ErrorKind;

std::string result_json(const IngestReport& report) {
  boost::json::array problems;
  for (const std::string& problem : report.problems) problems.emplace_back(problem);
  return boost::json::serialize(boost::json::object{{"charges", report.charges},
                                                    {"duplicates", report.duplicates},
                                                    {"rejected", report.rejected},
                                                    {"billed_cost", report.billed_cost.to_string()},
                                                    {"effective_cost", report.effective_cost.to_string()},
                                                    {"problems", std::move(problems)}});
}

base::Failure not_in_root(const std::string& file) {
  return base::fail_field("file", "'{}' is not a path below the folder that bills are collected from", file);
}

// `inner` is `outer` or lies below it; both are canonical.
bool lies_below(const fs::path& inner, const fs::path& outer) {
  return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end();
}

}  // namespace

CollectService::CollectService(FactStore& facts, StateStore& state, const base::Clock& clock, fs::path root)
    : facts_(facts),
      state_(state),
      clock_(clock),
      root_(std::move(root)),
      ids_(static_cast<std::uint64_t>(clock.utc().time_since_epoch().count())) {
  const auto now = std::chrono::floor<std::chrono::seconds>(clock_.utc());
  const auto failed = state_.fail_unfinished_jobs("the agent ended before this job was finished; submit it again", now);
  if (!failed) base::log(base::LogLevel::warn, "unfinished jobs could not be marked: {}", failed.error().message);
  thread_ = std::thread([this] { work(); });
}

CollectService::~CollectService() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  arrived_.notify_all();
  thread_.join();
}

base::Result<fs::path> CollectService::resolve(const std::string& file) const {
  if (root_.empty()) {
    return base::fail(ErrorKind::unavailable, "no folder to collect from is configured: start with --collect-root DIR");
  }
  const fs::path name(file);
  if (name.is_absolute() || file.find('\0') != std::string::npos) return not_in_root(file);
  if (std::find(name.begin(), name.end(), "..") != name.end()) return not_in_root(file);
  std::error_code error;
  const fs::path root = fs::canonical(root_, error);
  if (error) return base::fail(ErrorKind::unavailable, "the folder to collect from can't be read: {}", error.message());
  const fs::path path = fs::canonical(root / name, error);
  if (error)
    return base::Failure(
        base::Error{ErrorKind::not_found, fmt::format("there is no file '{}' to collect", file), "file"});
  // A link may point anywhere.
  if (!lies_below(path, root)) return not_in_root(file);
  if (!fs::is_regular_file(path, error)) return base::fail_field("file", "'{}' is not a file", file);
  return path;
}

base::Result<Job> CollectService::submit(const std::string& customer, const std::string& file) {
  auto path = resolve(file);
  if (!path) return base::pass_on(path);
  Job job;
  job.kind = "collect";
  job.customer = customer;
  job.created = std::chrono::floor<std::chrono::seconds>(clock_.utc());
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= kMaxQueued) {
      return base::fail(ErrorKind::unavailable, "{} collections are waiting already; try again later", kMaxQueued);
    }
    job.id = fmt::format("{:016x}", ids_.next());
  }
  // Kept before it is queued, so that whoever was given its id can always ask for it.
  if (const auto saved = state_.save(job); !saved) return base::pass_on(saved);
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back({job, std::move(*path)});
  }
  arrived_.notify_one();
  return job;
}

bool CollectService::is_pending(const std::string& id) const {
  return running_ == id ||
         std::any_of(queue_.begin(), queue_.end(), [&](const Queued& queued) { return queued.job.id == id; });
}

base::Result<Job> CollectService::wait(const std::string& id, std::chrono::seconds at_most) {
  if (at_most.count() > 0) {
    std::unique_lock lock(mutex_);
    finished_.wait_for(lock, at_most, [&] { return stopping_ || !is_pending(id); });
  }
  auto job = state_.job(id);
  if (!job) return base::pass_on(job);
  if (*job) return std::move(**job);
  return base::fail(ErrorKind::not_found, "there is no job '{}'", id);
}

void CollectService::work() {
  for (;;) {
    Queued queued;
    {
      std::unique_lock lock(mutex_);
      arrived_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (stopping_) return;
      queued = std::move(queue_.front());
      queue_.pop_front();
      running_ = queued.job.id;
    }
    carry_out(queued);
    {
      const std::lock_guard lock(mutex_);
      running_.clear();
    }
    finished_.notify_all();
  }
}

void CollectService::carry_out(Queued& queued) {
  Job& job = queued.job;
  const auto report = ingest_bill(facts_, job.customer, queued.path.string());
  job.finished = std::chrono::floor<std::chrono::seconds>(clock_.utc());
  if (report) {
    job.state = JobState::done;
    job.result = result_json(*report);
  } else {
    job.state = JobState::failed;
    job.error = report.error().message;
  }
  if (const auto saved = state_.save(job); !saved) {
    base::log(base::LogLevel::error, "the outcome of job {} could not be kept: {}", job.id, saved.error().message);
  }
}

}  // namespace costagent
