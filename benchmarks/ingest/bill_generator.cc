// Writes a month of FOCUS 1.0 as AWS exports it: hourly charges of many resources, all 44 columns. The same numbers
// give the same bytes.
//
//     bench_bill LINES [RESOURCES [MONTH]]
//
// RESOURCES is LINES / 672, each of which has a charge an hour; MONTH is 2025-01.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/time.h"

namespace {

constexpr const char* kHeader =
    "AvailabilityZone,BilledCost,BillingAccountId,BillingAccountName,BillingCurrency,BillingPeriodEnd,"
    "BillingPeriodStart,ChargeCategory,ChargeClass,ChargeDescription,ChargeFrequency,ChargePeriodEnd,"
    "ChargePeriodStart,CommitmentDiscountCategory,CommitmentDiscountId,CommitmentDiscountName,"
    "CommitmentDiscountStatus,CommitmentDiscountType,ConsumedQuantity,ConsumedUnit,ContractedCost,"
    "ContractedUnitPrice,EffectiveCost,InvoiceIssuerName,ListCost,ListUnitPrice,PricingCategory,PricingQuantity,"
    "PricingUnit,ProviderName,PublisherName,RegionId,RegionName,ResourceId,ResourceName,ResourceType,"
    "ServiceCategory,Id,ServiceName,SkuId,SkuPriceId,SubAccountId,SubAccountName,Tags\n";

struct Kind {
  const char* service;
  const char* category;
  const char* type;
  const char* unit;
  double price;
};

constexpr Kind kKinds[] = {
    {"Amazon Elastic Compute Cloud", "Compute", "Instance", "Hours", 0.096},
    {"Amazon Relational Database Service", "Databases", "DB instance", "Hours", 0.171},
    {"Amazon Simple Storage Service", "Storage", "Bucket", "GB-Mo", 0.0000315},
    {"Amazon Simple Queue Service", "Integration", "Queue", "Requests", 0.0000004},
    {"Elastic Load Balancing", "Networking", "Load balancer", "LCU-Hours", 0.008},
    {"AWS Lambda", "Compute", "Function", "Lambda-GB-Second", 0.0000166667},
};
constexpr const char* kRegions[][2] = {{"us-east-1", "US East (N. Virginia)"},
                                       {"us-west-2", "US West (Oregon)"},
                                       {"eu-west-1", "EU (Ireland)"},
                                       {"eu-central-1", "EU (Frankfurt)"}};
constexpr const char* kTeams[] = {"web", "data", "payments", "search", "platform"};

// The columns that stay the same for a resource, between those that change by the hour.
struct Resource {
  std::string before_period;
  std::string commitment_and_tail[3];
  Kind kind;
  bool committed = false;
};

// [first, end).
struct Month {
  base::Seconds first;
  base::Seconds end;
};

std::string time_text(base::Seconds at) {
  std::string text = base::format_time(at);
  text[10] = ' ';
  text.pop_back();
  return text;
}

Resource make_resource(std::uint64_t number, const Month& month, base::Random& random) {
  Resource made;
  made.kind = kKinds[random.below(std::size(kKinds))];
  made.committed = made.kind.price > 0.05 && random.chance(0.3);
  const auto& region = kRegions[random.below(std::size(kRegions))];
  const std::uint64_t account = 100'000'000'000 + random.below(40) * 1'234'567;
  const std::string sku = fmt::format("{:X}", base::mix(number % 400) & 0xFFFFFFFFFFFF);
  made.before_period = fmt::format("USD,{},{},Usage,NULL,\"${} per {}, {}\",Usage-Based", time_text(month.end),
                                   time_text(month.first), made.kind.price, made.kind.unit, region[1]);
  made.commitment_and_tail[0] = made.committed
                                    ? fmt::format("Usage,arn:aws:ec2:{}:{}:reserved-instances/{:x},NULL,Used,Reserved",
                                                  region[0], account, base::mix(number % 50))
                                    : "NULL,NULL,NULL,NULL,NULL";
  made.commitment_and_tail[1] = made.committed ? "Committed" : "Standard";
  made.commitment_and_tail[2] = fmt::format(
      "{},AWS,\"Amazon Web Services, Inc.\",{},{},arn:aws:{}:{}:{}:resource/{:016x},NULL,{},{},{},{},{},{}.{},{},"
      "Account {},\"{{\"\"team\"\": \"\"{}\"\", \"\"environment\"\": \"\"{}\"\", \"\"cost_center\"\": \"\"{}\"\"}}\"",
      made.kind.unit, region[0], region[1], made.kind.category, region[0], account, base::mix(number), made.kind.type,
      made.kind.category, number, made.kind.service, sku, sku, "JRTCKXETXF", account, account % 40,
      kTeams[number % std::size(kTeams)], number % 3 == 0 ? "prod" : "dev", 1000 + number % 90);
  return made;
}

void write_line(const Resource& resource, base::Seconds hour, base::Random& random, std::string& out) {
  const double quantity = resource.kind.price > 0.05 ? 1 : static_cast<double>(1 + random.below(100'000)) / 16;
  const double list = quantity * resource.kind.price;
  const double billed = resource.committed ? 0 : list;
  fmt::format_to(std::back_inserter(out),
                 "NULL,{:.11f},1234567890123,Northern Lights,{},{},{},{},{:.9f},{},{:.11f},{},{:.11f},\"Amazon Web "
                 "Services, Inc.\",{:.11f},{},{},{:.9f},{}\n",
                 billed, resource.before_period, time_text(hour + std::chrono::hours(1)), time_text(hour),
                 resource.commitment_and_tail[0], quantity, resource.kind.unit, list * 0.95, resource.kind.price * 0.95,
                 resource.committed ? list * 0.6 : billed, list, resource.kind.price, resource.commitment_and_tail[1],
                 quantity, resource.commitment_and_tail[2]);
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t lines = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 0;
  constexpr std::uint64_t kHours = 672;  // of the shortest month
  const std::uint64_t count = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : (lines + kHours - 1) / kHours;
  const auto day = base::parse_day(std::string(argc > 3 ? argv[3] : "2025-01") + "-01");
  if (lines == 0 || count == 0 || !day) {
    std::fprintf(stderr, "usage: bench_bill LINES [RESOURCES [YYYY-MM]]\n");
    return 2;
  }
  const std::chrono::year_month_day date{*day};
  const Month month{*day, std::chrono::sys_days((date.year() / date.month() + std::chrono::months(1)) / 1)};
  base::Random random(1);
  std::vector<Resource> resources;
  resources.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) resources.push_back(make_resource(i, month, random));
  std::string out = kHeader;
  for (std::uint64_t line = 0; line < lines; ++line) {
    const auto hour = std::chrono::hours(static_cast<std::int64_t>(line / count % kHours));
    write_line(resources[line % count], month.first + hour, random, out);
    if (out.size() < (1U << 20) && line + 1 < lines) continue;
    if (std::fwrite(out.data(), 1, out.size(), stdout) != out.size()) return 3;
    out.clear();
  }
  return 0;
}
