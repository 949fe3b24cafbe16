#include "costagent/domain/feedback_store.h"

#include <gtest/gtest.h>

#include "costagent/store/contract_test.h"

namespace costagent {
namespace {

base::Day day(const char* text) { return base::parse_day(text).value(); }

class FeedbackStoreTest : public ContractTest {
 protected:
  FeedbackStore& store() { return store_->feedback(); }
  static Feedback feedback(const std::string& id, const std::string& customer = "acme") {
    Feedback made;
    made.id = id;
    made.customer = customer;
    made.days = {day("2025-03-01"), day("2025-03-04")};
    return made;
  }
  static ToldIncident told(const std::string& id, const char* start) {
    ToldIncident made;
    made.id = id;
    made.anomaly.start = day(start);
    made.anomaly.end = made.anomaly.start + std::chrono::days(2);
    made.anomaly.currency = "USD";
    return made;
  }
  std::int64_t version(const std::string& customer = "acme") {
    return store_->state().decisions_version(customer).value();
  }
};

INSTANTIATE_TEST_SUITE_P(Stores, FeedbackStoreTest, every_store(), name_of_kind);

TEST_P(FeedbackStoreTest, feedback_is_read_as_it_was_saved) {
  Feedback saved = feedback("0803c33a13df6a29");
  saved.kind = FeedbackKind::planned_event;
  saved.slice.only = {{Dimension::service, "Caf\xE9: 3:1"}, {Dimension::region, ""}};
  saved.slice.only_tagged = {{"team", "web"}, {"tag:env", ""}};
  saved.note = std::string("the \"launch\" \xFF");
  saved.anomaly = "1234567890abcdef";
  saved.daily_impact = -12.75;
  saved.change_percent = 35;
  saved.created = base::Seconds(std::chrono::seconds(1'767'225'600));
  ASSERT_TRUE(store().save(saved));
  const auto read = store().feedback("acme").value();
  ASSERT_EQ(read.size(), 1u);
  EXPECT_EQ(read[0].id, saved.id);
  EXPECT_EQ(read[0].customer, "acme");
  EXPECT_EQ(read[0].kind, saved.kind);
  EXPECT_EQ(read[0].slice, saved.slice);
  EXPECT_EQ(read[0].days, saved.days);
  EXPECT_EQ(read[0].note, saved.note);
  EXPECT_EQ(read[0].anomaly, saved.anomaly);
  EXPECT_EQ(read[0].daily_impact, saved.daily_impact);
  EXPECT_EQ(read[0].change_percent, saved.change_percent);
  EXPECT_EQ(read[0].created, saved.created);
  EXPECT_TRUE(store().feedback("globex").value().empty());
}

TEST_P(FeedbackStoreTest, what_is_saved_again_takes_its_own_place) {
  Feedback again = feedback("a");
  ASSERT_TRUE(store().save(again));
  again.note = "as agreed";
  ASSERT_TRUE(store().save(again));
  const auto read = store().feedback("acme").value();
  ASSERT_EQ(read.size(), 1u);
  EXPECT_EQ(read[0].note, "as agreed");
}

TEST_P(FeedbackStoreTest, every_change_of_a_customers_feedback_is_a_decision) {
  ASSERT_TRUE(store().save(feedback("a")));
  const auto first = version();
  EXPECT_GT(first, 0);
  ASSERT_TRUE(store().save(feedback("b", "globex")));
  EXPECT_EQ(version(), first) << "that was another customer's";
  const auto removed = store().remove("a").value();
  ASSERT_TRUE(removed);
  EXPECT_EQ(removed->customer, "acme");
  EXPECT_GT(version(), first);
  EXPECT_TRUE(store().feedback("acme").value().empty());
  EXPECT_FALSE(store().remove("a").value()) << "it is gone";
}

TEST_P(FeedbackStoreTest, of_one_customer_there_is_no_more_than_analyses_can_go_through) {
  for (std::size_t i = 0; i < FeedbackStore::kMostFeedback; ++i) ASSERT_TRUE(store().save(feedback(std::to_string(i))));
  const auto refused = store().save(feedback("one more"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, base::ErrorKind::too_large);
  EXPECT_TRUE(store().save(feedback("7"))) << "which is there already";
  EXPECT_TRUE(store().save(feedback("one more", "globex")));
}

TEST_P(FeedbackStoreTest, an_incident_is_remembered_as_it_was_told_first) {
  ToldIncident first = told("a", "2025-03-01");
  first.anomaly.kind = AnomalyKind::drift;
  first.anomaly.dimensions = {Dimension::provider, Dimension::service};
  first.anomaly.tag = "team";
  first.anomaly.slice = {"AWS", "EC2", "web"};
  first.anomaly.expected_cost = 10.5;
  first.anomaly.actual_cost = 31.25;
  first.anomaly.deviations = 9;
  first.anomaly.score = 0.75;
  first.version = 4;
  first.told = base::Seconds(std::chrono::seconds(1'767'225'600));
  ASSERT_TRUE(store().remember("acme", {&first, 1}));
  ToldIncident later = first;
  later.anomaly.actual_cost = 99;
  later.version = 5;
  ASSERT_TRUE(store().remember("acme", {&later, 1}));
  const auto read = store().told("acme", "a").value();
  ASSERT_TRUE(read);
  EXPECT_EQ(read->anomaly.kind, AnomalyKind::drift);
  EXPECT_EQ(read->anomaly.dimensions, first.anomaly.dimensions);
  EXPECT_EQ(read->anomaly.tag, "team");
  EXPECT_EQ(read->anomaly.slice, first.anomaly.slice);
  EXPECT_EQ(read->anomaly.currency, "USD");
  EXPECT_EQ(read->anomaly.start, first.anomaly.start);
  EXPECT_EQ(read->anomaly.end, first.anomaly.end);
  EXPECT_EQ(read->anomaly.expected_cost, 10.5);
  EXPECT_EQ(read->anomaly.actual_cost, 31.25);
  EXPECT_EQ(read->anomaly.deviations, 9);
  EXPECT_EQ(read->anomaly.score, 0.75);
  EXPECT_EQ(read->version, 4);
  EXPECT_EQ(read->told, first.told);
  EXPECT_FALSE(store().told("globex", "a").value());
}

TEST_P(FeedbackStoreTest, told_incidents_are_listed_by_the_day_they_began) {
  const ToldIncident three[] = {told("c", "2025-03-09"), told("a", "2025-03-01"), told("b", "2025-02-28")};
  ASSERT_TRUE(store().remember("acme", three));
  const auto within = store().told("acme", {day("2025-03-01"), day("2025-03-10")}).value();
  ASSERT_EQ(within.size(), 2u);
  EXPECT_EQ(within[0].id, "a");
  EXPECT_EQ(within[1].id, "c");
}

TEST_P(FeedbackStoreTest, of_told_incidents_the_newest_are_remembered) {
  std::vector<ToldIncident> many;
  for (std::size_t i = 0; i <= FeedbackStore::kMostTold; ++i) {
    many.push_back(told(std::to_string(i), "2025-01-01"));
    many.back().anomaly.start += std::chrono::days(i);
  }
  ASSERT_TRUE(store().remember("acme", many));
  EXPECT_FALSE(store().told("acme", "0").value());
  EXPECT_TRUE(store().told("acme", "1").value());
}

}  // namespace
}  // namespace costagent
