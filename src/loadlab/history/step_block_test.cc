#include "loadlab/history/step_block.h"

#include <gtest/gtest.h>

#include "stats/histogram_log.h"

namespace loadlab {
namespace {

StepBlock step(const std::string& name, std::uint64_t requests, std::uint64_t errors) {
  stats::Histogram times(3);
  times.record(2'000'000, requests);
  return {name, requests, errors, stats::encode_histogram(times)};
}

TEST(StepBlocks, are_read_as_they_were_written) {
  const std::vector steps{step("GET /", 3, 0), step("", 300, 299), step("buy", 70'000, 1)};
  const auto read = decode_steps(encode_steps(steps)).value();
  ASSERT_EQ(read.size(), 3u);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    EXPECT_EQ(read[i].name, steps[i].name);
    EXPECT_EQ(read[i].requests, steps[i].requests);
    EXPECT_EQ(read[i].errors, steps[i].errors);
    EXPECT_EQ(read[i].response, steps[i].response);
  }
  EXPECT_TRUE(decode_steps("").value().empty()) << "an older history has none";
}

TEST(StepBlocks, what_is_cut_off_is_refused) {
  const std::string whole = encode_steps(std::vector{step("GET /", 3, 0)});
  for (std::size_t size = 1; size < whole.size(); ++size)
    EXPECT_EQ(decode_steps(whole.substr(0, size)).error().kind, base::ErrorKind::corrupt) << size;
  EXPECT_FALSE(decode_steps(std::string(20, '\xff')));
  EXPECT_FALSE(merge_steps(whole, "x"));
}

TEST(StepBlocks, of_two_stretches_of_time_are_added_by_name) {
  const std::string a = encode_steps(std::vector{step("GET /", 3, 1)});
  const std::string b = encode_steps(std::vector{step("buy", 5, 2), step("GET /", 4, 1)});
  const auto both = decode_steps(merge_steps(a, b).value()).value();
  ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(both[0].name, "GET /");
  EXPECT_EQ(both[0].requests, 7u);
  EXPECT_EQ(both[0].errors, 2u);
  EXPECT_EQ(stats::decode_histogram(both[0].response)->count(), 7u);
  EXPECT_EQ(both[1].requests, 5u);
}

}  // namespace
}  // namespace loadlab
