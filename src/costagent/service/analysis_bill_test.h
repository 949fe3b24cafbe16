// Bills for tests of analyses: daily costs without chance, in a store of their own.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <memory>
#include <string>

#include "costagent/store/fact_contract_test.h"

namespace costagent {

// Days from the first day of every such bill.
inline base::Day at(int i) { return day("2025-01-01") + std::chrono::days(i); }

// A week, a little noise that no generator is needed for, and whole cents.
inline double usual_cost(int i, double level) {
  const double weekend = i % 7 >= 5 ? 0.8 : 1;
  // Spread evenly over every few days, so that chance makes no anomaly.
  const double turns = 0.618034 * i + 0.317 * level;
  return std::round(100 * level * weekend * (1 + 0.06 * (turns - std::floor(turns) - 0.5))) / 100;
}

class StoredBillTest : public testing::Test {
 protected:
  StoredBillTest() {
    std::string name = (std::filesystem::temp_directory_path() / "analysis-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    store_ = open_store("sqlite:" + (folder_ / "costs.db").string()).value();
  }
  ~StoredBillTest() override {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  FactStore& facts() { return store_->facts(); }

  static Charge line(int i, const char* service, const char* region, const std::string& resource, double cost) {
    Charge made = charge(base::format_day(at(i)).c_str(), service, resource.c_str(), fmt::format("{}", cost).c_str());
    made.region = region;
    made.usage_type = std::string("use of ") + service;
    return made;
  }

  std::filesystem::path folder_;
  std::unique_ptr<Store> store_;
};

}  // namespace costagent
