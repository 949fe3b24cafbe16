#include "costagent/service/collection.h"

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>

#include "costagent/domain/customer.h"
#include "costagent/domain/names.h"
#include "costagent/service/ingest.h"
#include "costagent/service/ingest_json.h"
#include "io/digest.h"

namespace costagent {
namespace {

namespace fs = std::filesystem;

// Linux takes no longer path.
constexpr std::size_t kLongestPath = 4096;

// Members of a job's payload.
constexpr const char* kFile = "file";
constexpr const char* kSent = "upload";
constexpr const char* kSize = "size";
constexpr const char* kRestatement = "restatement";

std::string json_text(const IngestReport& report) {
  auto object = json_of(report);
  object["problems"] = boost::json::array(report.problems.begin(), report.problems.end());
  return boost::json::serialize(object);
}

// Callers know files by their path within the root; where that lies is the operator's matter.
std::string without_root(std::string text, const std::string& path, const std::string& file) {
  for (auto at = text.find(path); at != std::string::npos; at = text.find(path, at + file.size())) {
    text.replace(at, path.size(), file);
  }
  return text;
}

// What the command's options are to callers of the API.
std::string in_words_of_the_api(std::string text) {
  constexpr std::pair<std::string_view, std::string_view> kWords[] = {{"(--replace)", "(restatement=replace)"},
                                                                      {"(--add)", "(restatement=add)"},
                                                                      {"with --replace", "with restatement=replace"},
                                                                      {"with --add", "with restatement=add"}};
  for (const auto& [option, parameter] : kWords) {
    if (const auto at = text.rfind(option); at != std::string::npos) text.replace(at, option.size(), parameter);
  }
  return text;
}

bool is_below(const fs::path& path, const fs::path& root) {
  return std::mismatch(root.begin(), root.end(), path.begin(), path.end()).first == root.end();
}

std::string text_at(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::string payload_of(boost::json::object about, Restatement restatement) {
  about[kRestatement] = name_of(restatement);
  return boost::json::serialize(about);
}

}  // namespace

// What a job says of its work: a file of the root, or one that was sent.
struct Collection::Wanted {
  std::string file;  // as people call it
  bool sent = false;
  std::uint64_t size = 0;  // of what was sent
  Restatement restatement = Restatement::by_days;
};

base::Result<Collection::Wanted> Collection::wanted_of(const Job& job) {
  boost::system::error_code error;
  const auto payload = boost::json::parse(job.payload, error);
  const auto* object = error ? nullptr : payload.if_object();
  Wanted wanted;
  if (object != nullptr) {
    const std::string sent = text_at(*object, kSent);
    wanted.sent = !sent.empty();
    wanted.file = wanted.sent ? sent : text_at(*object, kFile);
    const auto* size = object->if_contains(kSize);
    if (size != nullptr) wanted.size = size->to_number<std::uint64_t>(error);
  }
  if (wanted.file.empty()) return base::fail(base::ErrorKind::corrupt, "the job doesn't say which file it is about");
  // Jobs of an older version don't say how.
  wanted.restatement = parse_name<Restatement>(text_at(*object, kRestatement)).value_or(Restatement::by_days);
  return wanted;
}

base::Result<std::string> Collection::resolve(const std::string& file) const {
  if (places_.root.empty()) {
    return base::fail(base::ErrorKind::unavailable,
                      "no folder to collect from is configured: start costagent serve with --collect-root");
  }
  const fs::path path(file);
  if (file.empty() || file.size() > kLongestPath || file.find('\0') != std::string::npos || path.is_absolute() ||
      std::find(path.begin(), path.end(), "..") != path.end()) {
    return base::fail_field("file", "expected the path of a file within the folder that is collected from");
  }
  std::error_code error;
  const fs::path root = fs::canonical(places_.root, error);
  if (error) return base::fail(base::ErrorKind::unavailable, "the folder to collect from can't be read");
  const fs::path resolved = fs::canonical(root / path, error);
  if (error) {
    return base::Failure(base::Error{base::ErrorKind::not_found, "there is no such file to collect: " + file, "file"});
  }
  if (!is_below(resolved, root) || !fs::is_regular_file(resolved, error)) {
    return base::fail_field("file", "expected the path of a file within the folder that is collected from");
  }
  return resolved.string();
}

base::Result<Job> Collection::collect_focus(const std::string& customer, const std::string& file,
                                            Restatement restatement) {
  if (const auto good = check_customer(customer); !good) return base::pass_on(good);
  const auto path = resolve(file);
  if (!path) return base::pass_on(path);
  NewJob job{kKind, customer, payload_of({{kFile, file}}, restatement)};
  job.key =
      fmt::format("{}:{}:{}", kKind, name_of(restatement), io::sha256_hex(fs::path(file).lexically_normal().string()));
  return jobs_.push(job);
}

base::Result<std::unique_ptr<Collection::Upload>> Collection::begin_upload(const std::string& customer,
                                                                           const std::string& name,
                                                                           Restatement restatement,
                                                                           std::uint64_t expected) {
  if (const auto good = check_customer(customer); !good) return base::pass_on(good);
  if (const auto good = Spool::check_name(name); !good) return base::pass_on(good);
  if (places_.spool == nullptr) return base::fail(base::ErrorKind::unavailable, "nothing can be sent to this agent");
  return std::unique_ptr<Upload>(
      new Upload(jobs_, customer, restatement, name, places_.spool->begin(jobs_.new_id(), name, expected)));
}

base::Result<Job> Collection::Upload::collect() {
  if (const auto synced = file_->sync(); !synced) return base::pass_on(synced);
  NewJob wanted{kKind, customer_, payload_of({{kSent, name_}, {kSize, file_->size()}}, restatement_)};
  wanted.id = file_->id();
  auto job = jobs_.push(wanted);
  // A queue that is away may have the job all the same; the sweep knows when it is back.
  const bool may_be_queued = job || job.error().kind == base::ErrorKind::timeout;
  if (may_be_queued) file_->keep();
  return job;
}

base::Result<std::string> Collection::path_of(const Job& job, const Wanted& wanted) const {
  // Looked up again: what lies under the name may have changed since it was asked for.
  if (!wanted.sent) return resolve(wanted.file);
  if (places_.spool == nullptr) return base::fail(base::ErrorKind::not_found, "this agent keeps nothing that is sent");
  return places_.spool->find(job.id, wanted.file, wanted.size);
}

base::Result<std::string> Collection::run(const Job& job, JobContext& context) const {
  const auto wanted = wanted_of(job);
  if (!wanted) return base::pass_on(wanted);
  const auto path = path_of(job, *wanted);
  if (!path) return base::pass_on(path);
  const auto progress = [&](const IngestStep& step) {
    context.progress(step.share, "reading the file");
    return !context.cancelled();
  };
  auto report = ingest_files(facts_, {job.customer, wanted->restatement}, {&*path, 1}, progress);
  if (!report) {
    // What has to be said first is missing in the next attempt, too.
    const auto kind = report.error().field == kRestatement ? base::ErrorKind::invalid : report.error().kind;
    return base::fail(kind, "{}", without_root(in_words_of_the_api(report.error().message), *path, wanted->file));
  }
  if (changed_ && report->charges + report->utilisation.taken + report->commitments.taken > 0) changed_(job.customer);
  for (std::string& text : report->notes) text = in_words_of_the_api(std::move(text));
  for (auto* texts : {&report->problems, &report->notes}) {
    for (std::string& text : *texts) text = without_root(std::move(text), *path, wanted->file);
  }
  return json_text(*report);
}

base::Result<> Collection::check_retry(const std::string& id) const {
  const auto job = jobs_.find(id);
  if (!job) return base::pass_on(job);
  if (job->kind != kKind || !has_ended(*job) || job->state == JobState::done) return {};
  // Even where it hasn't been cleared away yet, it may be at any moment.
  const auto wanted = wanted_of(*job);
  if (!wanted || !wanted->sent) return {};
  return base::fail(base::ErrorKind::conflict, "what was sent as {} is kept no longer than its job: send it again",
                    wanted->file);
}

void Collection::ended(const Job& job) const {
  if (places_.spool == nullptr) return;
  if (const auto wanted = wanted_of(job); wanted && wanted->sent) places_.spool->remove(job.id);
}

base::Result<> Collection::sweep() const {
  if (places_.spool == nullptr) return {};
  return places_.spool->sweep([this](const std::string& id) -> base::Result<bool> {
    const auto job = jobs_.find(id);
    if (!job && job.error().kind != base::ErrorKind::not_found) return base::pass_on(job);
    return job && !has_ended(*job);
  });
}

}  // namespace costagent
