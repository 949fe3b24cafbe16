// Recommendations and decisions, asked over a real socket of a real store.
#include <gtest/gtest.h>

#include "costagent/api/api_test.h"

namespace costagent {
namespace {

TEST_F(ApiTest, recommendations_name_what_is_idle_and_keep_their_ids) {
  take_in();
  const auto page = post("/recommendations", R"({"customer_id":"acme"})");
  ASSERT_EQ(page.at("recommendations").as_array().size(), 1u);
  const auto first = page.at("recommendations").as_array()[0].as_object();
  EXPECT_EQ(first.at("type"), "idle_resource");
  EXPECT_EQ(first.at("resource_id"), "i-idle");
  EXPECT_EQ(first.at("monthly_savings"), "76.09");
  EXPECT_EQ(first.at("status"), "open");
  EXPECT_TRUE(page.at("next_cursor").is_null());
  const std::string id(first.at("recommendation_id").as_string());
  EXPECT_EQ(get("/recommendations/" + id), first);
  EXPECT_EQ(post("/recommendations", R"({"customer_id":"acme"})").at("recommendations").as_array()[0], first);
}

TEST_F(ApiTest, recommendations_are_filtered) {
  take_in();
  const auto count = [&](const std::string& filter) {
    return post("/recommendations", R"({"customer_id":"acme",)" + filter + "}").at("found").to_number<int>();
  };
  EXPECT_EQ(count(R"("min_savings":76.09)"), 1);
  EXPECT_EQ(count(R"("min_savings":"76.10")"), 0);
  EXPECT_EQ(count(R"("types":["rightsize"])"), 0);
  EXPECT_EQ(count(R"("types":["rightsize","idle_resource"],"risk_tolerance":"low")"), 1);
  EXPECT_EQ(count(R"("provider":"Azure")"), 0);
  EXPECT_TRUE(
      post("/recommendations", R"({"customer_id":"acme","cursor":"1"})").at("recommendations").as_array().empty());
  expect_bad_field(post("/recommendations", R"({"customer_id":"acme","min_savings":-1})", 422), "min_savings");
  expect_bad_field(post("/recommendations", R"({"customer_id":"acme","min_savings":1e400})", 422), "min_savings");
  expect_bad_field(post("/recommendations", R"({"customer_id":"acme","limit":"5"})", 422), "limit");
  expect_bad_field(post("/recommendations", R"({"customer_id":"acme","limit":2.5})", 422), "limit");
  expect_bad_field(post("/recommendations", R"({"customer_id":"acme","types":["magic"]})", 422), "types");
}

TEST_F(ApiTest, a_decision_is_kept_and_its_opposite_is_a_conflict) {
  take_in();
  const auto page = post("/recommendations", R"({"customer_id":"acme"})");
  const std::string path =
      "/recommendations/" + std::string(page.at("recommendations").as_array()[0].at("recommendation_id").as_string());
  EXPECT_EQ(post(path + "/approve", "").at("status"), "approved");
  EXPECT_EQ(post(path + "/approve", "").at("status"), "approved");
  EXPECT_EQ(post(path + "/reject", "", 409).at("error"), "conflict");
  EXPECT_EQ(get(path).at("status"), "approved");
  const auto again = post("/recommendations", R"({"customer_id":"acme"})");
  EXPECT_EQ(again.at("recommendations").as_array()[0].at("status"), "approved");
  EXPECT_EQ(post("/recommendations/0000000000000000/approve", "", 404).at("error"), "not_found");
  EXPECT_EQ(get("/recommendations/%00'--", 404).at("error"), "not_found");
}

}  // namespace
}  // namespace costagent
