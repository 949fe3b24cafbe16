#include "costagent/api/merge_metrics.h"

#include <gtest/gtest.h>

namespace costagent {
namespace {

std::string merged(const std::vector<std::string>& texts, MergeMetrics what = MergeMetrics::all) {
  return merge_metrics(texts, what);
}

TEST(MergeMetrics, adds_up_counters_and_gauges_by_their_labels) {
  const std::string one =
      "# HELP a_total What a is.\n# TYPE a_total counter\na_total{x=\"1\"} 2\na_total{x=\"a b\"} 1.5\n"
      "# TYPE g gauge\ng 3\n";
  const std::string two = "# TYPE a_total counter\na_total{x=\"1\"} 40\na_total{x=\"2\"} 7\n# TYPE g gauge\ng -1\n";
  EXPECT_EQ(merged({one, two}),
            "# HELP a_total What a is.\n# TYPE a_total counter\na_total{x=\"1\"} 42\na_total{x=\"a b\"} 1.5\n"
            "a_total{x=\"2\"} 7\n# TYPE g gauge\ng 2\n");
}

TEST(MergeMetrics, adds_up_histograms_bucket_by_bucket) {
  const std::string text =
      "# TYPE h histogram\nh_count 3\nh_sum 0.75\nh_bucket{le=\"0.5\"} 2\nh_bucket{le=\"+Inf\"} 3\n";
  EXPECT_EQ(merged({text, text}),
            "# TYPE h histogram\nh_count 6\nh_sum 1.5\nh_bucket{le=\"0.5\"} 4\nh_bucket{le=\"+Inf\"} 6\n");
}

TEST(MergeMetrics, what_all_have_in_common_is_not_added) {
  for (const char* name :
       {"build_info", "sqlite_wal_bytes", "last_run_timestamp_seconds", "shared_jobs", "lease_seconds_max"}) {
    const auto text = [&](const char* value) {
      return std::string("# TYPE ") + name + " gauge\n" + name + " " + value + "\n";
    };
    EXPECT_EQ(merged({text("1"), text("5"), text("3")}), text("5"));
  }
}

TEST(MergeMetrics, a_count_is_added_whatever_its_name) {
  const std::string text = "# TYPE jobs_done_total counter\njobs_done_total 2\n";
  EXPECT_EQ(merged({text, text}), "# TYPE jobs_done_total counter\njobs_done_total 4\n");
}

TEST(MergeMetrics, whole_numbers_are_written_in_full) {
  for (const auto& [one, two] : {std::pair("1000000", "2000000"), std::pair("1234567890123", "2469135780246")}) {
    const auto text = [](const char* value) { return std::string("# TYPE a_total counter\na_total ") + value + "\n"; };
    EXPECT_EQ(merged({text(one), text(one)}), text(two));
  }
}

TEST(MergeMetrics, numbers_that_are_none_are_kept_as_prometheus_writes_them) {
  const std::string text = "# TYPE g gauge\ng{x=\"1\"} +Inf\ng{x=\"2\"} Nan\n";
  EXPECT_EQ(merged({text}), "# TYPE g gauge\ng{x=\"1\"} +Inf\ng{x=\"2\"} NaN\n");
}

TEST(MergeMetrics, of_the_dead_only_what_counts_is_kept) {
  const std::string text =
      "# TYPE a_total counter\na_total 1\n# TYPE g gauge\ng 2\n# TYPE h histogram\nh_count 3\nh_sum 4\n";
  EXPECT_EQ(merged({text}, MergeMetrics::counts_only),
            "# TYPE a_total counter\na_total 1\n# TYPE h histogram\nh_count 3\nh_sum 4\n");
}

TEST(MergeMetrics, junk_is_left_out) {
  EXPECT_EQ(merged({"", "\n\n", "a_total 1\n", "# TYPE a_total counter\na_total one\na_total\nb_total 2\n# nothing\n"}),
            "");
}

}  // namespace
}  // namespace costagent
