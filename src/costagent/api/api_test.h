// A server of the API over a real store with a known bill, for tests.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include "costagent/api/api.h"
#include "costagent/api/http_server.h"
#include "costagent/api/raw_client.h"
#include "costagent/cache/memory_cache.h"
#include "costagent/queue/store_queue.h"
#include "costagent/service/ingest.h"
#include "costagent/service/jobs.h"
#include "costagent/store/open_store.h"

namespace costagent {

inline constexpr const char* kHeader =
    "ProviderName,ServiceName,RegionId,ResourceId,ResourceName,BilledCost,EffectiveCost,BillingCurrency,ChargeCategory,"
    "ChargePeriodStart,ChargePeriodEnd,SubAccountId\n";
inline constexpr int kDays = 120;

inline base::Day day(int i) { return base::parse_day("2025-01-01").value() + std::chrono::days(i); }

// 120 days, a steady machine (10 a day), an idle one (2.50), and storage (0.1) that costs 5 on one day.
std::string bill();

// Asks over a socket about customer acme, to whom that bill may be given. A job of the kind `held` runs until it is let
// go or cancelled.
class ApiTest : public testing::Test {
 protected:
  ApiTest();
  ~ApiTest() override;

  static void write(const std::filesystem::path& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
  }

  IngestReport ingest(const std::filesystem::path& path, Restatement restatement = Restatement::by_days);
  // Bill and utilisation.
  void take_in();

  static boost::json::object object(const RawResponse& response, int status = 200) {
    EXPECT_EQ(response.status, status) << response.body;
    auto value = boost::json::parse(response.body);
    return value.is_object() ? value.get_object() : boost::json::object();
  }
  boost::json::object get(const std::string& target, int status = 200) { return object(client_->get(target), status); }
  boost::json::object remove(const std::string& target, int status = 200) {
    return object(client_->ask("DELETE " + target + " HTTP/1.1\r\nHost: test\r\n\r\n"), status);
  }
  boost::json::object post(const std::string& target, const std::string& body, int status = 200) {
    return object(client_->post(target, body), status);
  }

  // The field that an error names.
  static std::string field_of(const boost::json::object& error) {
    const auto* field = error.at("details").as_object().if_contains("field");
    return field == nullptr ? "" : std::string(field->as_string());
  }
  void expect_bad_field(const boost::json::object& error, const std::string& field) {
    EXPECT_EQ(error.at("error"), "invalid_field");
    EXPECT_EQ(field_of(error), field) << boost::json::serialize(error);
  }

  std::filesystem::path folder_;
  std::filesystem::path root_;
  base::SystemClock clock_;
  std::unique_ptr<Store> store_;
  std::optional<StoreQueue> jobs_;
  std::optional<Spool> spool_;
  std::optional<Collection> collection_;
  std::optional<AnalysisModels> models_;
  std::optional<JobRunner> runner_;
  std::atomic<bool> let_go_{false};
  MemoryCache answers_{{.max_bytes = 1'000'000}, clock_};
  std::optional<Services> services_;
  Router router_;
  std::optional<Metrics> metrics_;
  std::unique_ptr<HttpServer> server_;
  std::optional<RawClient> client_;
};

}  // namespace costagent
