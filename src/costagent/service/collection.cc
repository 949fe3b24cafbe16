#include "costagent/service/collection.h"

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>

#include "costagent/domain/customer.h"
#include "costagent/service/ingest.h"
#include "io/digest.h"

namespace costagent {
namespace {

namespace fs = std::filesystem;

// Linux takes no longer path.
constexpr std::size_t kLongestPath = 4096;

std::string json_text(const IngestReport& report) {
  boost::json::array problems(report.problems.begin(), report.problems.end());
  boost::json::array notes(report.notes.begin(), report.notes.end());
  return boost::json::serialize(boost::json::object{{"charges", report.charges},
                                                    {"duplicates", report.duplicates},
                                                    {"rejected", report.rejected},
                                                    {"replaced", report.replaced},
                                                    {"billed_cost", report.billed_cost.to_string()},
                                                    {"effective_cost", report.effective_cost.to_string()},
                                                    {"problems", std::move(problems)},
                                                    {"notes", std::move(notes)}});
}

// Callers know files by their path within the root; where that lies is the operator's matter.
std::string without_root(std::string text, const std::string& path, const std::string& file) {
  for (auto at = text.find(path); at != std::string::npos; at = text.find(path, at + file.size())) {
    text.replace(at, path.size(), file);
  }
  return text;
}

bool is_below(const fs::path& path, const fs::path& root) {
  return std::mismatch(root.begin(), root.end(), path.begin(), path.end()).first == root.end();
}

base::Result<std::string> file_of(const Job& job) {
  boost::system::error_code error;
  const auto payload = boost::json::parse(job.payload, error);
  const auto* file = !error && payload.is_object() ? payload.get_object().if_contains("file") : nullptr;
  if (file == nullptr || !file->is_string()) {
    return base::fail(base::ErrorKind::corrupt, "the job doesn't say which file it is about");
  }
  return std::string(file->get_string());
}

}  // namespace

base::Result<std::string> Collection::resolve(const std::string& file) const {
  if (root_.empty()) {
    return base::fail(base::ErrorKind::unavailable,
                      "no folder to collect from is configured: start costagent serve with --collect-root");
  }
  const fs::path path(file);
  if (file.empty() || file.size() > kLongestPath || file.find('\0') != std::string::npos || path.is_absolute() ||
      std::find(path.begin(), path.end(), "..") != path.end()) {
    return base::fail_field("file", "expected the path of a file within the folder that is collected from");
  }
  std::error_code error;
  const fs::path root = fs::canonical(root_, error);
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

base::Result<Job> Collection::collect_focus(const std::string& customer, const std::string& file) {
  if (const auto good = check_customer(customer); !good) return base::pass_on(good);
  const auto path = resolve(file);
  if (!path) return base::pass_on(path);
  NewJob job{kKind, customer, boost::json::serialize(boost::json::object{{"file", file}})};
  job.key = fmt::format("{}:{}", kKind, io::sha256_hex(fs::path(file).lexically_normal().string()));
  return jobs_.push(job);
}

base::Result<std::string> Collection::run(const Job& job, JobContext& context) const {
  const auto file = file_of(job);
  if (!file) return base::pass_on(file);
  // Looked up again: what lies under the name may have changed since it was asked for.
  const auto path = resolve(*file);
  if (!path) return base::pass_on(path);
  const auto progress = [&](const IngestStep& step) {
    context.progress(step.share, "reading the file");
    return !context.cancelled();
  };
  auto report = ingest_files(facts_, {job.customer}, {&*path, 1}, progress);
  if (!report) return base::fail(report.error().kind, "{}", without_root(report.error().message, *path, *file));
  if (changed_ && report->charges + report->utilisation.taken + report->commitments.taken > 0) changed_(job.customer);
  for (auto* texts : {&report->problems, &report->notes}) {
    for (std::string& text : *texts) text = without_root(std::move(text), *path, *file);
  }
  return json_text(*report);
}

}  // namespace costagent
