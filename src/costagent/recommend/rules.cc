#include "costagent/recommend/rules.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/random.h"
#include "costagent/domain/names.h"

namespace costagent {
namespace {

// A month is 30.4375 days: a twelfth of a year of 365.25.
constexpr int kDaysOf16Months = 487;
// Bills arrive up to two days late.
constexpr std::chrono::days kGoneAfter{3};
// How sure a rule is after a week, and after a month, of which every hour was seen.
constexpr double kConfidenceOfWeek = 0.6;
constexpr double kConfidenceOfMonth = 0.95;
constexpr double kHoursOfMonth = 720;
// Peaks this low leave a smaller size so much room that even a doubled load fits.
constexpr double kLowRiskMax = 20;

double confidence_of(int hours) {
  const double seen = std::clamp((hours - kLeastHoursObserved) / (kHoursOfMonth - kLeastHoursObserved), 0.0, 1.0);
  // Two places: a confidence that changes with every hour would make old advice look new.
  return std::round(100 * std::lerp(kConfidenceOfWeek, kConfidenceOfMonth, seen)) / 100;
}

const std::string& label(const ResourceUsage& resource) {
  return resource.resource_name.empty() ? resource.resource_id : resource.resource_name;
}

base::Decimal monthly_cost(const ResourceUsage& resource) {
  return resource.effective_cost.scaled(kDaysOf16Months, 16 * std::max(1, resource.days_billed), 2);
}

std::string observed(const ResourceUsage& resource) {
  return fmt::format("Over {} observed hours its CPU was used {:.1f} % on average and {:.1f} % in the busiest hour.",
                     resource.hours_observed, resource.cpu_percent_average, resource.cpu_percent_max);
}

std::string billed(const ResourceUsage& resource, const base::Decimal& monthly) {
  return fmt::format("It was billed on {} days and costs about {} {} a month.", resource.days_billed,
                     monthly.to_string(), resource.currency);
}

bool idle(const ResourceUsage& resource) {
  return resource.cpu_percent_average < kIdleCpuAverage && resource.cpu_percent_max < kIdleCpuMax &&
         resource.network_bytes_per_hour < kIdleNetworkBytesPerHour;
}

bool oversized(const ResourceUsage& resource) {
  return resource.cpu_percent_max < kOversizedMax && resource.memory_percent_max < kOversizedMax;
}

Recommendation about(const std::string& customer, const ResourceUsage& resource, RecommendationType type) {
  Recommendation result;
  result.id = recommendation_id(customer, type, resource.resource_id);
  result.customer = customer;
  result.type = type;
  result.confidence = confidence_of(resource.hours_observed);
  result.provider = resource.provider;
  result.account = resource.account;
  result.service = resource.service;
  result.region = resource.region;
  result.resource_id = resource.resource_id;
  result.currency = resource.currency;
  result.monthly_cost = monthly_cost(resource);
  result.evidence = {billed(resource, result.monthly_cost), observed(resource)};
  return result;
}

Recommendation idle_resource(const std::string& customer, const ResourceUsage& resource) {
  Recommendation result = about(customer, resource, RecommendationType::idle_resource);
  result.risk = resource.hours_observed >= kHoursOfMonth ? Risk::low : Risk::medium;
  result.title = fmt::format("Stop {}: it does nothing", label(resource));
  result.evidence.push_back(
      fmt::format("It moved {:.2f} MB an hour over the network; idle machines move less than {:.0f}.",
                  resource.network_bytes_per_hour / 1e6, kIdleNetworkBytesPerHour / 1e6));
  result.monthly_savings = result.monthly_cost;
  return result;
}

Recommendation rightsize(const std::string& customer, const ResourceUsage& resource) {
  Recommendation result = about(customer, resource, RecommendationType::rightsize);
  const double peak = std::max(resource.cpu_percent_max, resource.memory_percent_max);
  result.risk = peak < kLowRiskMax ? Risk::low : Risk::medium;
  result.title = fmt::format("Make {} one size smaller", label(resource));
  result.evidence.push_back(fmt::format("Its memory was used {:.1f} % on average and {:.1f} % in the busiest hour.",
                                        resource.memory_percent_average, resource.memory_percent_max));
  result.evidence.push_back(
      fmt::format("Half of its size would be used at most {:.0f} %, and costs about half.", 2 * peak));
  result.monthly_savings = result.monthly_cost.scaled(1, kSizesOfHalf, 2);
  return result;
}

bool measured(const ResourceUsage& resource) {
  const double figures[] = {resource.cpu_percent_average, resource.cpu_percent_max, resource.memory_percent_average,
                            resource.memory_percent_max, resource.network_bytes_per_hour};
  return resource.hours_observed >= kLeastHoursObserved &&
         std::all_of(std::begin(figures), std::end(figures), [](double value) { return std::isfinite(value); });
}

std::optional<Recommendation> advise(const std::string& customer, const ResourceUsage& resource, Period period) {
  if (!measured(resource) || resource.last_billed < period.to - kGoneAfter) return std::nullopt;
  if (idle(resource)) return idle_resource(customer, resource);
  if (oversized(resource)) return rightsize(customer, resource);
  return std::nullopt;
}

// FNV-1a (Fowler, Noll, Vo 1991): a stable name, not a secret.
void hash_in(std::uint64_t& hash, std::string_view text) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  // Ends the text, so that «ab», «c» and «a», «bc» differ.
  hash = (hash ^ 0x100) * 0x100000001b3ULL;
}

}  // namespace

std::string recommendation_id(const std::string& customer, RecommendationType type, const std::string& resource_id) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  hash_in(hash, customer);
  hash_in(hash, name_of(type));
  hash_in(hash, resource_id);
  return fmt::format("{:016x}", base::mix(hash));
}

std::vector<Recommendation> recommend(const std::string& customer, std::span<const ResourceUsage> resources,
                                      Period period, base::Seconds now) {
  std::vector<Recommendation> result;
  for (const ResourceUsage& resource : resources) {
    auto advice = advise(customer, resource, period);
    // What costs nothing, or is credited, saves nothing.
    if (!advice || advice->monthly_savings <= base::Decimal()) continue;
    advice->created = now;
    result.push_back(std::move(*advice));
  }
  std::sort(result.begin(), result.end(), [](const Recommendation& a, const Recommendation& b) {
    return a.monthly_savings != b.monthly_savings ? a.monthly_savings > b.monthly_savings : a.id < b.id;
  });
  return result;
}

}  // namespace costagent
