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

TEST(ThresholdParser, an_endpoint_s_metric_is_bounded_by_a_number_or_by_a_rate) {
  EXPECT_EQ(parse_threshold("max(prometheus:hits_total) < 5")->bound, 5);
  EXPECT_EQ(parse_threshold("max(prometheus:hits_total) < 5/s")->bound, 5);
  EXPECT_EQ(parse_threshold("max(prometheus:hits_total) < 120/m")->bound, 2);
  EXPECT_FALSE(parse_threshold("max(prometheus:hits_total) < 5MB"));
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
            "threshold 'p95(response_time) < 300', column 25: a unit is missing here (did you mean 300ms?); "
            "response_time is bounded by a time: us, ms, s, m or h, as in 300ms");
  EXPECT_EQ(message("p95 < 3"),
            "threshold 'p95 < 3', column 1: 'p95' is asked of a metric, and bounded by a time: us, ms, s, m or h, as "
            "in 300ms; did you mean p95(response_time) < 3s?");
  EXPECT_NE(message("avg<=20ms").find("did you mean avg(response_time) <= 20ms?"), std::string::npos);
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
  EXPECT_EQ(message("max(redis:memry) < 3MB"),
            "threshold 'max(redis:memry) < 3MB', column 11: unknown metric 'memry' of redis; did you mean 'memory'?");
  EXPECT_EQ(message("max(mysql:memory) < 3MB"),
            "threshold 'max(mysql:memory) < 3MB', column 5: unknown probe 'mysql'; the probes are prometheus, process, "
            "machine, cgroup, postgresql, pgbouncer, redis");
  EXPECT_EQ(message("max(redis:memory) < 3"),
            "threshold 'max(redis:memory) < 3', column 22: a unit is missing here (did you mean 3MB?); redis:memory is "
            "bounded by B, KB, MB, GB, KiB, MiB or GiB, as in 512MB");
  EXPECT_EQ(message("per_request(process:cpu) < 3%"),
            "threshold 'per_request(process:cpu) < 3%', column 1: 'per_request' can't be asked of process:cpu; write "
            "avg|min|max, as in max(redis:memory) < 100MB");
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

TEST(ThresholdParser, takes_any_metric_of_a_probe) {
  const auto memory = parse_threshold("max(redis:memory) < 100MB").value();
  EXPECT_EQ(memory.metric, Metric::probed);
  EXPECT_EQ(memory.probe, "redis");
  EXPECT_EQ(memory.probed, "memory");
  EXPECT_EQ(memory.aggregate, Aggregate::maximum);
  EXPECT_EQ(memory.bound, 100);
  EXPECT_STREQ(unit_of(memory), "MB");
  EXPECT_EQ(parse_threshold("avg(process:disk_written) <= 2MB/s")->bound, 2);
  EXPECT_EQ(parse_threshold("max(postgresql:query_time) < 400%")->bound, 400) << "four sessions busy";
  EXPECT_EQ(parse_threshold("avg(postgresql:commits) > 60/m")->bound, 1);
  const auto written = parse_threshold("per_request(process:disk_written) < 10KB").value();
  EXPECT_EQ(written.aggregate, Aggregate::per_request);
  EXPECT_DOUBLE_EQ(written.bound, 0.01);
  EXPECT_STREQ(unit_of(written), "MB");
  EXPECT_EQ(parse_threshold("per_request(postgresql:queries) < 3")->bound, 3);
  EXPECT_EQ(parse_threshold("avg(prometheus:shop_pool_in_use) < 9")->probed, "shop_pool_in_use");
}

TEST(ThresholdParser, takes_what_a_request_costs_the_target) {
  EXPECT_EQ(parse_threshold("memory_per_request < 1KiB")->bound, 1024);
  EXPECT_EQ(parse_threshold("bytes_per_request < 20KB")->bound, 20'000);
  EXPECT_EQ(parse_threshold("queries_per_request <= 5")->metric, Metric::queries_per_request);
  EXPECT_EQ(parse_threshold("max(db_connections) < 50")->metric, Metric::db_connections);
}

}  // namespace
}  // namespace loadlab
