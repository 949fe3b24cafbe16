#include "costagent/domain/state_store.h"

#include <gtest/gtest.h>

#include "costagent/store/contract_test.h"

namespace costagent {
namespace {

class StateStoreTest : public ContractTest {
 protected:
  StateStore& state() { return store_->state(); }

  static Recommendation advice(const std::string& id) {
    Recommendation advice;
    advice.id = id;
    advice.customer = "acme";
    advice.type = RecommendationType::rightsize;
    advice.risk = Risk::medium;
    advice.confidence = 0.75;
    advice.resource_id = "vm-1";
    advice.title = "Halve vm-1";
    advice.evidence = {"Its CPU never passed 30 %.", "Its memory never passed 20 %."};
    advice.currency = "USD";
    advice.monthly_cost = base::Decimal::parse("120.5").value();
    advice.monthly_savings = base::Decimal::parse("60.25").value();
    advice.created = base::parse_time("2025-03-01T10:00:00Z").value();
    return advice;
  }
};

INSTANTIATE_TEST_SUITE_P(Stores, StateStoreTest, every_store(), name_of_kind);

TEST_P(StateStoreTest, a_recommendation_is_read_as_it_was_saved) {
  const Recommendation saved = advice("a1");
  ASSERT_TRUE(state().save(std::vector{saved}));
  const auto read = state().recommendation("a1").value();
  ASSERT_TRUE(read);
  EXPECT_EQ(read->customer, "acme");
  EXPECT_EQ(read->type, RecommendationType::rightsize);
  EXPECT_EQ(read->status, RecommendationStatus::open);
  EXPECT_EQ(read->risk, Risk::medium);
  EXPECT_EQ(read->confidence, 0.75);
  EXPECT_EQ(read->evidence, saved.evidence);
  EXPECT_EQ(read->monthly_savings.to_string(), "60.25");
  EXPECT_EQ(read->created, saved.created);
  EXPECT_FALSE(state().recommendation("a2").value());
}

TEST_P(StateStoreTest, saving_again_refreshes_the_advice_and_keeps_what_was_decided) {
  ASSERT_TRUE(state().save(std::vector{advice("a1")}));
  EXPECT_TRUE(state().set_status("a1", RecommendationStatus::approved).value());
  EXPECT_FALSE(state().set_status("none", RecommendationStatus::approved).value());
  Recommendation dearer = advice("a1");
  dearer.monthly_cost = base::Decimal::parse("200").value();
  dearer.created = base::parse_time("2025-04-01T10:00:00Z").value();
  ASSERT_TRUE(state().save(std::vector{dearer}));
  const auto read = state().recommendation("a1").value();
  EXPECT_EQ(read->status, RecommendationStatus::approved);
  EXPECT_EQ(read->monthly_cost.to_string(), "200");
  EXPECT_EQ(read->created, advice("a1").created);
}

TEST_P(StateStoreTest, every_decision_is_another_version_of_its_customer_and_refreshed_advice_is_none) {
  Recommendation others = advice("b1");
  others.customer = "somebody";
  EXPECT_EQ(state().decisions_version("acme").value(), 0);
  ASSERT_TRUE(state().save(std::vector{advice("a1"), advice("a2"), others}));
  EXPECT_EQ(state().decisions_version("acme").value(), 0);
  ASSERT_TRUE(state().set_status("a1", RecommendationStatus::approved).value());
  const auto first = state().decisions_version("acme").value();
  ASSERT_TRUE(state().set_status("a2", RecommendationStatus::rejected).value());
  const auto second = state().decisions_version("acme").value();
  EXPECT_NE(first, 0);
  EXPECT_NE(second, 0);
  EXPECT_NE(second, first);
  ASSERT_FALSE(state().set_status("none", RecommendationStatus::approved).value());
  EXPECT_EQ(state().decisions_version("acme").value(), second);
  EXPECT_EQ(state().decisions_version("somebody").value(), 0);
}

TEST_P(StateStoreTest, the_same_advice_is_not_written_again) {
  ASSERT_TRUE(state().save(std::vector{advice("a1"), advice("a2")}));
  const std::string before = database_->last_write();
  ASSERT_TRUE(state().save(std::vector{advice("a1"), advice("a2")}));
  EXPECT_EQ(database_->last_write(), before) << "nothing was committed";
  Recommendation changed = advice("a2");
  changed.title = "changed";
  ASSERT_TRUE(state().save(std::vector{advice("a1"), changed}));
  EXPECT_NE(database_->last_write(), before);
  EXPECT_EQ(state().recommendation("a2").value()->title, "changed");
}

TEST_P(StateStoreTest, what_a_bill_says_is_kept_though_it_is_no_utf_8) {
  Recommendation odd = advice("a1");
  odd.resource_id = "caf\xe9";
  odd.title = std::string("a\0b", 3);
  odd.evidence = {"\xff\xfe", ""};
  ASSERT_TRUE(state().save(std::vector{odd}));
  const auto read = state().recommendation("a1").value();
  ASSERT_TRUE(read);
  EXPECT_EQ(read->resource_id, odd.resource_id);
  EXPECT_EQ(read->title, odd.title);
  EXPECT_EQ(read->evidence.at(0), odd.evidence[0]);
}

TEST_P(StateStoreTest, many_are_saved_at_once_and_the_last_of_the_same_id_counts) {
  std::vector<Recommendation> many;
  for (int i = 0; i < 1'200; ++i) many.push_back(advice(fmt::format("a{:04}", i)));
  many.push_back(advice("a0007"));
  many.back().title = "the last";
  ASSERT_TRUE(state().save(many));
  EXPECT_EQ(state().recommendations("acme", 2'000, 0)->size(), 1'200u);
  EXPECT_EQ(state().recommendation("a0007").value()->title, "the last");
  ASSERT_TRUE(state().save({}));
}

TEST_P(StateStoreTest, several_processes_see_what_one_of_them_decided) {
  const auto other = database_->open();
  ASSERT_TRUE(state().save(std::vector{advice("a1")}));
  ASSERT_TRUE(other->state().set_status("a1", RecommendationStatus::approved).value());
  EXPECT_EQ(state().recommendation("a1").value()->status, RecommendationStatus::approved);
  EXPECT_NE(state().decisions_version("acme").value(), 0);
}

TEST_P(StateStoreTest, lists_a_customers_recommendations_in_pages) {
  Recommendation others = advice("a9");
  others.customer = "somebody";
  ASSERT_TRUE(state().save(std::vector{advice("a3"), advice("a1"), advice("a2"), others}));
  const auto first = state().recommendations("acme", 2, 0).value();
  ASSERT_EQ(first.size(), 2u);
  EXPECT_EQ(first[0].id, "a1");
  const auto second = state().recommendations("acme", 2, 2).value();
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].id, "a3");
}

}  // namespace
}  // namespace costagent
