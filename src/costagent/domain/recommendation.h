// What would save money, and why we think so.
#pragma once

#include <string>
#include <vector>

#include "base/decimal.h"
#include "base/time.h"

namespace costagent {

enum class RecommendationType { idle_resource, rightsize };
enum class RecommendationStatus { open, approved, rejected };
enum class Risk { low, medium, high };

struct Recommendation {
  // The same customer, type and resource have the same id, so that asking again does not make a second one.
  std::string id;
  std::string customer;
  RecommendationType type = RecommendationType::idle_resource;
  RecommendationStatus status = RecommendationStatus::open;
  Risk risk = Risk::low;
  double confidence = 0;  // 0 … 1
  std::string provider;
  std::string account;
  std::string service;
  std::string region;
  std::string resource_id;
  std::string title;                  // one line
  std::vector<std::string> evidence;  // sentences with the figures behind it
  std::string currency;
  base::Decimal monthly_cost;     // of the resource now
  base::Decimal monthly_savings;  // an estimate, rounded to cents
  base::Seconds created;
};

}  // namespace costagent
