#include "costagent/api/cache_metrics.h"

#include "costagent/api/metrics.h"

namespace costagent {
namespace {

class Families {
 public:
  explicit Families(std::vector<prometheus::MetricFamily>& families) : families_(families) {}

  void count(const char* name, const char* help, std::uint64_t value) {
    families_.push_back(metric_family(name, help, prometheus::MetricType::Counter, static_cast<double>(value)));
  }
  void level(const char* name, const char* help, std::size_t value) {
    families_.push_back(metric_family(name, help, prometheus::MetricType::Gauge, static_cast<double>(value)));
  }

 private:
  std::vector<prometheus::MetricFamily>& families_;
};

}  // namespace

void add_cache_metrics(const CacheUse& use, std::vector<prometheus::MetricFamily>& families) {
  Families into(families);
  into.count("answer_cache_hits_total", "Questions answered from the process's memory.", use.hits);
  into.count("answer_cache_misses_total", "Questions whose answer was computed.", use.misses);
  into.count("answer_cache_waits_total", "Questions that waited for the same answer, already being computed.",
             use.waits);
  into.count("answer_cache_evictions_total", "Answers dropped to make room.", use.evictions);
  into.count("answer_cache_expirations_total", "Answers dropped because their time was over.", use.expirations);
  into.count("answer_cache_invalidations_total", "Answers dropped because facts had changed.", use.invalidations);
  into.level("answer_cache_entries", "Answers kept in memory.", use.entries);
  into.level("answer_cache_bytes", "What they take.", use.bytes);
  into.level("answer_cache_max_bytes", "What they may take.", use.max_bytes);
  if (!use.shares) return;
  into.count("answer_cache_shared_hits_total", "Questions answered from what another process made.", use.shared_hits);
  into.count("answer_cache_shared_errors_total", "Times Redis gave no answer, none in time or no sensible one.",
             use.shared_errors);
  into.level("answer_cache_shared_up", "Processes that share answers through Redis now.", use.reachable ? 1 : 0);
  into.level("answer_cache_shared_listening", "Processes that hear of others' changes now.", use.listening ? 1 : 0);
}

void add_model_metrics(const ModelUse& use, std::vector<prometheus::MetricFamily>& families) {
  Families into(families);
  into.count("analysis_model_hits_total", "Analyses of a bill that had been read before.", use.hits);
  into.count("analysis_model_misses_total", "Analyses whose bill was read and worked out.", use.misses);
  into.level("analysis_models", "Bills whose analysis is kept in memory.", use.models);
  into.level("analysis_model_bytes", "What they take, by estimate.", use.bytes);
}

}  // namespace costagent
