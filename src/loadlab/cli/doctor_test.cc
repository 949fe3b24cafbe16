#include "loadlab/cli/doctor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <boost/json.hpp>

#include "loadlab/cli/descriptor_limit.h"

namespace loadlab {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr double kFastClock = 25;

MachineLimits good_machine() {
  MachineLimits limits;
  limits.descriptors_soft = 1024;
  limits.descriptors_hard = 20'000;
  limits.ports = 28'232;
  limits.time_wait = 8;
  limits.reuse_time_wait = 2;
  limits.accept_backlog = 4096;
  limits.syn_backlog = 2048;
  limits.governors = {"performance"};
  limits.clock_source = "tsc";
  limits.real_time_allowed = true;
  limits.cores = 8;
  limits.connections_tracked = 12;
  limits.connections_trackable = 65'536;
  limits.memory_available = 8'000'000'000;
  limits.steal_percent = 0.1;
  limits.load = 0.3;
  return limits;
}

Finding finding(const std::string& check, const MachineLimits& limits, Need need = {}, double clock_cost = kFastClock) {
  for (const Finding& found : examine(limits, clock_cost, need)) {
    if (found.check == check) return found;
  }
  ADD_FAILURE() << "no finding of " << check;
  return {};
}

TEST(Doctor, a_good_machine_is_well) {
  for (const Finding& found : examine(good_machine(), kFastClock, {})) {
    EXPECT_EQ(found.level, Level::ok) << found.check << ": " << found.found;
    EXPECT_THAT(found.advice, IsEmpty()) << found.check;
    EXPECT_FALSE(found.found.empty()) << found.check;
  }
}

TEST(Doctor, what_a_system_does_not_say_is_not_held_against_it) {
  for (const Finding& found : examine(MachineLimits(), kFastClock, {})) {
    EXPECT_NE(found.level, Level::bad) << found.check;
  }
}

TEST(Doctor, users_need_descriptors_and_ports) {
  const MachineLimits limits = good_machine();
  EXPECT_EQ(finding("descriptors", limits, {19'900, 1}).level, Level::ok);
  const Finding few = finding("descriptors", limits, {19'950, 1});
  EXPECT_EQ(few.level, Level::bad);
  EXPECT_THAT(few.advice, HasSubstr("ulimit -Hn"));
  EXPECT_EQ(finding("ports", limits, {28'224, 1}).level, Level::ok);
  const Finding no_ports = finding("ports", limits, {28'225, 1});
  EXPECT_EQ(no_ports.level, Level::bad) << "eight are waiting";
  EXPECT_THAT(no_ports.advice, HasSubstr("ip_local_port_range"));
}

TEST(Doctor, a_rate_without_keep_alive_uses_up_the_ports_unless_they_are_reused) {
  MachineLimits limits = good_machine();
  limits.reuse_time_wait = 0;
  EXPECT_EQ(finding("ports", limits, {10, 470}).level, Level::ok);
  EXPECT_EQ(finding("ports", limits, {10, 471}).level, Level::warn);
  limits.reuse_time_wait = 1;
  EXPECT_EQ(finding("ports", limits, {10, 471}).level, Level::ok);
}

TEST(Doctor, each_trouble_has_its_level_and_its_remedy) {
  MachineLimits limits = good_machine();
  EXPECT_EQ(finding("backlog", limits, {2049, 1}).level, Level::warn);
  EXPECT_EQ(finding("conntrack", limits, {65'525, 1}).level, Level::bad);
  EXPECT_EQ(finding("memory", limits, {100'000, 1}).level, Level::ok);
  limits.memory_available = 5'000'000'000;
  EXPECT_EQ(finding("memory", limits, {100'000, 1}).level, Level::warn);
  limits.memory_available = 3'000'000'000;
  EXPECT_EQ(finding("memory", limits, {100'000, 1}).level, Level::bad);
  limits.governors = {"performance", "powersave"};
  EXPECT_THAT(finding("CPU frequency", limits).advice, HasSubstr("cpupower"));
  limits.real_time_allowed = false;
  EXPECT_EQ(finding("real time", limits).level, Level::warn);
  limits.load = 4.1;
  EXPECT_EQ(finding("load", limits).level, Level::warn);
  limits.steal_percent = 2;
  EXPECT_EQ(finding("steal", limits).level, Level::warn);
  limits.steal_percent = 6;
  EXPECT_EQ(finding("steal", limits).level, Level::bad);
  EXPECT_EQ(finding("clock", limits, {}, 400).level, Level::warn);
  EXPECT_EQ(finding("clock", limits, {}, 1500).level, Level::bad);
}

TEST(Doctor, a_rate_needs_cores) {
  const MachineLimits limits = good_machine();
  EXPECT_EQ(finding("cores", limits, {100, 200'000}).level, Level::ok);
  EXPECT_EQ(finding("cores", limits, {100, 300'000}).level, Level::warn);
  EXPECT_EQ(finding("cores", limits, {100, 500'000}).level, Level::bad);
}

TEST(Doctor, programs_read_the_same_as_people) {
  MachineLimits limits = good_machine();
  limits.steal_percent = 6;
  const Need need{50, 20};
  const auto findings = examine(limits, kFastClock, need);
  EXPECT_EQ(worst(findings), Level::bad);
  const auto document = boost::json::parse(doctor_json(findings, need));
  EXPECT_EQ(document.at("level").as_string(), "bad");
  EXPECT_EQ(document.at("users").as_int64(), 50);
  ASSERT_EQ(document.at("findings").as_array().size(), findings.size());
  const std::string text = doctor_text(findings, need);
  for (const Finding& found : findings) EXPECT_THAT(text, HasSubstr(found.found));
  EXPECT_THAT(text, HasSubstr("bad: something here would bend results"));
}

TEST(DescriptorLimit, is_raised_as_far_as_it_may) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit low{64, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  raise_descriptor_limit();
  rlimit after{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &after), 0);
  EXPECT_EQ(after.rlim_cur, before.rlim_max);
  ::setrlimit(RLIMIT_NOFILE, &before);
}

}  // namespace
}  // namespace loadlab
