#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "loadlab/probe/prometheus_probe.h"
#include "loadlab/probe/prometheus_text.h"
#include "loadlab/probe/reading_test.h"
#include "support/responder.h"

namespace loadlab {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using testing_support::Answer;
using testing_support::Responder;

TEST(Exposition, is_read_with_labels_types_and_timestamps) {
  const std::string text =
      "# HELP requests_total Requests, by \"route\"\n# TYPE requests_total counter\n"
      "requests_total{route=\"/a\\\"b\",method=\"GET\",} 12 1395066363000\n"
      "\n  free_bytes\t1.5e+09\r\n# TYPE wait histogram\nwait_bucket{le=\"+Inf\"} 3\nwait_sum 0.5\n"
      "odd -Inf\nodder NaN\n# any other comment\n";
  const auto samples = parse_exposition(text).value();
  ASSERT_EQ(samples.size(), 6u);
  EXPECT_EQ(samples[0].name, "requests_total");
  EXPECT_EQ(samples[0].label("route"), "/a\\\"b");
  EXPECT_EQ(samples[0].label("method"), "GET");
  EXPECT_EQ(samples[0].label("code"), "");
  EXPECT_EQ(samples[0].value, 12);
  EXPECT_EQ(samples[0].kind, ExposedKind::counter);
  EXPECT_EQ(samples[1].value, 1.5e9);
  EXPECT_EQ(samples[1].kind, ExposedKind::untyped);
  EXPECT_EQ(samples[2].kind, ExposedKind::histogram);
  EXPECT_EQ(samples[3].kind, ExposedKind::histogram);
  EXPECT_TRUE(std::isinf(samples[4].value));
  EXPECT_TRUE(std::isnan(samples[5].value));
}

TEST(Exposition, is_refused_at_the_first_line_that_is_not_of_it) {
  for (const char* line :
       {"requests_total", "1name 3", "a{b} 3", "a{b=\"c} 3", "a{b=\"c\" 3", "a{b=\"c\"d=\"e\"} 3", "a three", "a 0x10",
        "a 1 2 3", "a 1 then", "# TYPE a lamp", "<html>", "a{b='c'} 1", "a inf"}) {
    const auto samples = parse_exposition(std::string("fine 1\n") + line + "\n");
    ASSERT_FALSE(samples) << line;
    EXPECT_THAT(samples.error().message, HasSubstr("line 2 ")) << line;
  }
}

TEST(Exposition, has_bounds) {
  std::string many;
  for (int i = 0; i < 50'001; ++i) many += "a 1\n";
  EXPECT_THAT(parse_exposition(many).error().message, HasSubstr("50,000"));
  EXPECT_THAT(parse_exposition("a{b=\"" + std::string(70'000, 'x') + "\"} 1\n").error().message, HasSubstr("64 KB"));
}

// An endpoint whose page the test changes between two readings.
struct Endpoint {
  std::string page;
  int status = 200;
  Responder server{[this](const std::string&, const std::string&) { return Answer{status, page}; }};

  Reading read(PrometheusProbe& probe) const {
    Reading reading("prometheus");
    const auto result = probe.read(reading);
    EXPECT_TRUE(result) << result.error().message;
    return reading;
  }
};

TEST(PrometheusProbe, adds_up_over_labels_and_tells_counters_from_gauges) {
  Endpoint endpoint;
  endpoint.page =
      "# TYPE requests_total counter\nrequests_total{a=\"1\"} 3\nrequests_total{a=\"2\"} 4\n"
      "# TYPE pool gauge\npool{state=\"idle\"} 2\npool{state=\"busy\"} 8\n";
  PrometheusProbe probe(endpoint.server.url() + "/metrics", "shop", {"pool"});
  const Reading reading = endpoint.read(probe);
  EXPECT_EQ(value_of(reading, "requests_total"), 7);
  EXPECT_EQ(value_of(reading, "pool"), 10);
  EXPECT_EQ(reading.parts()[0].values[0].name, "pool") << "what a threshold wants comes first";
  EXPECT_EQ(reading.parts()[0].values[0].kind, MetricKind::gauge);
  EXPECT_EQ(reading.parts()[0].values[1].kind, MetricKind::rate);
}

TEST(PrometheusProbe, a_histogram_s_quantiles_are_of_what_came_since_the_reading_before) {
  Endpoint endpoint;
  const auto page = [](int low, int mid, int all) {
    return fmt::format(
        "# TYPE wait histogram\nwait_bucket{{le=\"0.1\"}} {}\nwait_bucket{{le=\"0.5\"}} {}\n"
        "wait_bucket{{le=\"+Inf\"}} {}\nwait_sum 1\nwait_count {}\n",
        low, mid, all, all);
  };
  endpoint.page = page(1000, 1000, 1000);
  PrometheusProbe probe(endpoint.server.url() + "/metrics", "shop", {});
  EXPECT_TRUE(std::isnan(value_of(endpoint.read(probe), "wait_p50")));
  endpoint.page = page(1050, 1090, 1100);
  const Reading reading = endpoint.read(probe);
  EXPECT_DOUBLE_EQ(value_of(reading, "wait_p50"), 0.1);
  EXPECT_DOUBLE_EQ(value_of(reading, "wait_p95"), 0.5) << "beyond the last bound nothing is known";
  EXPECT_EQ(value_of(reading, "wait_count"), 1100);
  endpoint.page = page(1050, 1190, 1200);
  EXPECT_DOUBLE_EQ(value_of(endpoint.read(probe), "wait_p50"), 0.3) << "half way through its bucket";
  endpoint.page = page(1, 2, 3);
  EXPECT_TRUE(std::isnan(value_of(endpoint.read(probe), "wait_p50"))) << "the service was restarted";
}

TEST(PrometheusProbe, says_what_is_wrong_with_an_endpoint) {
  Endpoint endpoint;
  PrometheusProbe probe(endpoint.server.url() + "/metrics", "shop", {});
  Reading none("prometheus");
  endpoint.page = "<html>not here</html>";
  EXPECT_THAT(probe.read(none).error().message, HasSubstr("line 1 "));
  endpoint.status = 404;
  EXPECT_THAT(probe.read(none).error().message, HasSubstr("404"));
  endpoint.server.kill();
  EXPECT_EQ(probe.read(none).error().kind, base::ErrorKind::unavailable);
}

// The value of a parameter, as it stands in the request.
std::string parameter(const std::string& request, const std::string& name) {
  const auto at = request.find(name + "=");
  if (at == std::string::npos) return "";
  const auto from = at + name.size() + 1;
  return request.substr(from, request.find('&', from) - from);
}

// What Prometheus' own server says (its HTTP API, "Range queries"), and what it refuses.
Answer prometheus_server(const std::string& request) {
  const auto refuse = [](const std::string& why) {
    return Answer{400, R"({"status":"error","errorType":"bad_data","error":")" + why + "\"}"};
  };
  if (!request.starts_with("GET /api/v1/query_range?")) return {404, "404 page not found"};
  const double start = std::atof(parameter(request, "start").c_str());
  const double end = std::atof(parameter(request, "end").c_str());
  const double step = std::atof(parameter(request, "step").c_str());
  if (start <= 0 || end < start) return refuse("end timestamp must not be before start time");
  if (step <= 0) return refuse("zero or negative query resolution step widths are not accepted");
  const std::string query = parameter(request, "query");
  if (query == "sum%28") return refuse("parse error: unclosed left parenthesis");
  if (query != "rate%28cpu_total%7Ba%3D%22b%22%7D%5B1m%5D%29")
    return {200, R"({"status":"success","data":{"resultType":"matrix","result":[]}})"};
  const auto series = [&](const char* instance, double value) {
    return fmt::format(R"({{"metric":{{"instance":"{}"}},"values":[[{},"0.1"],[{},"{}"]]}})", instance, start, end,
                       value);
  };
  return {200, R"({"status":"success","data":{"resultType":"matrix","result":[)" + series("a", 0.25) + "," +
                   series("b", 0.5) + "]}}"};
}

TEST(PrometheusQueryProbe, asks_a_server_by_range_and_adds_up_the_newest_values) {
  Responder server([](const std::string& request, const std::string&) { return prometheus_server(request); });
  const auto read = [&](const char* query, Reading& into) {
    return PrometheusQueryProbe(server.url() + "/", "prom", "cpu", query, 1s).read(into);
  };
  Reading reading("prometheus");
  const auto result = read("rate(cpu_total{a=\"b\"}[1m])", reading);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_DOUBLE_EQ(value_of(reading, "cpu"), 0.75);
  Reading none("prometheus");
  EXPECT_THAT(read("sum(", none).error().message, HasSubstr("unclosed left parenthesis"));
  EXPECT_THAT(read("nothing", none).error().message, HasSubstr("finds nothing"));
}

}  // namespace
}  // namespace loadlab
