#include "loadlab/plan/level_profile.h"

#include <gtest/gtest.h>

namespace loadlab {
namespace {

using namespace std::chrono_literals;
using base::Nanoseconds;

double seconds(Nanoseconds time) { return std::chrono::duration<double>(time).count(); }

TEST(LevelProfile, a_steady_level_is_reached_along_its_ramp) {
  const LevelProfile profile = LevelProfile::steady(50, 10s, 30s);
  EXPECT_EQ(profile.duration(), 30s);
  EXPECT_EQ(profile.highest(), 50);
  EXPECT_DOUBLE_EQ(profile.at(0s), 0);
  EXPECT_DOUBLE_EQ(profile.at(5s), 25);
  EXPECT_DOUBLE_EQ(profile.at(29s), 50);
}

TEST(LevelProfile, stages_move_or_jump_from_where_the_one_before_ended) {
  const LevelProfile profile({{10s, 20, 10s}, {10s, 60, 5s}, {10s, 0, 0s}});
  EXPECT_DOUBLE_EQ(profile.at(10s), 20);
  EXPECT_DOUBLE_EQ(profile.at(12500ms), 40);
  EXPECT_DOUBLE_EQ(profile.at(19s), 60);
  EXPECT_DOUBLE_EQ(profile.at(20s), 0);
  EXPECT_EQ(profile.stage_at(0s), 0u);
  EXPECT_EQ(profile.stage_at(10s), 1u);
  EXPECT_EQ(profile.stage_at(17s), 1u);
  EXPECT_EQ(profile.stage_at(1h), 2u);
}

TEST(LevelProfile, when_is_the_inverse_of_the_area) {
  const LevelProfile profile({{10s, 20, 10s}, {10s, 60, 5s}, {10s, 0, 0s}, {4s, 8, 4s}});
  EXPECT_DOUBLE_EQ(seconds(profile.when(0)), 0);
  EXPECT_DOUBLE_EQ(seconds(profile.when(25)), 5) << "20 a second after 10 s: t squared";
  EXPECT_DOUBLE_EQ(seconds(profile.when(100)), 10);
  EXPECT_DOUBLE_EQ(seconds(profile.when(300)), 15);
  EXPECT_DOUBLE_EQ(seconds(profile.when(360)), 16);
  EXPECT_NEAR(seconds(profile.when(601)), 31, 1e-9) << "the level is nothing for ten seconds";
  EXPECT_EQ(profile.when(617), Nanoseconds::max());
}

TEST(LevelProfile, lasting_stretches_stages_and_shortens_a_ramp_only_where_it_must) {
  EXPECT_EQ(LevelProfile::steady(5, 10s, 30s).lasting(60s).stages()[0].ramp, 10s);
  EXPECT_EQ(LevelProfile::steady(5, 10s, 30s).lasting(4s).stages()[0].ramp, 4s);
  const LevelProfile half = LevelProfile({{10s, 20, 10s}, {10s, 60, 5s}}).lasting(10s);
  EXPECT_EQ(half.stages()[0].duration, 5s);
  EXPECT_EQ(half.stages()[1].ramp, 2500ms);
  EXPECT_EQ(half.duration(), 10s);
}

}  // namespace
}  // namespace loadlab
