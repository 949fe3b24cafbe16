// One customer's bill at some levels, read once, with all that was worked out of it since.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/timed_mutex.h"
#include "costagent/domain/feedback_store.h"
#include "costagent/service/analysis.h"
#include "costagent/service/analysis_levels.h"
#include "costagent/service/feedback_effects.h"
#include "costagent/service/forecasts.h"

namespace costagent {

// What a model reads from, for a call.
struct ModelSources {
  FactStore& facts;
  FeedbackStore& feedback;
  base::Seconds now;
};

// Thread-safe: one works on it at a time.
class AnalysisModel {
 public:
  AnalysisModel(SeriesScope scope, std::vector<Feedback> feedback, std::int64_t version)
      : scope_(std::move(scope)), feedback_(std::move(feedback)), version_(version) {}

  std::int64_t version() const { return version_; }
  // Held, by estimate.
  std::size_t bytes() const { return bytes_; }

  // The answer for a period within the window; fails as AnalysisModels::analyse does.
  base::Result<AnalysisReport> analyse(const ModelSources& sources, const AnalysisRequest& request, Period period);

 private:
  using Days = std::pair<base::Day, base::Day>;  // a period, as a key

  // What was found so far of the whole window at one sensitivity; where a deadline ended that, it goes on from there.
  struct Found {
    std::size_t level = 0;
    std::size_t series = 0;
    std::vector<Anomaly> anomalies;
    std::vector<Anomaly> hints;  // see Findings
  };
  struct Summary {
    std::vector<CostTotal> total;
    std::vector<CostTotal> top_services;
  };

  base::Result<> read(FactStore& facts);
  base::Result<> add_summary(FactStore& facts, AnalysisReport& report);
  base::Result<> find(Sensitivity sensitivity);
  void look_at(const LevelSeries& level, const CostSeries& series, const Thresholds& thresholds, Found& found) const;
  base::Result<> add_anomalies(const ModelSources& sources, Sensitivity sensitivity, AnalysisReport& report);
  void leave_out_answered(AnalysisReport& report) const;
  base::Result<> add_revisions(const ModelSources& sources, AnalysisReport& report);
  base::Result<> remember(const ModelSources& sources, const AnalysisReport& report);
  std::optional<double> actual_cost(const Anomaly& anomaly) const;
  base::Result<> explain(FactStore& facts, AnalysisReport& report);
  void add_trends(AnalysisReport& report);
  void add_forecasts(const AnalysisRequest& request, AnalysisReport& report);
  void measure();
  const LevelSeries& level(const SeriesLevel& of) const;
  const CostSeries* total_of(const std::string& currency) const;

  const SeriesScope scope_;
  const std::vector<Feedback> feedback_;
  const std::int64_t version_;
  base::TimedMutex mutex_;  // guards all below
  std::vector<LevelSeries> levels_;
  FeedbackEffects effects_;
  std::set<std::string> remembered_;  // ids of incidents
  std::size_t looked_at_ = 0;         // series that can have anomalies
  std::size_t seldom_ = 0;            // those that can't, as they cost too seldom
  std::array<Found, 3> found_;
  std::map<Days, Summary> summaries_;
  std::map<Days, std::vector<SliceTrend>> trends_;
  std::map<std::pair<base::Day, std::size_t>, std::vector<TotalForecast>> forecasts_;
  std::map<std::string, std::vector<Contribution>> contributions_;
  std::atomic<std::size_t> bytes_ = 0;
};

}  // namespace costagent
