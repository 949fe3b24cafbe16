#include "costagent/service/watched_folder.h"

#include <algorithm>

#include "base/log.h"
#include "base/printable.h"
#include "costagent/service/folder_scan.h"
#include "costagent/service/watched_bills.h"
#include "costagent/service/watched_intake.h"

namespace costagent {
namespace {

// What is not there any more is remembered for a quarter, so that it isn't taken for new when it is put back.
constexpr std::chrono::hours kRememberGone{90 * 24};
// Each line of the log that is written once is remembered; whoever makes more of them gets some twice.
constexpr std::size_t kMostTold = 1000;

// Files that are to be taken in now: still ones, but for those whose bill has one that is not.
std::vector<WatchedFile*> ready(std::map<std::string, WatchedFile>& files, base::UtcTime now) {
  std::set<std::string> moving;
  for (const auto& [path, file] : files) {
    if (file.state == WatchedState::fresh) moving.insert(bill_key(path));
  }
  std::vector<WatchedFile*> ready;
  for (auto& [path, file] : files) {
    if (file.state == WatchedState::still && file.due <= now && !moving.contains(bill_key(path)))
      ready.push_back(&file);
  }
  return ready;
}

}  // namespace

// What a look at a customer's folder changes in what is remembered of it.
class WatchedFolder::Comparison {
 public:
  Comparison(std::vector<WatchedFile> known, base::UtcTime now, base::UtcTime began) : now_(now), began_(began) {
    for (WatchedFile& file : known) files_.emplace(file.path, std::move(file));
  }

  void run(const std::vector<FoundFile>& found) {
    for (const FoundFile& file : found) look_at(file);
    auto at = found.begin();
    for (auto& [path, file] : files_) {
      while (at != found.end() && at->path < path) ++at;
      if (at == found.end() || at->path != path) miss(file);
    }
    for (const std::string& path : forgotten_) files_.erase(path);
  }

  std::map<std::string, WatchedFile>& files() { return files_; }
  const std::vector<std::string>& forgotten() const { return forgotten_; }
  std::size_t seen() const { return seen_; }

  std::vector<WatchedFile> changed() const {
    std::vector<WatchedFile> changed;
    for (const std::string& path : changed_) changed.push_back(files_.at(path));
    return changed;
  }
  // Once all that was changed has been saved.
  void saved() {
    for (const std::string& path : changed_) ++files_.at(path).revision;
    changed_.clear();
  }
  void change(WatchedFile& file) { changed_.insert(file.path); }
  void set(WatchedFile& file, WatchedState state) {
    file.state = state;
    file.since = now_;
    change(file);
  }

 private:
  void look_at(const FoundFile& found) {
    auto [at, added] = files_.try_emplace(found.path);
    WatchedFile& file = at->second;
    file.path = found.path;
    if (added || file.stamp != found.stamp || file.state == WatchedState::gone) {
      // A file that is being written changes from look to look, and is counted once.
      if (added || file.state != WatchedState::fresh) ++seen_;
      file.stamp = found.stamp;
      file.due = {};
      file.job.clear();
      file.error.clear();
      set(file, WatchedState::fresh);
    } else if (file.state == WatchedState::fresh) {
      set(file, WatchedState::still);
    } else if (file.state == WatchedState::failed && file.due != base::UtcTime() && file.due < began_) {
      file.due = {};
      set(file, WatchedState::still);
    }
  }

  void miss(WatchedFile& file) {
    if (file.state == WatchedState::gone) {
      if (now_ - file.since > kRememberGone) forgotten_.push_back(file.path);
    } else if (file.digest.empty()) {
      forgotten_.push_back(file.path);
    } else {
      set(file, WatchedState::gone);
    }
  }

  const base::UtcTime now_;
  const base::UtcTime began_;  // the process
  std::map<std::string, WatchedFile> files_;
  std::set<std::string> changed_;
  std::vector<std::string> forgotten_;
  std::size_t seen_ = 0;
};

Task WatchedFolder::task() {
  Task task;
  task.name = kTask;
  task.interval = options_.interval;
  task.work = [this](const TaskRun& run) { return scan(run); };
  return task;
}

base::Result<> WatchedFolder::scan(const TaskRun& run) {
  const auto folders = find_customers(options_.folder);
  if (!folders) return base::pass_on(folders);
  tell_refused(folders->refused);
  std::size_t left = kMostScannedFiles;
  std::optional<base::Error> first;
  for (const std::string& customer : folders->customers) {
    if (auto good = run.go_on(); !good) return good;
    // A customer's folder that can't be read is no reason to leave the others alone.
    const auto scanned = scan_customer(customer, left);
    if (!scanned && !first) first = scanned.error();
    if (!scanned && scanned.error().kind != base::ErrorKind::io) break;
  }
  const std::lock_guard lock(mutex_);
  if (first) return base::Failure(*first);
  ++use_.scans;
  use_.last_scan = clock_.utc();
  return {};
}

base::Result<> WatchedFolder::scan_customer(const std::string& customer, std::size_t& left) {
  const auto found = scan_folder(options_.folder + "/" + customer, left);
  if (!found) return base::pass_on(found);
  left -= found->files.size();
  std::set<std::string> refused;
  for (const std::string& path : found->refused) refused.insert(customer + "/" + path);
  tell_refused(refused);
  auto known = watched_.files(customer);
  if (!known) return base::pass_on(known);
  const auto now = clock_.utc();
  Comparison comparison(std::move(*known), now, began_);
  comparison.run(found->files);
  {
    const std::lock_guard lock(mutex_);
    use_.seen += comparison.seen();
  }

  const auto pending = ready(comparison.files(), now);
  const auto at_work = look_at_jobs(pending, comparison);
  if (!at_work) return base::pass_on(at_work);
  if (!comparison.forgotten().empty()) {
    if (auto forgotten = watched_.forget(customer, comparison.forgotten()); !forgotten) return forgotten;
  }
  const auto saved = watched_.save(customer, comparison.changed());
  if (!saved) return base::pass_on(saved);
  // A job has written meanwhile: the next look sees what it left.
  if (*saved < comparison.changed().size()) return {};
  comparison.saved();
  return *at_work ? base::Result<>() : queue(customer, pending, comparison);
}

// Whether a job for some of the files is not done yet. What a cancelled one left is left alone.
base::Result<bool> WatchedFolder::look_at_jobs(const std::vector<WatchedFile*>& pending, Comparison& comparison) {
  bool at_work = false;
  std::map<std::string, bool> cancelled;
  for (WatchedFile* file : pending) {
    if (file->job.empty()) continue;
    if (!cancelled.contains(file->job)) {
      const auto job = jobs_.find(file->job);
      if (!job && job.error().kind != base::ErrorKind::not_found) return base::pass_on(job);
      cancelled[file->job] = job && job->state == JobState::cancelled;
      at_work = at_work || (job && !has_ended(*job));
    }
    if (!cancelled[file->job]) continue;
    file->error = "its job was cancelled";
    comparison.set(*file, WatchedState::failed);
  }
  return at_work;
}

base::Result<> WatchedFolder::queue(const std::string& customer, const std::vector<WatchedFile*>& pending,
                                    Comparison& comparison) {
  const auto is_wanted = [](const WatchedFile* file) { return file->state == WatchedState::still; };
  if (std::none_of(pending.begin(), pending.end(), is_wanted)) return {};
  NewJob wanted{kKind, customer};
  wanted.key = kKind;
  const auto job = jobs_.push(wanted);
  if (!job) return base::pass_on(job);
  for (WatchedFile* file : pending) {
    if (!is_wanted(file)) continue;
    file->job = job->id;
    comparison.change(*file);
  }
  // Where this fails, or the job was quicker, the next look asks for a job again: it is the same one, or one that has
  // nothing to do.
  const auto saved = watched_.save(customer, comparison.changed());
  if (!saved) return base::pass_on(saved);
  return {};
}

void WatchedFolder::tell_refused(const std::set<std::string>& refused) {
  for (const std::string& each : refused) {
    {
      const std::lock_guard lock(mutex_);
      if (told_.size() >= kMostTold) told_.clear();
      if (!told_.insert(each).second) continue;
    }
    base::log(base::LogLevel::warn, "watched folder: passed over {}", base::printable(each));
  }
}

base::Result<std::string> WatchedFolder::run(const Job& job, JobContext& context) {
  WatchedIntake intake({watched_, facts_, jobs_, clock_, options_.folder}, job, context);
  auto result = intake.run();
  const WatchedIntake::Counts counts = intake.counts();
  {
    const std::lock_guard lock(mutex_);
    use_.taken += counts.taken;
    use_.failed += counts.failed;
    // One whose lease was lost isn't told of its end.
    if (gave_way_.size() >= kMostTold) gave_way_.clear();
    if (result && intake.gave_way()) gave_way_.insert(job.id);
  }
  if (changed_ && counts.changed) changed_(job.customer);
  return result;
}

void WatchedFolder::ended(const Job& job) {
  {
    const std::lock_guard lock(mutex_);
    if (gave_way_.erase(job.id) == 0) return;
  }
  // Where this fails, the next look at the folder queues one.
  const auto handed = hand_over(job);
  if (!handed) base::log(base::LogLevel::warn, "watched folder: {}: {}", job.customer, handed.error().message);
}

base::Result<> WatchedFolder::hand_over(const Job& job) {
  auto known = watched_.files(job.customer);
  if (!known) return base::pass_on(known);
  std::erase_if(*known,
                [&job](const WatchedFile& file) { return file.state != WatchedState::still || file.job != job.id; });
  if (known->empty()) return {};
  NewJob wanted{kKind, job.customer};
  wanted.key = kKind;
  const auto next = jobs_.push(wanted);
  if (!next) return base::pass_on(next);
  for (WatchedFile& file : *known) file.job = next->id;
  const auto saved = watched_.save(job.customer, *known);
  if (!saved) return base::pass_on(saved);
  return {};
}

WatchUse WatchedFolder::use() const {
  const std::lock_guard lock(mutex_);
  return use_;
}

}  // namespace costagent
