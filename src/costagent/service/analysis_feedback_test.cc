// What people said about a customer's costs, in the analyses that come after.
#include <gtest/gtest.h>

#include "costagent/service/analysis_bill_test.h"
#include "costagent/service/analysis_levels.h"
#include "costagent/service/analysis_models.h"
#include "costagent/service/feedback.h"

namespace costagent {
namespace {

constexpr int kDays = 240;
constexpr int kSpike = 200;

class AnalysisFeedbackTest : public StoredBillTest {
 protected:
  AnalysisFeedbackTest() { models_.emplace(facts(), store_->feedback(), clock_); }

  static Charge line(int i, const char* service, double cost) {
    return StoredBillTest::line(i, service, "eu-west-1", service, cost);
  }

  // Two services; EC2 costs 40 more for each of `days` days.
  static std::vector<Charge> bill(int from = kSpike, int days = 2, double more = 40) {
    std::vector<Charge> charges;
    for (int i = 0; i < kDays; ++i) {
      const bool is = i >= from && i < from + days;
      charges.push_back(line(i, "EC2", usual_cost(i, 100) + (is ? more : 0)));
      charges.push_back(line(i, "S3", usual_cost(i, 70)));
    }
    return charges;
  }

  AnalysisReport analyse() { return analyse_days(0, kDays - 1); }
  // Both days are in it; of one service, or of all.
  AnalysisReport analyse_days(int first, int last, const std::string& service = "") {
    AnalysisRequest asked{"acme", {}, {at(first), at(last)}};
    if (!service.empty()) asked.only = {{Dimension::service, service}};
    auto report = models_->analyse(asked);
    EXPECT_TRUE(report) << report.error().message;
    return report ? std::move(*report) : AnalysisReport();
  }
  Feedback give(FeedbackRequest request) {
    request.customer = "acme";
    auto given = give_feedback(facts(), store_->feedback(), clock_, request);
    EXPECT_TRUE(given) << given.error().message;
    return given ? std::move(*given) : Feedback();
  }

  base::FakeClock clock_{base::UtcTime(std::chrono::seconds(1'767'225'600))};
  std::optional<AnalysisModels> models_;
};

TEST_F(AnalysisFeedbackTest, what_was_marked_by_its_id_is_told_no_more_until_that_is_taken_back) {
  take_in(facts(), "bill", bill());
  const auto before = analyse();
  ASSERT_EQ(before.incidents.size(), 1u);
  const std::string id = id_of("acme", before.incidents[0].cause());
  const Feedback given = give({.kind = FeedbackKind::not_an_anomaly, .anomaly = id});
  EXPECT_EQ(given.slice.only.at(Dimension::service), "EC2");
  EXPECT_NEAR(given.daily_impact, 40, 8);
  const auto after = analyse();
  EXPECT_TRUE(after.incidents.empty());
  EXPECT_TRUE(after.anomalies.empty()) << "what it was made of is gone as well";
  EXPECT_EQ(after.answered, 1u);
  ASSERT_TRUE(remove_feedback(store_->feedback(), given.id));
  EXPECT_EQ(analyse().incidents.size(), 1u);
}

TEST_F(AnalysisFeedbackTest, nothing_like_it_is_news_and_what_is_larger_is) {
  auto charges = bill();
  charges.push_back(line(150, "EC2", 38));
  charges.push_back(line(100, "EC2", 90));
  take_in(facts(), "bill", charges);
  const auto before = analyse();
  ASSERT_EQ(before.incidents.size(), 3u);
  for (const Incident& incident : before.incidents) {
    if (incident.cause().start == at(kSpike))
      give({.kind = FeedbackKind::expected, .anomaly = id_of("acme", incident.cause())});
  }
  const auto after = analyse();
  ASSERT_EQ(after.incidents.size(), 1u);
  EXPECT_EQ(after.incidents[0].cause().start, at(100));
  EXPECT_EQ(after.answered, 2u);
}

TEST_F(AnalysisFeedbackTest, excluded_days_are_neither_told_nor_taught) {
  take_in(facts(), "bill", bill(150, 30));
  ASSERT_FALSE(analyse().incidents.empty());
  give({.kind = FeedbackKind::exclude, .slice = {{{Dimension::service, "EC2"}}, {}}, .days = {at(150), at(179)}});
  const auto report = analyse();
  EXPECT_TRUE(report.incidents.empty());
  EXPECT_TRUE(report.anomalies.empty()) << "nor in the total";
  EXPECT_EQ(report.total.at(0).costs.effective.to_string(), [&] {
    base::Decimal sum;
    for (const Charge& charge : bill(150, 30)) sum += charge.effective_cost;
    return sum.to_string();
  }()) << "what it cost stays";
}

TEST_F(AnalysisFeedbackTest, an_excluded_slice_is_looked_at_no_more_on_any_day) {
  take_in(facts(), "bill", bill());
  EXPECT_EQ(analyse().series, 3u);
  give({.kind = FeedbackKind::exclude, .slice = {{{Dimension::service, "EC2"}}, {}}});
  const auto report = analyse();
  EXPECT_TRUE(report.anomalies.empty());
  EXPECT_EQ(report.series, 2u) << "the total and S3";
}

TEST_F(AnalysisFeedbackTest, a_resource_that_is_excluded_is_taken_from_what_holds_it) {
  auto charges = bill(0, 0);
  for (int i = kSpike; i < kSpike + 2; ++i) {
    charges.push_back(line(i, "EC2", 40));
    charges.back().resource_id = "the launch";
  }
  take_in(facts(), "bill", charges);
  ASSERT_EQ(analyse().incidents.size(), 1u);
  give({.kind = FeedbackKind::exclude,
        .slice = {{{Dimension::resource, "the launch"}}, {}},
        .days = {at(kSpike), at(kSpike + 1)}});
  const auto report = analyse();
  EXPECT_TRUE(report.incidents.empty());
  EXPECT_TRUE(report.anomalies.empty());
}

TEST_F(AnalysisFeedbackTest, a_planned_event_is_told_as_that) {
  take_in(facts(), "bill", bill());
  const Feedback event = give({.kind = FeedbackKind::planned_event,
                               .slice = {{{Dimension::service, "EC2"}}, {}},
                               .days = {at(kSpike), at(kSpike + 1)},
                               .note = "the launch"});
  const auto report = analyse();
  EXPECT_TRUE(report.incidents.empty());
  ASSERT_EQ(report.planned.size(), 1u);
  EXPECT_EQ(report.planned[0].event.id, event.id);
  EXPECT_EQ(report.planned[0].currency, "USD");
  EXPECT_NEAR(report.planned[0].actual_cost - report.planned[0].expected_cost, 80, 10);
}

TEST_F(AnalysisFeedbackTest, an_event_that_costs_far_more_than_was_planned_is_told_as_an_anomaly) {
  take_in(facts(), "bill", bill(kSpike, 1, 150));
  const FeedbackRequest planned{.kind = FeedbackKind::planned_event,
                                .slice = {{{Dimension::service, "EC2"}}, {}},
                                .days = {at(kSpike), at(kSpike)}};
  auto little = planned;
  little.change_percent = 20;
  const Feedback given = give(little);
  EXPECT_EQ(analyse().incidents.size(), 1u);
  auto enough = planned;
  enough.change_percent = 150;
  EXPECT_EQ(give(enough).id, given.id) << "the same event, planned anew";
  const auto report = analyse();
  EXPECT_TRUE(report.incidents.empty());
  ASSERT_EQ(report.planned.size(), 1u);
  EXPECT_NEAR(report.planned[0].actual_cost / report.planned[0].expected_cost, 1, 0.1);
}

TEST_F(AnalysisFeedbackTest, what_was_told_of_days_that_are_restated_is_revised) {
  take_in(facts(), "bill", bill());
  const auto before = analyse();
  ASSERT_EQ(before.incidents.size(), 1u);
  EXPECT_TRUE(before.revised.empty());
  const std::string id = id_of("acme", before.incidents[0].cause());
  const auto told = clock_.utc();
  clock_.advance(std::chrono::hours(48));
  take_in(facts(), "restated", bill(kSpike, 2, 0), "acme", Restatement::replace);
  const auto after = analyse();
  EXPECT_TRUE(after.incidents.empty());
  ASSERT_EQ(after.revised.size(), 1u);
  EXPECT_EQ(after.revised[0].was.id, id);
  EXPECT_EQ(after.revised[0].was.told, std::chrono::floor<std::chrono::seconds>(told));
  EXPECT_NEAR(after.revised[0].was.anomaly.actual_cost - after.revised[0].actual_cost, 80, 0.1);
  EXPECT_FALSE(after.revised[0].still_told);
}

TEST_F(AnalysisFeedbackTest, days_that_only_come_on_top_revise_nothing) {
  take_in(facts(), "bill", bill());
  ASSERT_EQ(analyse().incidents.size(), 1u);
  take_in(facts(), "more", {line(kDays, "EC2", 100), line(kDays, "S3", 70)});
  const auto after = analyse();
  EXPECT_EQ(after.incidents.size(), 1u);
  EXPECT_TRUE(after.revised.empty());
}

TEST_F(AnalysisFeedbackTest, other_feedback_is_another_answer) {
  take_in(facts(), "bill", bill());
  FeedbackRequest excluded{.kind = FeedbackKind::exclude, .slice = {{{Dimension::service, "EC2"}}, {}}};
  excluded.days = {at(150), at(151)};
  const Feedback given = give(excluded);
  EXPECT_EQ(analyse().incidents.size(), 1u);
  ASSERT_TRUE(remove_feedback(store_->feedback(), given.id));
  excluded.days = {at(kSpike), at(kSpike + 1)};
  give(excluded);
  EXPECT_TRUE(analyse().incidents.empty());
}

TEST_F(AnalysisFeedbackTest, events_are_told_in_the_periods_that_they_touch) {
  take_in(facts(), "bill", bill());
  give({.kind = FeedbackKind::planned_event,
        .slice = {{{Dimension::service, "EC2"}}, {}},
        .days = {at(kSpike), at(kSpike + 1)}});
  EXPECT_EQ(analyse_days(kSpike + 1, kDays - 1).planned.size(), 1u) << "its last day";
  EXPECT_EQ(analyse_days(100, kSpike).planned.size(), 1u) << "its first";
  EXPECT_TRUE(analyse_days(kSpike + 2, kDays - 1).planned.empty());
  EXPECT_TRUE(analyse_days(100, kSpike - 1).planned.empty());
}

TEST_F(AnalysisFeedbackTest, what_was_told_beside_an_event_is_not_revised_by_its_cost) {
  take_in(facts(), "bill", bill(kSpike, 1, 150));
  FeedbackRequest planned{.kind = FeedbackKind::planned_event, .slice = {{{Dimension::service, "EC2"}}, {}}};
  planned.days = {at(kSpike), at(kSpike)};
  planned.change_percent = 20;
  give(planned);
  ASSERT_EQ(analyse().incidents.size(), 1u);
  take_in(facts(), "more", {line(kDays, "EC2", 100), line(kDays, "S3", 70)});
  const auto later = analyse();
  EXPECT_EQ(later.incidents.size(), 1u);
  EXPECT_TRUE(later.revised.empty());
}

TEST_F(AnalysisFeedbackTest, a_slice_that_a_restated_bill_no_longer_has_costs_nothing) {
  take_in(facts(), "bill", bill());
  ASSERT_EQ(analyse().incidents.size(), 1u);
  auto without = bill();
  std::erase_if(without, [](const Charge& charge) { return charge.service == "EC2"; });
  take_in(facts(), "restated", without, "acme", Restatement::replace);
  const auto after = analyse();
  ASSERT_EQ(after.revised.size(), 1u);
  EXPECT_EQ(after.revised[0].actual_cost, 0);
}

TEST_F(AnalysisFeedbackTest, cents_that_are_rounded_otherwise_revise_nothing) {
  take_in(facts(), "bill", bill());
  ASSERT_EQ(analyse().incidents.size(), 1u);
  take_in(facts(), "restated", bill(kSpike, 2, 40.3), "acme", Restatement::replace);
  EXPECT_TRUE(analyse().revised.empty()) << "0.2 % of what EC2 costs on these days";
  take_in(facts(), "again", bill(kSpike, 2, 42), "acme", Restatement::replace);
  const auto after = analyse();
  ASSERT_EQ(after.revised.size(), 1u);
  EXPECT_TRUE(after.revised[0].still_told);
}

TEST_F(AnalysisFeedbackTest, what_is_told_of_a_part_of_the_bill_is_neither_remembered_nor_revised) {
  take_in(facts(), "bill", bill());
  ASSERT_EQ(analyse_days(0, kDays - 1, "EC2").incidents.size(), 1u);
  EXPECT_TRUE(store_->feedback().told("acme", {at(0), at(kDays)}).value().empty());
  ASSERT_EQ(analyse().incidents.size(), 1u);
  EXPECT_FALSE(store_->feedback().told("acme", {at(0), at(kDays)}).value().empty());
  take_in(facts(), "restated", bill(kSpike, 2, 0), "acme", Restatement::replace);
  EXPECT_TRUE(analyse_days(0, kDays - 1, "S3").revised.empty());
  EXPECT_EQ(analyse().revised.size(), 1u);
}

// Of which commitment a charge is, and what it costs less than at list prices.
void cover(Charge& charge, const char* commitment, int saved) {
  charge.service_category = "Compute";
  charge.consumed_unit = "Hours";
  charge.consumed_quantity = base::Decimal(24);
  charge.pricing_category = "Committed";
  charge.commitment_id = commitment;
  charge.commitment_status = "Used";
  charge.list_cost = charge.effective_cost + base::Decimal(saved);
}

TEST_F(AnalysisFeedbackTest, commitments_that_end_soon_are_told_with_what_they_saved_the_first_to_end_first) {
  auto charges = bill();
  for (Charge& charge : charges) {
    const bool is_first = charge.service == "EC2";
    cover(charge, is_first ? "ri-1" : "ri-3", is_first ? 10 : 7);
  }
  auto writer = facts().begin({"acme", Restatement::add}).value();
  add_file(*writer, "bill", charges);
  ASSERT_TRUE(writer->begin_file({"contract.csv", "FOCUS", "header", "beginning"}));
  const std::pair<const char*, int> ends[] = {
      {"ri-1", kDays + 20}, {"ri-2", kDays + 200}, {"ri-3", kDays + 10}, {"ri-4", -5}};
  for (const auto& [id, end] : ends) {
    Commitment commitment;
    commitment.id = id;
    commitment.type = "Reserved";
    commitment.currency = "USD";
    commitment.cost = base::Decimal(5000);
    commitment.start = commitment.contract_start = base::Seconds(at(-100));
    commitment.end = commitment.contract_end = base::Seconds(at(end));
    ASSERT_TRUE(writer->add(commitment));
  }
  ASSERT_TRUE(writer->end_file("contract", {std::size(ends), 0, {}, {}}));
  ASSERT_TRUE(writer->publish({}));
  const auto report = analyse();
  ASSERT_EQ(report.expiring.size(), 2u) << "one holds for half a year, another ended before";
  EXPECT_EQ(report.expiring[0].commitment.id, "ri-3");
  EXPECT_EQ(report.expiring[1].commitment.id, "ri-1");
  ASSERT_TRUE(report.expiring[0].saved && report.expiring[1].saved);
  EXPECT_EQ(report.expiring[0].saved->to_string(), "210");
  EXPECT_EQ(report.expiring[1].saved->to_string(), "300");
}

TEST_F(AnalysisFeedbackTest, a_slice_that_no_charge_has_is_refused_by_its_value_unless_it_is_planned_for_days_to_come) {
  using enum Dimension;
  take_in(facts(), "bill", bill());
  const auto refused = [&](FeedbackKind kind, const BillSlice& slice, int from = 3, int to = 4) {
    FeedbackRequest request{.customer = "acme", .kind = kind, .slice = slice, .days = {at(from), at(to)}};
    const auto given = give_feedback(facts(), store_->feedback(), clock_, request);
    return given ? std::string("taken") : given.error().field + ": " + given.error().message;
  };
  const BillSlice none{{{service, "Nope"}, {region, "eu-west-1"}}, {}};
  for (const auto kind : {FeedbackKind::expected, FeedbackKind::not_an_anomaly, FeedbackKind::exclude})
    EXPECT_EQ(refused(kind, none), "slice: no charge of customer 'acme' has service 'Nope'");
  EXPECT_EQ(refused(FeedbackKind::exclude, {{{service, "EC2"}, {resource, "S3"}}, {}}),
            "slice: no charge of customer 'acme' has service 'EC2' and resource 'S3' at once");
  EXPECT_EQ(refused(FeedbackKind::exclude, {{{service, "EC2"}}, {{"team", "web"}}}),
            "slice: no charge of customer 'acme' has tag:team 'web'");
  EXPECT_EQ(refused(FeedbackKind::exclude, {{{provider, "Amazon Web Services"}}, {{"team", ""}}}), "taken");
  EXPECT_EQ(refused(FeedbackKind::planned_event, none), "slice: no charge of customer 'acme' has service 'Nope'");
  EXPECT_EQ(refused(FeedbackKind::planned_event, none, kDays - 1, kDays), "taken") << "it may be something new";
  EXPECT_NE(refused(FeedbackKind::planned_event, none, kDays - 2, kDays - 1), "taken") << "these days are over";
  EXPECT_NE(refused(FeedbackKind::exclude, none, kDays, kDays + 1), "taken");
}

TEST_F(AnalysisFeedbackTest, feedback_that_is_about_nothing_is_refused) {
  take_in(facts(), "bill", bill());
  const auto refused = [&](FeedbackRequest request) {
    const auto given = give_feedback(facts(), store_->feedback(), clock_, request);
    return given ? std::string("taken") : given.error().field;
  };
  EXPECT_EQ(refused({.customer = "nobody", .kind = FeedbackKind::exclude}), "customer_id");
  EXPECT_EQ(refused({.customer = "acme", .anomaly = "0123456789abcdef"}), "anomaly_id");
  EXPECT_EQ(refused({.customer = "acme", .kind = FeedbackKind::planned_event}), "start_date");
  EXPECT_EQ(refused({.customer = "acme", .days = {at(4), at(3)}}), "start_date");
  EXPECT_EQ(refused({.customer = "acme", .kind = FeedbackKind::exclude}), "slice") << "nothing would be left";
  EXPECT_EQ(refused({.customer = "acme", .kind = FeedbackKind::exclude, .days = {at(3), at(4)}}), "taken");
  EXPECT_EQ(remove_feedback(store_->feedback(), "none").error().kind, base::ErrorKind::not_found);
}

}  // namespace
}  // namespace costagent
