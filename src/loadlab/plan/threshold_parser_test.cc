#include "loadlab/plan/threshold_parser.h"

#include <gtest/gtest.h>

#include "loadlab/plan/load_plan.h"

namespace loadlab {
namespace {

Threshold parsed(std::string_view expression) {
  auto threshold = parse_threshold(expression);
  EXPECT_TRUE(threshold) << (threshold ? "" : threshold.error().message);
  return threshold.value_or(Threshold{});
}

TEST(ThresholdParser, reads_every_metric_with_its_unit) {
  struct Case {
    const char* text;
    Metric metric;
    Aggregate aggregate;
    double bound;
  };
  for (const Case& c : {Case{"avg(response_time) < 2s", Metric::response_time, Aggregate::average, 2000},
                        Case{"min(service_time) < 250us", Metric::service_time, Aggregate::minimum, 0.25},
                        Case{"max(connection_wait) <= 1m", Metric::connection_wait, Aggregate::maximum, 60'000},
                        Case{"max(send_lag) < 0.5ms", Metric::send_lag, Aggregate::maximum, 0.5},
                        Case{"rate(requests) > 500/s", Metric::requests, Aggregate::rate, 500},
                        Case{"rate(requests) > 30/m", Metric::requests, Aggregate::rate, 0.5},
                        Case{"count(requests) >= 1000", Metric::requests, Aggregate::count, 1000},
                        Case{"error_rate < 1%", Metric::error_rate, Aggregate::value, 1},
                        Case{"count(dropped) <= 0", Metric::dropped, Aggregate::count, 0},
                        Case{"avg(cpu) < 80%", Metric::cpu, Aggregate::average, 80},
                        Case{"max(memory) < 512MB", Metric::memory, Aggregate::maximum, 512},
                        Case{"avg(memory) < 1GiB", Metric::memory, Aggregate::average, 1073.741824},
                        Case{"avg(memory) < 1KiB", Metric::memory, Aggregate::average, 0.001024},
                        Case{"max(descriptors) < 1000", Metric::descriptors, Aggregate::maximum, 1000},
                        Case{"cpu_per_request < 500us", Metric::cpu_per_request, Aggregate::value, 0.5}}) {
    const Threshold threshold = parsed(c.text);
    EXPECT_EQ(threshold.metric, c.metric) << c.text;
    EXPECT_EQ(threshold.aggregate, c.aggregate) << c.text;
    EXPECT_DOUBLE_EQ(threshold.bound, c.bound) << c.text;
    EXPECT_EQ(threshold.expression, c.text);
  }
}

TEST(ThresholdParser, reads_comparisons_and_percentiles) {
  EXPECT_EQ(parsed("error_rate < 1%").comparison, Comparison::less);
  EXPECT_EQ(parsed("error_rate <= 1%").comparison, Comparison::less_or_equal);
  EXPECT_EQ(parsed("error_rate > 1%").comparison, Comparison::greater);
  EXPECT_EQ(parsed("error_rate >= 1%").comparison, Comparison::greater_or_equal);
  EXPECT_EQ(parsed("p50(response_time) < 1s").aggregate, Aggregate::percentile);
  EXPECT_DOUBLE_EQ(parsed("p50(response_time) < 1s").percentile, 50);
  EXPECT_DOUBLE_EQ(parsed("p99.9(response_time) < 1s").percentile, 99.9);
  EXPECT_DOUBLE_EQ(parsed("p100(response_time) < 1s").percentile, 100);
}

TEST(ThresholdParser, does_not_care_about_spaces) {
  const Threshold tight = parsed("p95(response_time of recommend)<3s");
  const Threshold wide = parsed("  p95 (  response_time\tof   recommend )  <  3  s ");
  EXPECT_EQ(tight.step, "recommend");
  EXPECT_EQ(wide.step, "recommend");
  EXPECT_EQ(wide.percentile, 95);
  EXPECT_EQ(wide.bound, 3000);
}

TEST(ThresholdParser, a_step_may_have_spaces_and_parentheses_in_its_name) {
  EXPECT_EQ(parsed("p95(response_time of GET /a/$(id)) < 3s").step, "GET /a/$(id)");
  EXPECT_EQ(parsed("error_rate of one recommendation (v2) < 1%").step, "one recommendation (v2)");
  EXPECT_EQ(parsed("count(requests of of) > 1").step, "of");
}

TEST(ThresholdParser, says_at_which_column_what_was_expected) {
  const auto message = [](std::string_view text) {
    const auto threshold = parse_threshold(text);
    return threshold ? std::string("accepted") : threshold.error().message;
  };
  EXPECT_EQ(
      message("p95(respnse_time) < 3s"),
      "threshold 'p95(respnse_time) < 3s', column 5: unknown metric 'respnse_time'; did you mean 'response_time'?");
  EXPECT_EQ(message("p95(response_time) < 300"),
            "threshold 'p95(response_time) < 300', column 25: a unit is missing here; response_time is bounded by a "
            "time: us, ms, s, m or h, as in 300ms");
  EXPECT_EQ(message("p95(response_time) < 1%"),
            "threshold 'p95(response_time) < 1%', column 23: the unit '%' does not fit; response_time is bounded by a "
            "time: us, ms, s, m or h, as in 300ms");
  EXPECT_EQ(message("p999(response_time) < 3s"),
            "threshold 'p999(response_time) < 3s', column 1: 'p999' is above 100; did you mean p99.9?");
  EXPECT_EQ(message("response_time < 3s"),
            "threshold 'response_time < 3s', column 1: 'response_time' needs one of avg, min, max, p50 … p99.9 around "
            "it, as in p95(response_time) < 300ms");
  EXPECT_EQ(message("p95(cpu) < 3%"),
            "threshold 'p95(cpu) < 3%', column 1: 'p95' can't be asked of cpu; write avg|max, as in avg(cpu) < 80%");
  EXPECT_EQ(message("avg(cpu of x) < 3%"),
            "threshold 'avg(cpu of x) < 3%', column 12: 'cpu' is of the whole test, not of a step; take 'of …' away");
  EXPECT_EQ(message("max(db_connections) < 3"),
            "threshold 'max(db_connections) < 3', column 5: 'db_connections' is not offered yet: nothing reads the "
            "target's database; take it away");
  EXPECT_EQ(message("error_rate = 1%"),
            "threshold 'error_rate = 1%', column 12: expected a comparison, <, <=, > or >=, and a bound, as in "
            "p95(response_time) < 300ms");
  EXPECT_EQ(message("error_rate < 101%"), "threshold 'error_rate < 101%', column 14: error_rate is never above 100%");
  EXPECT_EQ(message("p95(response_time < 3s"),
            "threshold 'p95(response_time < 3s', column 18: expected ')' before the comparison");
  EXPECT_EQ(message("avg(response_time for x) < 3s"),
            "threshold 'avg(response_time for x) < 3s', column 19: expected 'of' and the name of a step, not 'for x'");
}

TEST(ThresholdParser, what_makes_no_sense_is_refused) {
  for (const char* text : {"", "<", "< 1%", "error_rate <", "error_rate < -1%", "p0(response_time) < 1s",
                           "p(response_time) < 1s", "p1.2.3(response_time) < 1s", "avg() < 1s", "avg(error_rate) < 1%",
                           "sum(response_time) < 1s", "avg(response_time of) < 1s", "rate(dropped) < 1/s",
                           "count(requests) < 1/s", "max(memory) < 512", "max(memory) < 1mb", "error_rate < 1e3%"}) {
    EXPECT_FALSE(parse_threshold(text)) << text;
  }
  EXPECT_FALSE(parse_threshold(std::string(501, 'p')));
}

}  // namespace
}  // namespace loadlab
