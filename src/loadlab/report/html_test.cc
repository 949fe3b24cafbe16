#include "loadlab/report/html.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <fstream>

#include "loadlab/report/sample_run.h"

namespace loadlab {
namespace {

namespace json = boost::json;

json::value embedded(const std::string& html) {
  const std::string open = "<script type=\"application/json\" id=\"summary\">";
  const auto begin = html.find(open) + open.size();
  return json::parse(html.substr(begin, html.find("</script>", begin) - begin));
}

TEST(HtmlReport, needs_no_other_host) {
  // A person can look at it: HTML_REPORT=/tmp/report.html keeps the page of the made-up run.
  const std::string html = html_report(sample_run());
  if (const char* path = std::getenv("HTML_REPORT")) std::ofstream(path) << html;
  for (const char* reference : {"src=", "@import", "url(", "fetch(", "<link"}) {
    EXPECT_EQ(html.find(reference), std::string::npos) << reference;
  }
  // Addresses are there only as the run's own target and as the name of SVG's namespace.
  std::size_t hosts = 0;
  for (auto at = html.find("://"); at != std::string::npos; at = html.find("://", at + 1)) {
    const std::string_view rest = std::string_view(html).substr(at + 3, 14);
    EXPECT_TRUE(rest.starts_with("127.0.0.1:8080") || rest.starts_with("www.w3.org")) << rest;
    ++hosts;
  }
  EXPECT_GT(hosts, 0u);
}

TEST(HtmlReport, no_name_can_break_out_of_its_place) {
  const std::string html = html_report(sample_run());
  EXPECT_EQ(html.find("</script><b>"), std::string::npos);
  EXPECT_NE(html.find("stress &lt;/script&gt;&lt;b&gt;, 500 users"), std::string::npos);
  EXPECT_EQ(embedded(html).at_pointer("/tests/1/name").as_string(), "stress </script><b>, 500 users");
}

TEST(HtmlReport, tells_verdict_margin_and_every_test_in_the_page_itself) {
  const std::string html = html_report(sample_run());
  const std::string readable = html.substr(0, html.find("<script"));
  for (const char* part :
       {"3 of 5 tests passed, 4 of 8 thresholds hold, 1 of 3 verifications passed, memory leaks",
        "broken the most is that of p95(response_time) &lt; 10ms in &#39;stress", "over by 75.0 %",
        "2 of the bars that only warn are missed", "<th colspan=\"11\" scope=\"rowgroup\">benchmarks</th>",
        "the allocator keeps what it had", "totals &lt;are&gt; exact", "3 charges are missing",
        "the database goes away", "<td><code>BM_parse&lt;int&gt;/8</code></td><td>2.10 µs</td>",
        "<td>workers=4</td><td>2</td>", "id=\"sweep-4\"", "Connection refused; is it running?", "timeout", "status 503",
        "process 4242 has ended", "17 arrivals dropped",
        "<td>checkout</td><td>100</td><td>12</td><td>3</td><td>duration</td><td>1.07 s</td>"}) {
    EXPECT_NE(readable.find(part), std::string::npos) << part;
  }
}

TEST(HtmlReport, a_long_run_is_thinned_without_losing_its_peak) {
  RunResult run = sample_run();
  run.tests.resize(1);
  std::vector<Second>& series = run.tests[0].series;
  series.assign(9000, series.front());
  for (std::size_t i = 0; i < series.size(); ++i) series[i].index = static_cast<int>(i);
  series[7777].response_max_ms = 12'345;
  const std::string html = html_report(run);
  const json::value summary = embedded(html);
  const json::array& points = summary.at_pointer("/tests/0/series").as_array();
  EXPECT_LE(points.size(), 2000u);
  double most = 0;
  for (const json::value& point : points) most = std::max(most, point.at("max_response_time_ms").to_number<double>());
  EXPECT_EQ(most, 12'345);
  EXPECT_NE(html.find("9,000 seconds are drawn as"), std::string::npos);
}

TEST(HtmlReport, tells_what_leaks_at_a_point_of_a_sweep) {
  RunResult run = sample_run();
  run.tests = {run.tests[4]};
  LeakFinding leak;
  leak.resource = "memory";
  leak.label = "shop at workers=2";
  leak.verdict = LeakVerdict::leak;
  run.tests[0].leaks.findings = {leak};
  const std::string html = html_report(run);
  EXPECT_NE(html.find("<h3>Leaks</h3>"), std::string::npos);
  EXPECT_NE(html.find("<td>memory <span class=\"soft\">shop at workers=2</span>"), std::string::npos);
}

TEST(HtmlReport, names_as_broken_what_has_no_margin) {
  RunResult run = sample_run();
  run.tests.resize(1);
  run.tests[0].thresholds[0].bound = 0;
  run.tests[0].thresholds[0].margin.reset();
  run.tests[0].thresholds[0].passed = false;
  const std::string html = html_report(run);
  EXPECT_NE(html.find("<dt>By what margin</dt><dd>broken is avg(response_time) &lt; 2s in"), std::string::npos);
  EXPECT_NE(html.find("<td>broken</td></tr>"), std::string::npos);
}

TEST(HtmlReport, an_empty_run_is_a_page_too) {
  EXPECT_NE(html_report(RunResult()).find("no thresholds: nothing was asked of the target"), std::string::npos);
}

TEST(HtmlReport, texts_of_others_need_not_be_utf_8) {
  RunResult run = sample_run();
  run.tests[0].resources.target = "caf\xe9";
  const std::string html = html_report(run);
  EXPECT_EQ(embedded(html).at_pointer("/tests/0/resources/target").as_string(), "caf\\xe9");
  EXPECT_NE(html.find("caf\\xe9"), std::string::npos);
  EXPECT_EQ(html.find("caf\xe9"), std::string::npos);
}

}  // namespace
}  // namespace loadlab
