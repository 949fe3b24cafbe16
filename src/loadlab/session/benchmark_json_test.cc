#include "loadlab/session/benchmark_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace loadlab {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(BenchmarkJson, repetitions_of_one_benchmark_are_values_of_its_figures) {
  const auto read = read_benchmark_json(R"({"context": {}, "benchmarks": [
    {"name": "BM_a/8", "run_name": "BM_a/8", "run_type": "iteration", "repetitions": 2, "repetition_index": 0,
     "threads": 1, "iterations": 100, "real_time": 2000, "cpu_time": 1000, "time_unit": "ns", "items_per_second": 5e6},
    {"name": "BM_b", "run_name": "BM_b", "run_type": "iteration", "real_time": 3, "cpu_time": 2, "time_unit": "us", "rows": 7},
    {"name": "BM_a/8", "run_name": "BM_a/8", "run_type": "iteration", "real_time": 4000, "cpu_time": 3000, "time_unit": "ns",
     "items_per_second": 4e6},
    {"name": "BM_a/8_mean", "run_name": "BM_a/8", "run_type": "aggregate", "real_time": 1, "cpu_time": 1, "time_unit": "ns"}
  ]})");
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->size(), 2u);
  const BenchmarkResult& a = read->at(0);
  EXPECT_EQ(a.name, "BM_a/8");
  EXPECT_THAT(a.find("cpu_time")->values, ElementsAre(0.001, 0.003));
  EXPECT_THAT(a.find("real_time")->values, ElementsAre(0.002, 0.004));
  EXPECT_EQ(a.find("cpu_time")->unit, "ms");
  EXPECT_EQ(a.find("items_per_second")->unit, "/s");
  EXPECT_EQ(a.find("iterations"), nullptr);
  EXPECT_EQ(read->at(1).find("rows")->median(), 7);
}

TEST(BenchmarkJson, an_error_of_a_benchmark_is_kept) {
  const auto read = read_benchmark_json(
      R"({"benchmarks": [{"name": "BM_a", "run_name": "BM_a", "run_type": "iteration", "error_occurred": true, "error_message": "no file"}]})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->at(0).error, "no file");
  const auto aggregate = read_benchmark_json(R"({"benchmarks": [
    {"name": "BM_a", "run_name": "BM_a", "run_type": "iteration", "real_time": 1, "cpu_time": 1, "time_unit": "ms"},
    {"name": "BM_a_mean", "run_name": "BM_a", "run_type": "aggregate", "error_occurred": true, "error_message": "odd"}]})");
  ASSERT_EQ(aggregate->size(), 1u);
  EXPECT_EQ(aggregate->at(0).error, "odd");
}

TEST(BenchmarkJson, what_was_skipped_has_no_value_and_says_why) {
  const auto read = read_benchmark_json(R"({"benchmarks": [
    {"name": "BM_a", "run_name": "BM_a", "run_type": "iteration", "skipped": true, "skip_message": "no such disk",
     "iterations": 0, "real_time": 0.0, "cpu_time": 0.0, "time_unit": "ns"},
    {"name": "BM_b", "run_name": "BM_b", "run_type": "iteration", "iterations": 9, "real_time": 2, "cpu_time": 1, "time_unit": "ms"},
    {"name": "BM_b", "run_name": "BM_b", "run_type": "iteration", "skipped": true, "iterations": 0, "cpu_time": 0.0}]})");
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ(read->at(0).skipped, "no such disk");
  EXPECT_TRUE(read->at(0).figures.empty());
  EXPECT_EQ(read->at(0).error, "");
  EXPECT_EQ(read->at(1).skipped, "it did not say why");
  EXPECT_THAT(read->at(1).find("cpu_time")->values, ElementsAre(1));
}

TEST(BenchmarkJson, what_can_not_have_been_measured_is_an_error) {
  const auto read = read_benchmark_json(R"({"benchmarks": [
    {"name": "BM_a", "run_name": "BM_a", "run_type": "iteration", "iterations": 0, "real_time": 0.0, "cpu_time": 0.0},
    {"name": "BM_b", "run_name": "BM_b", "run_type": "iteration", "iterations": 5, "real_time": 1, "cpu_time": -1},
    {"name": "BM_c", "run_name": "BM_c", "run_type": "iteration", "iterations": 5, "real_time": 0, "cpu_time": 0, "below": -1},
    {"name": "BM_c_cv", "run_name": "BM_c", "run_type": "aggregate", "iterations": 0, "real_time": -1, "cpu_time": -1}]})");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->at(0).error, "it ran no iteration");
  EXPECT_EQ(read->at(1).error, "its cpu_time is below zero");
  EXPECT_EQ(read->at(2).error, "") << "a counter may be below zero";
}

TEST(BenchmarkJson, what_is_no_number_is_no_value) {
  const auto read = read_benchmark_json(R"({"benchmarks": [
    {"name": "a \" NaN", "run_name": "a \" NaN", "run_type": "iteration", "real_time": 1, "cpu_time": 1, "time_unit": "ms",
     "stale": 0.0, "odd": -NaN, "endless": Infinity},
    {"name": "a_cv", "run_name": "a", "run_type": "aggregate", "real_time": NaN, "cpu_time": NaN, "stale": NaN}]})");
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->size(), 1u);
  EXPECT_EQ(read->at(0).name, "a \" NaN");
  EXPECT_EQ(read->at(0).find("stale")->median(), 0);
  EXPECT_EQ(read->at(0).find("odd"), nullptr);
  EXPECT_EQ(read->at(0).find("endless"), nullptr);
}

TEST(BenchmarkJson, another_file_is_refused) {
  EXPECT_THAT(read_benchmark_json("{").error().message, HasSubstr("can't be read"));
  EXPECT_THAT(read_benchmark_json("[]").error().message, HasSubstr("no list of benchmarks"));
}

}  // namespace
}  // namespace loadlab
