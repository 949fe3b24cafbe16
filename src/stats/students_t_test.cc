#include "stats/students_t.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "stats/normal.h"

namespace stats {
namespace {

TEST(StudentsT, agrees_with_its_closed_forms) {
  for (const double t : {0.0, 0.1, 1.0, 3.0, 50.0, 1e6}) {
    EXPECT_NEAR(students_t_two_sided(t, 1), 1 - 2 * std::atan(t) / std::numbers::pi, 1e-10) << t;
    EXPECT_NEAR(students_t_two_sided(t, 2), 1 - t / std::sqrt(2 + t * t), 1e-10) << t;
    EXPECT_EQ(students_t_two_sided(-t, 2), students_t_two_sided(t, 2));
  }
}

TEST(StudentsT, agrees_with_the_table) {
  EXPECT_NEAR(students_t_two_sided(2.228, 10), 0.05, 1e-4);
  EXPECT_NEAR(students_t_two_sided(3.169, 10), 0.01, 1e-5);
  EXPECT_NEAR(students_t_two_sided(3.390, 100), 0.001, 2e-6);
}

TEST(StudentsT, a_point_is_exceeded_with_its_chance) {
  EXPECT_NEAR(students_t_two_sided_point(0.05, 10), 2.2281, 1e-4);
  EXPECT_NEAR(students_t_two_sided(students_t_two_sided_point(1e-9, 3.5), 3.5), 1e-9, 1e-15);
}

TEST(StudentsT, nears_the_normal_distribution_and_keeps_its_far_tail) {
  EXPECT_NEAR(students_t_two_sided(1.96, 1e7), 2 * normal_upper_tail(1.96), 1e-7);
  const double far = students_t_two_sided(30, 40);
  EXPECT_GT(far, 1e-30);
  EXPECT_LT(far, 1e-27);
}

TEST(StudentsT, of_no_scatter_at_all_is_certain_and_of_nothing_unsaid) {
  EXPECT_EQ(students_t_two_sided(INFINITY, 5), 0);
  EXPECT_EQ(students_t_two_sided(NAN, 5), 1);
}

}  // namespace
}  // namespace stats
