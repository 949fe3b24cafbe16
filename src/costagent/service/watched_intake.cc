#include "costagent/service/watched_intake.h"

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>

#include "base/log.h"
#include "base/printable.h"
#include "costagent/domain/customer.h"
#include "costagent/ingest/bill_reader.h"
#include "costagent/service/folder_scan.h"
#include "costagent/service/ingest_json.h"
#include "io/parquet_reader.h"

namespace costagent {
namespace {

namespace fs = std::filesystem;
using base::ErrorKind;

// When all attempts of a job came to nothing, another one is made after this.
constexpr std::chrono::minutes kTryAgain{10};
// Somebody else writes what is remembered: a look at the folder, every few seconds.
constexpr int kSaves = 3;

constexpr const char* kCutShort = "it was cut short; the rest was not taken in";
// Of the queued jobs; the newest ones, and those among them that wait for their next attempt count nothing.
constexpr std::size_t kMostLookedAt = 20;

// What concerns the file, or what is to be said of it first; anything else may pass.
bool is_final(const base::Error& error) {
  return error.kind == ErrorKind::invalid || error.kind == ErrorKind::corrupt || error.kind == ErrorKind::too_large ||
         error.field == "restatement";
}

}  // namespace

base::Result<std::string> WatchedIntake::run() {
  if (auto good = check_customer(job_.customer); !good) return base::pass_on(good);
  if (auto read = read_what_is_known(); !read) return base::pass_on(read);
  std::vector<std::string> paths;
  paths.reserve(files_.size());
  for (const auto& [path, file] : files_) paths.push_back(path);
  WatchedBills found = bills_of(folder_, paths);

  Verdicts verdicts;
  for (const std::string& path : found.passed) {
    if (is_wanted(path)) verdicts[path] = {.state = WatchedState::passed};
  }
  // A file of a manifest may come later, and the manifest is read again then.
  for (const auto& [path, error] : found.broken) {
    if (is_wanted(path)) verdicts[path] = {.state = WatchedState::failed, .error = error.message};
  }
  if (auto settled = settle(std::move(verdicts)); !settled) return base::pass_on(settled);
  const auto bills = bills_in_order(found);
  bills_ = bills.size();
  if (auto taken = take_in_turn(bills); !taken) return base::pass_on(taken);
  if (may_pass_) return base::Failure(*may_pass_);
  return result();
}

base::Result<> WatchedIntake::take_in_turn(const std::vector<WatchedBill>& bills) {
  for (const WatchedBill& bill : bills) {
    if (context_.cancelled()) return base::fail(ErrorKind::cancelled, kCutShort);
    if (auto taken = take(bill); !taken) return taken;
    if (++bill_ == bills_) break;
    const auto others_wait = should_give_way();
    if (!others_wait) return base::pass_on(others_wait);
    if (!*others_wait) continue;
    // What may pass is this job's to try again.
    gave_way_ = !may_pass_;
    sums_.notes.push_back(
        fmt::format("bills left to the customer's next job, as others had waited: {}", bills_ - bill_));
    break;
  }
  return {};
}

base::Result<bool> WatchedIntake::should_give_way() const {
  const auto waiting = places_.jobs.list({.state = JobState::queued, .limit = kMostLookedAt});
  if (!waiting) return base::pass_on(waiting);
  const auto now = places_.clock.utc();
  if (std::none_of(waiting->begin(), waiting->end(), [now](const Job& job) { return job.due <= now; })) return false;
  // Cancelled just now, and its context has not heard yet: then nobody is to go on with the rest.
  const auto own = places_.jobs.find(job_.id);
  if (!own) return base::pass_on(own);
  if (own->cancelling) return base::fail(ErrorKind::cancelled, kCutShort);
  return true;
}

// What is remembered counts for what is there and still the same: the rest is for a later look at the folder.
base::Result<> WatchedIntake::read_what_is_known() {
  const auto there = scan_folder(folder_);
  if (!there) return base::pass_on(there);
  auto known = places_.watched.files(job_.customer);
  if (!known) return base::pass_on(known);
  std::map<std::string, WatchedFile*> by_path;
  for (WatchedFile& file : *known) by_path.emplace(file.path, &file);
  for (const FoundFile& found : there->files) {
    WatchedFile& file = files_[found.path];
    if (const auto at = by_path.find(found.path); at != by_path.end()) file = *at->second;
    file.path = found.path;
    if (file.stamp == found.stamp) continue;
    file.stamp = found.stamp;
    file.state = WatchedState::fresh;
  }
  return {};
}

bool WatchedIntake::is_wanted(const std::string& path) const {
  const WatchedFile& file = files_.at(path);
  // What an earlier job came to nothing with holds up no others' until it is due.
  if (file.state == WatchedState::still) return file.due <= places_.clock.utc() || file.job == job_.id;
  // The job is run again: what it failed with shall be tried again, too.
  return file.job == job_.id && (file.state == WatchedState::failed || file.state == WatchedState::passed);
}

// Those in which something is to be taken in, the one whose newest file is oldest first.
std::vector<WatchedBill> WatchedIntake::bills_in_order(WatchedBills& found) const {
  std::vector<std::pair<std::int64_t, WatchedBill>> bills;
  for (WatchedBill& bill : found.bills) {
    std::int64_t newest = 0;
    bool wanted = false;
    bool moving = false;
    for (const std::string& path : bill.files) {
      const WatchedFile& file = files_.at(path);
      newest = std::max(newest, file.stamp.modified);
      wanted = wanted || is_wanted(path);
      moving = moving || file.state == WatchedState::fresh;
    }
    if (wanted && !moving) bills.emplace_back(newest, std::move(bill));
  }
  std::sort(bills.begin(), bills.end(), [](const auto& one, const auto& other) {
    return std::tie(one.first, one.second.files) < std::tie(other.first, other.second.files);
  });
  std::vector<WatchedBill> ordered;
  for (auto& [time, bill] : bills) ordered.push_back(std::move(bill));
  return ordered;
}

base::Result<> WatchedIntake::take(const WatchedBill& bill) {
  std::vector<std::string> wanted;
  for (const std::string& path : bill.files) {
    // A manifest brings what was passed over, or refused, before it came.
    const bool by_manifest = !bill.manifest.empty() && files_.at(path).state != WatchedState::taken;
    if (by_manifest || is_wanted(path)) wanted.push_back(path);
  }
  if (auto held = hold_back(wanted); !held) return held;
  Verdicts verdicts;
  const auto unchanged = is_unchanged(wanted, verdicts);
  if (!unchanged) return fail(wanted, unchanged.error(), {});
  if (*unchanged) return mark(verdicts);

  const auto readable = look_into(bill);
  if (!readable && readable.error().kind == ErrorKind::io && job_.attempts >= job_.max_attempts) {
    verdicts.clear();
    for (const std::string& path : wanted)
      verdicts[path] = {.state = WatchedState::failed, .error = readable.error().message};
    return settle(std::move(verdicts));
  }
  if (!readable) return fail(wanted, readable.error(), {});
  verdicts.clear();
  bool any = !bill.manifest.empty();
  for (const std::string& path : wanted) {
    const auto error = readable->others.find(path);
    any = any || error == readable->others.end();
    if (error != readable->others.end()) verdicts[path] = {.state = WatchedState::failed, .error = error->second};
  }
  if (!any) return settle(std::move(verdicts));
  return deliver(bill, wanted, readable->files, std::move(verdicts));
}

// Before the last attempt: should it come to nothing, however it ends, the files that it ended with are not tried again
// at once, and another job takes in what they kept waiting.
base::Result<> WatchedIntake::hold_back(const std::vector<std::string>& paths) {
  if (job_.attempts < job_.max_attempts) return {};
  Verdicts verdicts;
  for (const std::string& path : paths) {
    if (files_.at(path).state == WatchedState::still)
      verdicts[path] = {.state = WatchedState::still, .due = places_.clock.utc() + kTryAgain};
  }
  return mark(verdicts);
}

// Which of its files are bills. One that is none is passed over, such as a note beside them; but where its name ends as
// that of a bill does, it is taken for a part that is damaged, and the others would be half a month.
base::Result<WatchedIntake::Readable> WatchedIntake::look_into(const WatchedBill& bill) const {
  Readable found;
  std::set<std::string> endings;
  for (const std::string& path : bill.files) {
    if (path == bill.manifest) continue;
    const auto reader = open_bill(folder_ + "/" + path);
    if (reader) {
      found.files.push_back(path);
      endings.insert(fs::path(path).extension().string());
    } else if (reader.error().kind == ErrorKind::invalid && bill.manifest.empty() &&
               !io::ParquetReader::is_missing(reader.error())) {
      found.others[path] = reader.error().message;
    } else {
      return base::pass_on(reader);
    }
  }
  for (const auto& [path, error] : found.others) {
    if (endings.contains(fs::path(path).extension().string())) return base::fail(ErrorKind::invalid, "{}", error);
  }
  return found;
}

// Whether all of them hold what was delivered from them last: then they were touched, moved away and back, or copied
// over themselves.
base::Result<bool> WatchedIntake::is_unchanged(const std::vector<std::string>& wanted, Verdicts& verdicts) const {
  for (const std::string& path : wanted) {
    const WatchedFile& file = files_.at(path);
    if (file.digest.empty()) return false;
    const auto digest = content_digest(folder_ + "/" + path);
    if (!digest) return base::pass_on(digest);
    if (*digest != file.digest) return false;
    verdicts[path] = {.digest = file.digest};
  }
  return true;
}

base::Result<> WatchedIntake::deliver(const WatchedBill& bill, const std::vector<std::string>& wanted,
                                      std::vector<std::string> files, Verdicts verdicts) {
  Delivery delivery{job_.customer};
  for (const std::string& path : bill.files) {
    if (!files_.at(path).digest.empty()) delivery.restatement = Restatement::replace;
  }
  if (!bill.manifest.empty()) files = {bill.manifest};
  for (std::string& path : files) path = folder_ + "/" + path;
  auto report = ingest_files(places_.facts, delivery, files, [this](const IngestStep& step) {
    const double share = (static_cast<double>(step.file) + step.share) / static_cast<double>(step.files);
    context_.progress((static_cast<double>(bill_) + share) / static_cast<double>(bills_),
                      "reading " + base::printable(without_folder(step.path)));
    return !context_.cancelled();
  });
  if (!report) return fail(wanted, report.error(), std::move(verdicts));
  for (const std::string& path : bill.files) {
    const auto digest = report->digests.find(folder_ + "/" + path);
    if (digest != report->digests.end()) verdicts[path] = {.digest = digest->second};
  }
  if (!bill.manifest.empty()) {
    auto digest = content_digest(folder_ + "/" + bill.manifest);
    if (digest) verdicts[bill.manifest] = {.digest = std::move(*digest)};
  }
  for (const std::string& path : wanted) {
    const auto at = verdicts.find(path);
    counts_.taken += at != verdicts.end() && at->second.state == WatchedState::taken ? 1 : 0;
  }
  add(files, std::move(*report));
  return settle(std::move(verdicts));
}

// What is to become of the files of a bill that could not be delivered.
base::Result<> WatchedIntake::fail(const std::vector<std::string>& paths, const base::Error& error, Verdicts verdicts) {
  using enum ErrorKind;
  if (error.kind == cancelled || error.kind == unavailable || error.kind == timeout) return base::Failure(error);
  if (is_final(error)) {
    const char* const hint =
        error.field == "restatement"
            ? "; here, write it over the file that it replaces, or put the parts of a bill together "
              "into a folder of their own"
            : "";
    // What is missing may be there for a process that begins later (WatchedFolder).
    const auto due = io::ParquetReader::is_missing(error) ? places_.clock.utc() : base::UtcTime();
    for (const std::string& path : paths)
      verdicts[path] = {.state = WatchedState::failed, .error = error.message + hint, .due = due};
    return settle(std::move(verdicts));
  }
  // It goes, or is written, while it is read: the next look at the folder sees it.
  const bool moving = error.kind == not_found || (error.kind == conflict && error.field.empty());
  if (!moving) {
    may_pass_ = error;
    for (const std::string& path : paths)
      verdicts[path] = {.state = WatchedState::still, .due = places_.clock.utc() + kTryAgain};
  }
  return settle(std::move(verdicts));
}

// Tells what failed, once, and writes down what became of a bill's files.
base::Result<> WatchedIntake::settle(Verdicts verdicts) {
  for (auto& [path, verdict] : verdicts) {
    if (verdict.state != WatchedState::failed) continue;
    verdict.error = base::printable(without_folder(std::move(verdict.error)));
    ++counts_.failed;
    if (sums_.problems.size() < IngestReport::kMaxProblems) sums_.problems.push_back(verdict.error);
    const WatchedFile& file = files_.at(path);
    if (file.state == WatchedState::failed && file.error == verdict.error) continue;  // told before
    base::log(base::LogLevel::warn, "watched folder: {}/{} was not taken in: {}", job_.customer, base::printable(path),
              verdict.error);
  }
  return mark(verdicts);
}

// A look at the folder may write at the same time. What it saw meanwhile holds; what was delivered from there does,
// too.
base::Result<> WatchedIntake::mark(const Verdicts& verdicts) {
  if (verdicts.empty()) return {};
  std::set<std::string> moved;
  for (int attempt = 0; attempt < kSaves; ++attempt) {
    if (attempt > 0) {
      auto changed = read_again(verdicts);
      if (!changed) return base::pass_on(changed);
      moved.merge(*changed);
    }
    std::vector<WatchedFile> files;
    for (const auto& [path, verdict] : verdicts) {
      WatchedFile& file = files_.at(path);
      if (!verdict.digest.empty()) file.digest = verdict.digest;
      if (!moved.contains(path)) {
        if (file.state != verdict.state) file.since = places_.clock.utc();
        file.state = verdict.state;
        file.error = verdict.error;
        file.due = verdict.due;
      }
      files.push_back(file);
    }
    const auto saved = places_.watched.save(job_.customer, files);
    if (!saved) return base::pass_on(saved);
    if (*saved == files.size()) {
      for (const WatchedFile& file : files) ++files_.at(file.path).revision;
      return {};
    }
  }
  return {};
}

// What is remembered by now of these files; those that have changed.
base::Result<std::set<std::string>> WatchedIntake::read_again(const Verdicts& verdicts) {
  auto known = places_.watched.files(job_.customer);
  if (!known) return base::pass_on(known);
  std::set<std::string> changed;
  for (WatchedFile& file : *known) {
    if (!verdicts.contains(file.path)) continue;
    WatchedFile& own = files_.at(file.path);
    if (file.stamp != own.stamp || file.state == WatchedState::gone) {
      changed.insert(file.path);
      own = std::move(file);
    } else {
      own.revision = file.revision;
      own.job = file.job;
    }
  }
  return changed;
}

void WatchedIntake::add(const std::vector<std::string>& files, IngestReport report) {
  const bool changed = report.charges + report.utilisation.taken + report.commitments.taken > 0;
  counts_.changed = counts_.changed || changed;
  const std::string first = without_folder(files.front());
  const std::string others = files.size() > 1 ? fmt::format(" and {} more", files.size() - 1) : std::string();
  base::log(report.all_read() ? base::LogLevel::info : base::LogLevel::warn,
            "watched folder: {}/{}{}: {} charges taken in, {} known, {} replaced, {} lines rejected", job_.customer,
            base::printable(first), others, report.charges, report.duplicates, report.replaced,
            report.rejected + report.utilisation.rejected + report.commitments.rejected);
  sums_.charges += report.charges;
  sums_.duplicates += report.duplicates;
  sums_.rejected += report.rejected;
  sums_.replaced += report.replaced;
  for (const auto kind : {&IngestReport::utilisation, &IngestReport::commitments}) {
    (sums_.*kind).taken += (report.*kind).taken;
    (sums_.*kind).duplicates += (report.*kind).duplicates;
    (sums_.*kind).rejected += (report.*kind).rejected;
  }
  for (const auto& [currency, sum] : report.totals) {
    IngestReport::Sum& at = sums_.totals[currency];
    at.billed += sum.billed;
    at.effective += sum.effective;
  }
  const auto move = [this](std::vector<std::string>& from, std::vector<std::string>& to) {
    for (std::string& text : from) {
      if (to.size() < IngestReport::kMaxProblems) to.push_back(without_folder(std::move(text)));
    }
  };
  move(report.problems, sums_.problems);
  move(report.notes, sums_.notes);
}

// Whoever asks for the job knows files by their path within the customer's folder.
std::string WatchedIntake::without_folder(std::string text) const {
  const std::string folder = folder_ + "/";
  for (auto at = text.find(folder); at != std::string::npos; at = text.find(folder, at)) text.erase(at, folder.size());
  return text;
}

std::string WatchedIntake::result() const {
  boost::json::object object{{"files", counts_.taken}, {"failed", counts_.failed}};
  for (auto& [name, value] : json_of(sums_)) object[name] = std::move(value);
  object["problems"] = boost::json::array(sums_.problems.begin(), sums_.problems.end());
  return boost::json::serialize(object);
}

}  // namespace costagent
