#include "stats/histogram_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>

#include "base/random.h"

namespace stats {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::StartsWith;

constexpr std::size_t kHeaderBytes = 40;

std::string counts_of(const Histogram& histogram) { return encode_histogram(histogram).substr(kHeaderBytes); }

TEST(HistogramLog, header_says_the_buckets_and_the_length) {
  Histogram histogram(3);
  histogram.record(5, 1);
  const std::string bytes = encode_histogram(histogram);
  const std::string expected(
      "\x1c\x84\x93\x13"          // the encoding
      "\0\0\0\x2"                 // bytes of counts
      "\0\0\0\0"                  // no rotation
      "\0\0\0\x3"                 // digits
      "\0\0\0\0\0\0\0\x1"         // lowest discernible value
      "\0\0\x4e\x94\x91\x4f\0\0"  // highest trackable one: a day
      "\x3f\xf0\0\0\0\0\0\0",     // a double 1
      kHeaderBytes);
  EXPECT_EQ(bytes.substr(0, kHeaderBytes), expected);
  EXPECT_EQ(bytes.substr(kHeaderBytes), "\x09\x02") << "five zeros (-5), then one (1), in zigzag";
}

TEST(HistogramLog, runs_of_zeros_are_one_number_and_counts_take_the_bytes_they_need) {
  Histogram histogram(3);
  EXPECT_EQ(counts_of(histogram), "") << "nothing recorded, nothing written";
  histogram.record(0, 64);
  histogram.record(2, 1);
  EXPECT_EQ(counts_of(histogram), std::string("\x80\x01\0\x02", 4)) << "64 = 128 in zigzag; a single zero is a zero";
  histogram.clear();
  histogram.record(0, std::uint64_t{1} << 62);
  EXPECT_EQ(counts_of(histogram), "\x80\x80\x80\x80\x80\x80\x80\x80\x80") << "the ninth byte has eight bits of its own";
}

TEST(HistogramLog, what_was_encoded_is_read_back_bucket_for_bucket) {
  base::Random random(3);
  Histogram histogram(3);
  for (int i = 0; i < 20'000; ++i)
    histogram.record(static_cast<std::uint64_t>(1e6 * random.exponential()), 1 + random.below(3));
  histogram.record(0, 7);
  histogram.record(Histogram::kMaxTrackable, 2);
  const auto read = decode_histogram(encode_histogram(histogram));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->count(), histogram.count());
  EXPECT_TRUE(
      std::equal(read->counts().begin(), read->counts().end(), histogram.counts().begin(), histogram.counts().end()));
  for (const double percent : {1.0, 50.0, 99.0, 99.9})
    EXPECT_EQ(read->percentile(percent), histogram.percentile(percent));
  EXPECT_NEAR(read->mean(), histogram.mean(), 0.001 * histogram.mean());
  EXPECT_EQ(decode_histogram(encode_histogram(Histogram(2)))->count(), 0u);
}

TEST(HistogramLog, percentiles_are_read_from_what_was_encoded_as_from_the_histogram) {
  base::Random random(5);
  const std::vector<double> percents{0, 50, 95, 99, 99.9, 100};
  for (const int digits : {1, 3, 4}) {
    for (int values : {1, 2, 7, 20'000}) {
      Histogram histogram(digits);
      for (int i = 0; i < values; ++i)
        histogram.record(static_cast<std::uint64_t>(1e6 * random.exponential()), 1 + random.below(3));
      if (values > 2) histogram.record(Histogram::kMaxTrackable, 2);
      const std::string bytes = encode_histogram(histogram);
      const auto decoded = decode_histogram(bytes).value();
      std::vector<std::uint64_t> expected;
      for (const double percent : percents) expected.push_back(decoded.percentile(percent));
      EXPECT_EQ(percentiles_of_encoded(bytes, percents).value(), expected);
    }
  }
  EXPECT_TRUE(percentiles_of_encoded(encode_histogram(Histogram(3)), percents).value().empty());
}

TEST(HistogramLog, what_is_no_histogram_or_is_cut_is_refused) {
  Histogram histogram(3);
  histogram.record(1'000'000, 200);
  const std::string good = encode_histogram(histogram);
  for (std::size_t length = 0; length < good.size(); ++length) {
    EXPECT_FALSE(decode_histogram(good.substr(0, length)));
    EXPECT_FALSE(percentiles_of_encoded(good.substr(0, length), std::array{50.0}));
  }
  for (std::size_t at = 0; at < kHeaderBytes; ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x40);
    EXPECT_FALSE(decode_histogram(bad)) << at;
  }
  // More zeros than there are buckets.
  std::string bad = good;
  bad.replace(kHeaderBytes, bad.size() - kHeaderBytes, "\xff\xff\xff\xff\xff\xff\xff\xff\xff");
  bad[7] = 9;
  EXPECT_FALSE(decode_histogram(bad));
}

TEST(HistogramLog, a_line_tells_its_time_from_the_beginning_and_its_maximum_in_milliseconds) {
  Histogram histogram(3);
  histogram.record(2'500'000, 1);
  EXPECT_THAT(log_line("response_time", 3s, 1s, histogram), StartsWith("Tag=response_time,3.000,1.000,2.500,HISTFAAA"));
}

TEST(HistogramLog, tags_hold_nothing_that_would_end_them) {
  EXPECT_EQ(log_tag("normal load, 50 users\n"), "normal_load__50_users_");
  EXPECT_EQ(log_tag("p99/größer"), "p99/größer");
}

// HdrHistogram's own implementation, where it is installed (libhdrhistogram-java and a JDK).
class OtherImplementation : public ::testing::Test {
 protected:
  static constexpr const char* kJar = "/usr/share/java/hdrhistogram.jar";
  static constexpr const char* kPercentiles[] = {"0.1", "50", "75", "90", "95", "99", "99.9", "99.99", "100"};

  void SetUp() override {
    if (::access(kJar, R_OK) != 0 || ::system("javac -version >/dev/null 2>&1") != 0)
      GTEST_SKIP() << "needs libhdrhistogram-java and default-jdk-headless";
  }

  // What it says of a log, line by line and word by word.
  static std::vector<std::vector<std::string>> read(const std::string& log) {
    char path[] = "/tmp/histogram_log_XXXXXX";
    ::close(::mkstemp(path));
    std::ofstream(path) << log;
    std::string command = std::string("java --class-path ") + kJar + " " + READER + " " + path;
    for (const char* percentile : kPercentiles) command += std::string(" ") + percentile;
    std::string said;
    FILE* pipe = ::popen(command.c_str(), "r");
    for (char buffer[4096]; std::fgets(buffer, sizeof buffer, pipe) != nullptr;) said += buffer;
    EXPECT_EQ(::pclose(pipe), 0) << said;
    ::unlink(path);
    std::vector<std::vector<std::string>> lines;
    std::istringstream input(said);
    for (std::string line; std::getline(input, line);) {
      std::istringstream words(line);
      lines.emplace_back(std::istream_iterator<std::string>(words), std::istream_iterator<std::string>());
    }
    return lines;
  }

  // Ours never exceeds the recorded maximum, theirs is the end of its bucket.
  static std::uint64_t bucket_end(const Histogram& histogram, std::uint64_t value) {
    std::uint64_t end = 0;
    histogram.for_each_bucket([&](std::uint64_t lowest, std::uint64_t highest, std::uint64_t) {
      if (lowest <= value && value <= highest) end = highest;
    });
    return end;
  }
};

TEST_F(OtherImplementation, reads_equal_percentiles_whatever_the_distribution) {
  base::Random random(7);
  const std::map<std::string, std::function<double()>> distributions = {
      {"constant", [] { return 1e6; }},
      {"exponential", [&] { return 5e6 * random.exponential(); }},
      {"log_normal", [&] { return 2e6 * std::exp(random.normal()); }},
      {"pareto", [&] { return 1e5 / std::pow(1 - random.uniform(), 1 / 1.1); }},
      {"two_humps", [&] { return random.chance(0.99) ? random.uniform(1e5, 2e5) : random.uniform(1e9, 5e9); }},
      {"uniform_to_a_day", [&] { return random.uniform(0, 8.64e13); }},
      {"beyond_a_day", [&] { return random.uniform(8e13, 9e13); }},
      {"nanoseconds", [&] { return random.uniform(0, 3000); }},
  };
  for (const int digits : {2, 3, 4}) {
    std::string log = log_header("a test", base::UtcTime(std::chrono::sys_days(std::chrono::year(2026) / 3 / 1)));
    std::map<std::string, Histogram> histograms;
    for (const auto& [name, draw] : distributions) {
      Histogram& histogram = histograms.emplace(name, Histogram(digits)).first->second;
      for (int i = 0; i < 20'000; ++i) histogram.record(static_cast<std::uint64_t>(draw()), 1);
      log += log_line(name, 2s, 1s, histogram);
    }
    const auto lines = read(log);
    ASSERT_EQ(lines.size(), distributions.size());
    for (const auto& words : lines) {
      ASSERT_EQ(words.size(), 4 + std::size(kPercentiles));
      const Histogram& histogram = histograms.at(words[0]);
      EXPECT_EQ(words[1], "2000");
      EXPECT_EQ(words[2], "1000");
      EXPECT_EQ(words[3], "20000");
      for (std::size_t i = 0; i < std::size(kPercentiles); ++i) {
        const std::uint64_t ours = histogram.percentile(std::stod(kPercentiles[i]));
        EXPECT_EQ(words[4 + i], std::to_string(bucket_end(histogram, ours)))
            << "p" << kPercentiles[i] << " of " << words[0] << " with " << digits << " digits";
      }
    }
  }
}

TEST_F(OtherImplementation, reads_an_interval_in_which_nothing_happened) {
  const auto lines = read(log_header("a test", base::UtcTime(1s)) + log_line("idle", 0s, 1s, Histogram(3)));
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0][0], "idle");
  EXPECT_EQ(lines[0][3], "0");
}

}  // namespace
}  // namespace stats
