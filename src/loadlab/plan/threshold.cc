#include "loadlab/plan/threshold.h"

namespace loadlab {

const char* unit_of(const Threshold& threshold) {
  switch (threshold.metric) {
    case Metric::response_time:
    case Metric::service_time:
    case Metric::connection_wait:
    case Metric::send_lag:
    case Metric::duration:
    case Metric::cpu_per_request:
      return "ms";
    case Metric::error_rate:
    case Metric::cpu:
      return "%";
    case Metric::memory:
      return "MB";
    case Metric::requests:
      return threshold.aggregate == Aggregate::rate ? "/s" : "";
    case Metric::dropped:
    case Metric::descriptors:
      return "";
  }
  return "";
}

}  // namespace loadlab
