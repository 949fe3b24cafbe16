#include "loadlab/result/probe_series.h"

#include <gtest/gtest.h>

#include <set>

namespace loadlab {
namespace {

ProbeSeries series(const std::string& probe, const std::string& label, const std::string& part) {
  ProbeSeries made;
  made.probe = probe;
  made.label = label;
  made.part = part;
  return made;
}

TEST(ProbeSeries, wholes_and_their_parts_are_told_apart) {
  const std::vector<ProbeSeries> all = {series("process", "shop (pid 1)", ""),
                                        series("process", "shop (pid 1)", "worker 2"), series("redis", "one", ""),
                                        series("redis", "two", ""), series("process", "shop (pid 1)", "worker 3")};
  ASSERT_EQ(wholes_of(all, "process").size(), 1u);
  ASSERT_EQ(wholes_of(all, "redis").size(), 2u);
  EXPECT_EQ(wholes_of(all, "redis")[1]->label, "two");
  const auto workers = parts_of(all, all[0]);
  ASSERT_EQ(workers.size(), 2u);
  EXPECT_EQ(workers[1]->part, "worker 3");
  EXPECT_TRUE(parts_of(all, all[2]).empty());
}

TEST(ProbeSeries, a_metric_is_found_by_its_name) {
  ProbeSeries one = series("redis", "one", "");
  one.metrics.resize(2);
  one.metrics[1].name = "clients";
  EXPECT_EQ(one.find("clients"), &one.metrics[1]);
  EXPECT_EQ(one.find("client"), nullptr);
}

TEST(MetricCatalogue, names_each_metric_of_a_probe_once) {
  std::set<std::pair<std::string_view, std::string_view>> names;
  for (const MetricForm& form : metric_catalogue()) {
    EXPECT_TRUE(names.emplace(form.probe, form.name).second) << form.probe << ":" << form.name;
    EXPECT_FALSE(form.meaning.empty());
    // Values of a rate have no plain unit, and those of a gauge are no rates.
    EXPECT_EQ(form.kind == MetricKind::rate,
              form.unit == "/s" || form.unit == "MB/s" || (form.kind == MetricKind::rate && form.unit == "%"))
        << form.name;
  }
}

TEST(MetricCatalogue, finds_by_probe_and_name) {
  ASSERT_NE(find_metric("redis", "memory"), nullptr);
  EXPECT_EQ(find_metric("redis", "memory")->unit, "MB");
  EXPECT_EQ(find_metric("redis", "threads"), nullptr);
}

}  // namespace
}  // namespace loadlab
