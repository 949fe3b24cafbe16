#include "costagent/domain/state_store.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "costagent/store/open_store.h"
#include "io/sqlite.h"

namespace costagent {
namespace {

namespace fs = std::filesystem;

class StateStoreTest : public testing::Test {
 protected:
  StateStoreTest() {
    std::string name = (fs::temp_directory_path() / "state-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    store_ = open_store("sqlite:" + path()).value();
  }
  ~StateStoreTest() override {
    store_.reset();
    fs::remove_all(folder_);
  }
  std::string path() const { return (folder_ / "costs.db").string(); }
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

  fs::path folder_;
  std::unique_ptr<Store> store_;
};

TEST_F(StateStoreTest, a_recommendation_is_read_as_it_was_saved) {
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

TEST_F(StateStoreTest, saving_again_refreshes_the_advice_and_keeps_what_was_decided) {
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

TEST_F(StateStoreTest, every_decision_is_another_version_of_its_customer_and_refreshed_advice_is_none) {
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

TEST_F(StateStoreTest, the_same_advice_is_not_written_again) {
  ASSERT_TRUE(state().save(std::vector{advice("a1"), advice("a2")}));
  auto other = io::Sqlite::open(path(), io::Sqlite::Mode::read_write, 10).value();
  const auto before = other.integer("PRAGMA data_version").value();
  ASSERT_TRUE(state().save(std::vector{advice("a1"), advice("a2")}));
  EXPECT_EQ(other.integer("PRAGMA data_version").value(), before) << "nothing was committed";
  Recommendation changed = advice("a2");
  changed.title = "changed";
  ASSERT_TRUE(state().save(std::vector{advice("a1"), changed}));
  EXPECT_NE(other.integer("PRAGMA data_version").value(), before);
}

TEST_F(StateStoreTest, lists_a_customers_recommendations_in_pages) {
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
