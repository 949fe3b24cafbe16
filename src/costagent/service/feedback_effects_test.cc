// What exclusions and planned events do to slices that share charges with theirs.
#include <gtest/gtest.h>

#include "costagent/service/analysis_bill_test.h"
#include "costagent/service/analysis_levels.h"
#include "costagent/service/analysis_models.h"
#include "costagent/service/feedback.h"

namespace costagent {
namespace {

using enum Dimension;

constexpr int kDays = 240;
constexpr int kSpike = 200;
constexpr const char* kOhio = "us-east-2";
constexpr const char* kIreland = "eu-west-1";

// What EC2 costs more on some days, in each region.
struct More {
  int from = kSpike;
  int days = 2;
  double ohio = 0;
  double ireland = 0;
};

class FeedbackEffectsTest : public StoredBillTest {
 protected:
  FeedbackEffectsTest() { models_.emplace(facts(), store_->feedback(), clock_); }

  // Each region has an account and a team of its own.
  static void label(Charge& charge) {
    charge.sub_account_id = charge.region == kOhio ? "1111" : "2222";
    charge.tags = charge.region == kOhio ? R"({"team":"web"})" : R"({"team":"data"})";
  }

  // Two services in two regions.
  void take_in(const More& more) {
    std::vector<Charge> charges;
    const auto add = [&](int i, const char* service, const char* region, double cost) {
      Charge charge = line(i, service, region, std::string(service) + region, cost);
      label(charge);
      charges.push_back(std::move(charge));
    };
    for (int i = 0; i < kDays; ++i) {
      const bool is = i >= more.from && i < more.from + more.days;
      add(i, "EC2", kOhio, usual_cost(i, 100) + (is ? more.ohio : 0));
      add(i, "EC2", kIreland, usual_cost(i, 60) + (is ? more.ireland : 0));
      add(i, "S3", kOhio, usual_cost(i, 70));
      add(i, "S3", kIreland, usual_cost(i, 50));
    }
    costagent::take_in(facts(), "bill", charges);
  }

  AnalysisReport analyse(std::map<Dimension, std::string> only = {}) {
    AnalysisRequest asked{"acme", std::move(only), {at(0), at(kDays - 1)}};
    asked.levels.assign(usual_levels().begin(), usual_levels().end());
    asked.levels.push_back(level_of("tag:team").value());
    auto report = models_->analyse(asked);
    EXPECT_TRUE(report) << report.error().message;
    return report ? std::move(*report) : AnalysisReport();
  }
  // What an analysis tells, an anomaly a text.
  static std::string told(const AnalysisReport& report) {
    std::string text;
    for (const Anomaly& anomaly : report.anomalies) {
      text += fmt::format("{} [{}] {} {:+.0f}\n", static_cast<int>(anomaly.kind), fmt::join(anomaly.slice, "/"),
                          (anomaly.start - at(0)).count(), anomaly.impact());
    }
    return text;
  }
  Feedback give(FeedbackKind kind, BillSlice slice, AskedDays days, double percent = 0) {
    auto given = give_feedback(facts(), store_->feedback(), clock_, {"acme", kind, {}, slice, days, "", percent});
    EXPECT_TRUE(given) << given.error().message;
    return given ? std::move(*given) : Feedback();
  }
  static AskedDays days_of(const More& more) { return {at(more.from), at(more.from + more.days - 1)}; }

  const BillSlice ec2_{{{service, "EC2"}}, {}};
  base::FakeClock clock_{base::UtcTime(std::chrono::seconds(1'767'225'600))};
  std::optional<AnalysisModels> models_;
};

TEST_F(FeedbackEffectsTest, excluded_days_of_a_service_are_told_in_no_region_account_or_tag_either) {
  const More more{.ohio = 930, .ireland = 200};
  take_in(more);
  ASSERT_GE(analyse().anomalies.size(), 7u);
  give(FeedbackKind::exclude, ec2_, days_of(more));
  EXPECT_EQ(told(analyse()), "");
}

TEST_F(FeedbackEffectsTest, what_happens_beside_an_excluded_slice_is_still_told_to_its_amount) {
  const More more{.ohio = 930};
  take_in(more);
  Charge other = line(kSpike, "S3", kOhio, "copy", 300);
  label(other);
  costagent::take_in(facts(), "more", {other}, "acme", Restatement::add);
  give(FeedbackKind::exclude, ec2_, days_of(more));
  const auto report = analyse();
  ASSERT_EQ(report.incidents.size(), 1u) << told(report);
  ASSERT_GE(report.anomalies.size(), 5u) << "total, service, region, account and service by region";
  for (const Anomaly& anomaly : report.anomalies) EXPECT_NEAR(anomaly.impact(), 300, 25) << told(report);
}

TEST_F(FeedbackEffectsTest, a_service_that_is_excluded_on_all_days_shifts_nothing_that_it_shares_charges_with) {
  take_in({.from = 150, .days = kDays - 150, .ohio = 300, .ireland = 100});
  ASSERT_NE(told(analyse()), "");
  give(FeedbackKind::exclude, ec2_, {});
  EXPECT_EQ(told(analyse()), "");
}

TEST_F(FeedbackEffectsTest, a_region_without_anything_else_on_a_day_has_no_charge_there_once_its_service_is_excluded) {
  std::vector<Charge> charges;
  for (int i = 0; i < kDays; ++i) {
    charges.push_back(line(i, "EC2", kOhio, "i-1", usual_cost(i, 100)));
    if (i != kSpike) charges.push_back(line(i, "S3", kOhio, "bucket", usual_cost(i, 70)));
    charges.push_back(line(i, "S3", kIreland, "other", usual_cost(i, 50)));
  }
  costagent::take_in(facts(), "bill", charges);
  give(FeedbackKind::exclude, ec2_, {});
  for (const Anomaly& anomaly : analyse().anomalies) {
    if (anomaly.slice == SliceKey{"AWS", kOhio}) {
      EXPECT_EQ(anomaly.kind, AnomalyKind::missing_data);
    }
  }
}

TEST_F(FeedbackEffectsTest, long_exclusions_leave_what_was_usual_before_and_after_them) {
  const More more{.from = 80, .days = 90, .ohio = 300, .ireland = 100};
  take_in(more);
  give(FeedbackKind::exclude, ec2_, days_of(more));
  EXPECT_EQ(told(analyse()), "");
}

TEST_F(FeedbackEffectsTest, what_two_exclusions_share_is_taken_out_once) {
  const More more{.ohio = 930};
  take_in(more);
  give(FeedbackKind::exclude, ec2_, days_of(more));
  give(FeedbackKind::exclude, {{{region, kOhio}}, {}}, days_of(more));
  EXPECT_EQ(told(analyse()), "") << "neither service nor region, nor what both are of";
  give(FeedbackKind::planned_event, ec2_, days_of(more));
  EXPECT_EQ(told(analyse()), "") << "said twice of the same charges";
  give(FeedbackKind::exclude, {{{resource, std::string("EC2") + kOhio}}, {}}, {});
  EXPECT_EQ(told(analyse()), "") << "a part that is excluded for good besides";
}

TEST_F(FeedbackEffectsTest, a_part_of_what_is_excluded_for_good_is_not_taken_out_again) {
  take_in({.from = 150, .days = kDays - 150, .ohio = 300});
  const BillSlice machine{{{resource, std::string("EC2") + kOhio}}, {}};
  const Feedback first = give(FeedbackKind::exclude, machine, {});
  EXPECT_EQ(told(analyse()), "");
  clock_.advance(std::chrono::hours(1));
  give(FeedbackKind::exclude, ec2_, {at(0), at(kDays - 1)});
  EXPECT_EQ(told(analyse()), "");
  ASSERT_TRUE(remove_feedback(store_->feedback(), first.id));
  clock_.advance(std::chrono::hours(1));
  give(FeedbackKind::exclude, machine, {});
  EXPECT_EQ(told(analyse()), "") << "whichever was said first";
  give(FeedbackKind::exclude, ec2_, {at(-5), at(kDays + 5)});
  EXPECT_EQ(told(analyse()), "") << "said twice";
}

TEST_F(FeedbackEffectsTest, of_two_names_of_the_same_charges_one_excludes_them) {
  take_in({.from = 150, .days = kDays - 150, .ohio = 300});
  give(FeedbackKind::exclude, {{{region, kOhio}}, {}}, {});
  give(FeedbackKind::exclude, {{{account, "1111"}}, {}}, {});
  EXPECT_EQ(told(analyse()), "");
}

TEST_F(FeedbackEffectsTest, a_part_that_is_seldom_used_usually_costs_nothing) {
  const More more{.days = 1, .ireland = 200};
  take_in(more);
  std::vector<Charge> trials;
  for (int i = 0; i < kDays; ++i) trials.push_back(line(i, "S3", "eu-north-1", "far", usual_cost(i, 40)));
  for (const int i : {kSpike - 14, kSpike}) trials.push_back(line(i, "EC2", "eu-north-1", "trial", 300));
  costagent::take_in(facts(), "trials", trials);
  give(FeedbackKind::exclude, ec2_, days_of(more));
  for (const Anomaly& anomaly : analyse().anomalies) EXPECT_EQ(anomaly.start, at(kSpike - 14)) << told(analyse());
}

TEST_F(FeedbackEffectsTest, a_percentage_that_is_planned_for_all_days_is_what_is_usual) {
  take_in({.ohio = 930});
  const auto before = told(analyse());
  give(FeedbackKind::planned_event, ec2_, {at(0), at(kDays - 1)}, 20);
  EXPECT_EQ(told(analyse()), before);
}

TEST_F(FeedbackEffectsTest, two_exclusions_that_share_nothing_are_both_taken_out) {
  const More more{.ohio = 500, .ireland = 400};
  take_in(more);
  give(FeedbackKind::exclude, {{{service, "EC2"}, {region, kOhio}}, {}}, days_of(more));
  give(FeedbackKind::exclude, {{{service, "EC2"}, {region, kIreland}}, {}}, days_of(more));
  EXPECT_EQ(told(analyse()), "");
}

TEST_F(FeedbackEffectsTest, days_that_another_exclusion_leaves_out_say_nothing_of_what_is_usual) {
  // Five sales, a week apart.
  More more{.from = 100, .days = 1, .ohio = 930};
  std::vector<Charge> extra;
  take_in({});
  for (int week = 0; week < 8; ++week) {
    Charge sale = line(100 + 7 * week, "EC2", kOhio, std::string("EC2") + kOhio, 930);
    label(sale);
    extra.push_back(sale);
  }
  costagent::take_in(facts(), "more", extra, "acme", Restatement::add);
  for (int week = 0; week < 8; ++week) {
    more.from = 100 + 7 * week;
    give(FeedbackKind::planned_event, ec2_, days_of(more));
  }
  EXPECT_EQ(told(analyse()), "");
}

TEST_F(FeedbackEffectsTest, a_planned_rise_in_one_region_invents_no_dip_in_the_others) {
  // EC2 as a whole costs twice as much, and all of that in Ohio.
  const More more{.ohio = 155};
  take_in(more);
  give(FeedbackKind::planned_event, ec2_, days_of(more), 120);
  const auto report = analyse();
  EXPECT_EQ(told(report), "");
  ASSERT_EQ(report.planned.size(), 1u);
  EXPECT_NEAR(report.planned[0].actual_cost, 288 + 310, 15);
  EXPECT_NEAR(report.planned[0].expected_cost, 2.2 * 288, 15) << "a Friday and a Saturday";
}

TEST_F(FeedbackEffectsTest, a_planned_rise_that_does_not_come_invents_nothing) {
  take_in({});
  give(FeedbackKind::planned_event, ec2_, {at(kSpike), at(kSpike + 1)}, 120);
  EXPECT_EQ(told(analyse()), "");
}

TEST_F(FeedbackEffectsTest, what_comes_on_top_of_a_plan_is_told_to_its_amount) {
  const More more{.days = 1, .ohio = 480};
  take_in(more);
  give(FeedbackKind::planned_event, ec2_, days_of(more), 100);
  const auto report = analyse();
  ASSERT_EQ(report.incidents.size(), 1u) << told(report);
  for (const Anomaly& anomaly : report.anomalies) EXPECT_NEAR(anomaly.impact(), 480 - 160, 35) << told(report);
}

TEST_F(FeedbackEffectsTest, a_dip_is_told_where_a_rise_was_planned) {
  const More more{.ohio = -80, .ireland = -50};
  take_in(more);
  give(FeedbackKind::planned_event, ec2_, days_of(more), 50);
  const auto report = analyse();
  ASSERT_EQ(report.incidents.size(), 1u) << told(report);
  EXPECT_LT(report.incidents[0].cause().impact(), -200);
}

TEST_F(FeedbackEffectsTest, a_planned_fall_is_forgiven_as_far_as_it_was_planned) {
  const More more{.ohio = -60};
  take_in(more);
  give(FeedbackKind::planned_event, ec2_, days_of(more), -50);
  EXPECT_EQ(told(analyse()), "") << "half of EC2 is more than what Ohio costs less";
  give(FeedbackKind::planned_event, ec2_, days_of(more), -5);
  EXPECT_EQ(analyse().incidents.size(), 1u);
}

TEST_F(FeedbackEffectsTest, what_was_said_of_another_part_of_the_bill_changes_nothing_of_this_one) {
  const More more{.ohio = 930};
  take_in(more);
  give(FeedbackKind::exclude, ec2_, days_of(more));
  EXPECT_EQ(told(analyse({{region, kOhio}})), "");
  EXPECT_EQ(told(analyse({{service, "EC2"}})), "");
  costagent::take_in(facts(), "copy", {line(210, "S3", kOhio, "copy", 500)});
  give(FeedbackKind::exclude, {{{service, "S3"}}, {}}, {at(210), at(210)});
  EXPECT_EQ(told(analyse({{service, "EC2"}})), "");
}

}  // namespace
}  // namespace costagent
