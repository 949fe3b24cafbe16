#include "costagent/service/analysis_models.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "costagent/service/analysis_levels.h"
#include "costagent/service/analysis_model.h"

namespace costagent {
namespace {

// Half a year teaches weekly cycle, month-ends and level; older days say little of today.
constexpr std::chrono::days kHistory{180};
// Most questions are about the last year.
constexpr std::chrono::days kUsualPeriod{365};

Period window_of(Period asked, Period extent) {
  // What comes after the last charge is a bill on its way, and says nothing yet.
  const base::Day usual = extent.to - kUsualPeriod;
  const bool recent = asked.from >= usual;
  const base::Day from = std::max(std::min(asked.from, usual) - kHistory, extent.from);
  const base::Day to = recent ? extent.to : std::min(asked.to, extent.to);
  // Days before the first charge teach nothing.
  return {std::min(from, to - std::chrono::days(1)), to};
}

// All that a model is of, besides the version of the facts.
std::string key_of(const SeriesScope& scope, const std::vector<Feedback>& feedback) {
  std::string key;
  const auto add = [&key](std::string_view text) { key += fmt::format("{}:{}", text.size(), text); };
  add(scope.customer);
  add(base::format_day(scope.days.from));
  add(base::format_day(scope.days.to));
  for (const SeriesLevel& level : scope.levels) {
    for (const Dimension dimension : level.by) add(std::to_string(static_cast<int>(dimension)));
    add(level.tag);
    add("|");
  }
  for (const auto& [dimension, value] : scope.only) {
    add(std::to_string(static_cast<int>(dimension)));
    add(value);
  }
  for (const Feedback& one : feedback) {
    add(one.id);
    add(fmt::format("{} {}", one.daily_impact, one.change_percent));
    add(one.note);
  }
  return key;
}

}  // namespace

AnalysisModels::AnalysisModels(FactStore& facts, FeedbackStore& feedback, const base::Clock& clock,
                               std::size_t max_bytes)
    : facts_(facts), feedback_(feedback), clock_(clock), max_bytes_(max_bytes) {}
AnalysisModels::~AnalysisModels() = default;

base::Result<AnalysisReport> AnalysisModels::analyse(const AnalysisRequest& request) {
  // Read before the facts are: a model may be newer than its version says, but never older.
  const auto version = facts_.version(request.customer);
  if (!version) return base::pass_on(version);
  const auto extent = extent_of(facts_, request.customer);
  if (!extent) return base::pass_on(extent);
  const auto period = resolve_period(*extent, request.days);
  if (!period) return base::pass_on(period);
  SeriesScope scope{request.customer, window_of(*period, *extent), request.levels, request.only};
  if (scope.levels.empty()) scope.levels.assign(usual_levels().begin(), usual_levels().end());

  auto feedback = feedback_.feedback(request.customer);
  if (!feedback) return base::pass_on(feedback);
  const std::string key = key_of(scope, *feedback);
  const auto model = find_or_make(key, std::move(scope), std::move(*feedback), *version);
  const ModelSources sources{facts_, feedback_, std::chrono::floor<std::chrono::seconds>(clock_.utc())};
  auto report = model->analyse(sources, request, *period);
  count(key, *model);
  if (!report || !request.growth) return report;
  auto growth = growth_report(facts_, request.customer, request.only, *period, *extent);
  if (!growth) return base::pass_on(growth);
  report->growth = std::move(*growth);
  return report;
}

std::shared_ptr<AnalysisModel> AnalysisModels::find_or_make(const std::string& key, SeriesScope scope,
                                                            std::vector<Feedback> feedback, std::int64_t version) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(kept_.begin(), kept_.end(), [&](const Kept& kept) { return kept.key == key; });
  // One of a newer version than the caller's serves as well.
  if (found != kept_.end() && found->model->version() >= version) {
    ++hits_;
    kept_.splice(kept_.begin(), kept_, found);
    return found->model;
  }
  ++misses_;
  if (found != kept_.end()) kept_.erase(found);
  // Before it has anything, so that others who ask the same meet it and wait.
  kept_.push_front({key, std::make_shared<AnalysisModel>(std::move(scope), std::move(feedback), version), 0});
  return kept_.front().model;
}

void AnalysisModels::count(const std::string& key, const AnalysisModel& model) {
  const std::lock_guard lock(mutex_);
  std::size_t sum = 0;
  for (auto kept = kept_.begin(); kept != kept_.end();) {
    if (kept->key == key && kept->model.get() == &model) kept->bytes = model.bytes();
    sum += kept->bytes;
    kept = sum > max_bytes_ ? kept_.erase(kept) : std::next(kept);
  }
}

ModelUse AnalysisModels::use() const {
  const std::lock_guard lock(mutex_);
  ModelUse use{hits_, misses_, kept_.size(), 0};
  for (const Kept& kept : kept_) use.bytes += kept.bytes;
  return use;
}

}  // namespace costagent
