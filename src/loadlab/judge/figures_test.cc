#include "loadlab/judge/figures.h"

#include <gtest/gtest.h>

namespace loadlab {
namespace {

TEST(Figures, memory_is_in_the_unit_that_fits) {
  EXPECT_EQ(amount(999, "MB"), "999 MB");
  EXPECT_EQ(amount(12'980, "MB"), "13.0 GB");
  EXPECT_EQ(amount(-2500, "MB"), "-2.50 GB");
  EXPECT_EQ(amount(12'950, ""), "12950");
}

TEST(Figures, one_thing_is_no_things) {
  EXPECT_EQ(counted(1, "request"), "1 request");
  EXPECT_EQ(counted(0, "request"), "0 requests");
}

}  // namespace
}  // namespace loadlab
