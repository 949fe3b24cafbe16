#include "loadlab/result/result.h"

#include <gtest/gtest.h>

namespace loadlab {
namespace {

using namespace std::chrono_literals;

TEST(Tally, merging_keeps_every_count_and_kind) {
  Tally a;
  a.requests = 10;
  a.failed = 2;
  a.faults = {{Fault::timeout, 1}, {status_fault(503), 1}};
  a.timings.response.record(5ms);
  Tally b;
  b.requests = 5;
  b.failed = 3;
  b.faults = {{status_fault(503), 3}};
  b.timings.response.record(7ms);
  a.merge(b);
  EXPECT_EQ(a.requests, 15u);
  EXPECT_EQ(a.failed, 5u);
  EXPECT_EQ(a.faults[status_fault(503)], 4u);
  EXPECT_EQ(a.faults[Fault::timeout], 1u);
  EXPECT_EQ(a.timings.response.count(), 2u);
  EXPECT_DOUBLE_EQ(a.error_percent(), 100.0 / 3);
}

TEST(Tally, no_requests_are_no_errors) { EXPECT_EQ(Tally().error_percent(), 0.0); }

TEST(Fault, statuses_are_kinds_of_their_own) {
  EXPECT_EQ(name_of(status_fault(503)), "status 503");
  EXPECT_EQ(name_of(status_fault(100)), "status 100");
  EXPECT_NE(status_fault(500), status_fault(503));
  EXPECT_EQ(name_of(Fault::reset), "connection reset");
}

TEST(Verdict, error_is_worse_than_untrusted_is_worse_than_fail_is_worse_than_pass) {
  EXPECT_EQ(worse(Verdict::pass, Verdict::fail), Verdict::fail);
  EXPECT_EQ(worse(Verdict::untrusted, Verdict::fail), Verdict::untrusted);
  EXPECT_EQ(worse(Verdict::untrusted, Verdict::error), Verdict::error);
  EXPECT_EQ(worse(Verdict::pass, Verdict::pass), Verdict::pass);
}

}  // namespace
}  // namespace loadlab
