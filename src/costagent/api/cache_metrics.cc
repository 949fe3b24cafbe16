#include "costagent/api/cache_metrics.h"

#include "costagent/api/metrics.h"

namespace costagent {

void add_cache_metrics(const CacheUse& use, std::vector<prometheus::MetricFamily>& families) {
  const auto count = [&](const char* name, const char* help, std::uint64_t value) {
    families.push_back(metric_family(name, help, prometheus::MetricType::Counter, static_cast<double>(value)));
  };
  const auto level = [&](const char* name, const char* help, std::size_t value) {
    families.push_back(metric_family(name, help, prometheus::MetricType::Gauge, static_cast<double>(value)));
  };
  count("answer_cache_hits_total", "Questions answered from the process's memory.", use.hits);
  count("answer_cache_misses_total", "Questions whose answer was computed.", use.misses);
  count("answer_cache_waits_total", "Questions that waited for the same answer, already being computed.", use.waits);
  count("answer_cache_evictions_total", "Answers dropped to make room.", use.evictions);
  count("answer_cache_expirations_total", "Answers dropped because their time was over.", use.expirations);
  count("answer_cache_invalidations_total", "Answers dropped because facts had changed.", use.invalidations);
  level("answer_cache_entries", "Answers kept in memory.", use.entries);
  level("answer_cache_bytes", "What they take.", use.bytes);
  level("answer_cache_max_bytes", "What they may take.", use.max_bytes);
  if (!use.shares) return;
  count("answer_cache_shared_hits_total", "Questions answered from what another process made.", use.shared_hits);
  count("answer_cache_shared_errors_total", "Times Redis gave no answer, none in time or no sensible one.",
        use.shared_errors);
  level("answer_cache_shared_up", "Processes that share answers through Redis now.", use.reachable ? 1 : 0);
  level("answer_cache_shared_listening", "Processes that hear of others' changes now.", use.listening ? 1 : 0);
}

}  // namespace costagent
