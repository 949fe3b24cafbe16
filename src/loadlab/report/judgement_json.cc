#include "loadlab/report/judgement_json.h"

#include <boost/json.hpp>

#include "loadlab/report/json_number.h"

namespace loadlab {
namespace {

namespace json = boost::json;

json::object leak_json(const LeakFinding& leak) {
  return {{"resource", leak.resource},
          {"target", leak.label},
          {"verdict", name_of(leak.verdict)},
          {"severity", leak.warn_only ? "warn" : "fail"},
          {"unit", leak.unit},
          {"slope_per_hour", number(leak.slope_per_hour)},
          {"slope_low_per_hour", number(leak.slope_low_per_hour)},
          {"slope_high_per_hour", number(leak.slope_high_per_hour)},
          {"per_thousand_requests", number(leak.per_thousand_requests)},
          {"smallest_slope_per_hour", number(leak.smallest_per_hour)},
          {"chance", number(leak.chance)},
          {"false_alarm_percent", number(leak.false_alarm_percent)},
          {"from_seconds", number(leak.from_seconds)},
          {"to_seconds", number(leak.to_seconds)},
          {"level_from", number(leak.level_from)},
          {"level_to", number(leak.level_to)},
          {"seconds_to_decide", number(leak.seconds_to_decide)},
          {"sentence", leak.sentence}};
}

json::object bottleneck_json(const Bottleneck& bottleneck) {
  json::array candidates;
  for (const Candidate& candidate : bottleneck.candidates) {
    candidates.push_back(json::object{{"cause", candidate.cause},
                                      {"score", number(candidate.score)},
                                      {"exact", candidate.exact},
                                      {"evidence", candidate.evidence},
                                      {"advice", candidate.advice}});
  }
  return {{"state", name_of(bottleneck.pressure)},
          {"sentence", bottleneck.sentence},
          {"rate_reached", number(bottleneck.rate_reached)},
          {"served_at_once", number(bottleneck.parallel)},
          {"candidates", std::move(candidates)}};
}

json::object recovery_json(const Recovery& recovery) {
  return {{"stress_ended_seconds", number(recovery.stress_ended_seconds)},
          {"normal_p95_response_time_ms", number(recovery.normal_p95_ms)},
          {"worst_p95_response_time_ms", number(recovery.worst_p95_ms)},
          {"seconds_to_normal", number(recovery.seconds_to_normal)},
          {"refused_requests", recovery.refused},
          {"timed_out_requests", recovery.timed_out},
          {"memory_before_mb", number(recovery.memory_before_mb)},
          {"memory_peak_mb", number(recovery.memory_peak_mb)},
          {"memory_after_mb", number(recovery.memory_after_mb)},
          {"sentence", recovery.sentence}};
}

}  // namespace

void add_judgement(json::object& to, const TestResult& test) {
  json::array leaks;
  for (const LeakFinding& leak : test.leaks.findings) leaks.push_back(leak_json(leak));
  to["leaks"] = std::move(leaks);
  to["leaks_not_judged"] = test.leaks.not_judged.empty() ? json::value(nullptr) : json::value(test.leaks.not_judged);
  to["bottleneck"] =
      test.bottleneck.sentence.empty() ? json::value(nullptr) : json::value(bottleneck_json(test.bottleneck));
  to["recovery"] = test.recovery ? json::value(recovery_json(*test.recovery)) : json::value(nullptr);
}

}  // namespace loadlab
