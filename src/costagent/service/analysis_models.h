// What was worked out of customers' bills, kept for the questions that come next: those that differ in period,
// sensitivity or what they ask for needn't have it all worked out again.
//
// A model is of a customer, a part of the bill, some levels and a window of days, and rests on one version of the facts
// and on what people said: once either changes it is made anew. The window is the last 365 days that have charges, and
// the 180 before them, so that the detector knows what is usual; of a period that begins earlier, that period with the
// 180 days before it. So verdicts on a past day know what came after it, and are the same whatever period is asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "costagent/domain/fact_store.h"
#include "costagent/domain/feedback_store.h"
#include "costagent/service/analysis.h"

namespace costagent {

class AnalysisModel;
struct SeriesScope;

// How the models have done since the process began.
struct ModelUse {
  std::uint64_t hits = 0;    // requests whose bill had been read before
  std::uint64_t misses = 0;  // read and worked out
  std::size_t models = 0;
  std::size_t bytes = 0;  // held, by estimate
};

// Thread-safe. What it is made from must outlive it.
class AnalysisModels {
 public:
  // Room for the largest analysis of one customer, or for some twenty of usual size.
  static constexpr std::size_t kBytes = 64 << 20;

  AnalysisModels(FactStore& facts, FeedbackStore& feedback, const base::Clock& clock, std::size_t max_bytes = kBytes);
  ~AnalysisModels();

  // Incidents that are told are remembered (FeedbackStore). Trends are of the period alone, forecasts from its end
  // on (or the bill's, if that comes first), growth of it against as many days before; anomalies are those that begin
  // within it. Blocks; of several who ask about one model one works and the others wait. Fails as `resolve_period` and
  // the store do, with `too_large` and the field `levels` where there are too many series, and with `timeout` when the
  // caller's deadline is over; what was worked out until then is kept.
  base::Result<AnalysisReport> analyse(const AnalysisRequest& request);

  ModelUse use() const;

 private:
  struct Kept {
    std::string key;
    std::shared_ptr<AnalysisModel> model;
    std::size_t bytes = 0;
  };
  std::shared_ptr<AnalysisModel> find_or_make(const std::string& key, SeriesScope scope, std::vector<Feedback> feedback,
                                              std::int64_t version);
  void count(const std::string& key, const AnalysisModel& model);

  FactStore& facts_;
  FeedbackStore& feedback_;
  const base::Clock& clock_;
  const std::size_t max_bytes_;
  mutable std::mutex mutex_;
  std::list<Kept> kept_;  // the one used last first
  std::uint64_t hits_ = 0;
  std::uint64_t misses_ = 0;
};

}  // namespace costagent
