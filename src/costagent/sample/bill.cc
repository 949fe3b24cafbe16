#include "costagent/sample/bill.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace costagent {
namespace {

// What the customer negotiated with each cloud, in percent of the list price; a commitment costs less still.
constexpr int kContractedPercent[] = {95, 100, 92};
constexpr int kCommittedPercent = 62;
constexpr int kSupportPercent = 3;  // of the month's usage
constexpr int kTaxPercent = 7;      // on the first cloud's bill only
constexpr int kCreditPercent = 2;   // of the second cloud's usage, given back
constexpr int kRefundedDay = 11;    // a day's dearest usage line is corrected in every third month
constexpr int kCreditDay = 3;

__extension__ using Int128 = __int128;

std::int64_t in_thousandths(double quantity) { return std::llround(quantity * 1000); }

Amount list_cost(std::int64_t quantity_milli, std::int64_t price_e8) { return quantity_milli * price_e8 * 100; }

Amount percent_of(Int128 amount, int percent) { return static_cast<Amount>(amount * percent / 100); }

unsigned day_of_month(base::Day day) { return static_cast<unsigned>(std::chrono::year_month_day(day).day()); }

class Month {
 public:
  Month(const World& world, int first_day, int last_day, const std::function<void(const BillLine&)>& write)
      : world_(world), first_(first_day), last_(last_day), write_(write), usage_(clouds().size()) {}

  void write() {
    for (int day = first_; day <= last_; ++day) {
      for (std::size_t cloud = 0; cloud < clouds().size(); ++cloud) {
        if (is_missing(world_, cloud, day)) continue;
        write_day(cloud, day);
      }
    }
  }

 private:
  base::Day date(int day) const { return world_.first + std::chrono::days(day); }

  BillLine line_for(std::size_t cloud, int day) const {
    BillLine line;
    line.cloud = &clouds()[cloud];
    line.day = date(day);
    const auto account = std::find_if(world_.accounts.begin(), world_.accounts.end(),
                                      [&](const SampleAccount& candidate) { return candidate.cloud == cloud; });
    line.account = &*account;
    return line;
  }

  BillLine usage_line(const SampleResource& resource, int day) const {
    const Offer& offer = *resource.offer;
    BillLine line = line_for(offer.cloud, day);
    line.account = &world_.accounts[resource.account];
    line.resource = &resource;
    line.region = &clouds()[offer.cloud].regions[resource.region];
    line.description = fmt::format("{} {} in {}", offer.sku, offer.meter, line.region->name);
    line.service = offer.service;
    line.service_category = offer.category;
    line.service_subcategory = offer.subcategory;
    line.sku = offer.sku;
    line.meter = offer.meter;
    line.unit = offer.unit;
    line.price_e8 = offer.price_e8;
    line.contracted_percent = kContractedPercent[offer.cloud];
    line.quantity_milli = in_thousandths(resource.quantity[static_cast<std::size_t>(day)]);
    line.list = list_cost(line.quantity_milli, line.price_e8);
    line.contracted = percent_of(line.list, line.contracted_percent);
    line.billed = line.contracted;
    line.effective = line.contracted;
    return line;
  }

  void write_day(std::size_t cloud, int day) {
    Amount covered = 0;
    for (const SampleResource& resource : world_.resources) {
      if (resource.offer->cloud != cloud || day < resource.first_day) continue;
      BillLine line = usage_line(resource, day);
      if (resource.workload == Workload::committed) {
        line.pricing_category = "Committed";
        line.commitment_id = commitment_id(cloud);
        line.commitment_status = "Used";
        line.billed = 0;
        line.effective = percent_of(line.list, kCommittedPercent);
        covered += line.effective;
      }
      usage_[cloud] += line.billed;
      write_(line);
    }
    write_commitment(cloud, day, covered);
    write_extras(cloud, day);
  }

  std::string commitment_id(std::size_t cloud) const {
    return fmt::format("commitment-{}-{}", world_.customer, cloud + 1);
  }

  // What the commitment costs a day: a little more than the most that was ever covered.
  Amount commitment_a_day(std::size_t cloud) const {
    Amount most = 0;
    for (int day = 0; day < world_.days; ++day) {
      Amount covered = 0;
      for (const SampleResource& resource : world_.resources) {
        if (resource.offer->cloud != cloud || resource.workload != Workload::committed) continue;
        const std::int64_t quantity = in_thousandths(resource.quantity[static_cast<std::size_t>(day)]);
        covered += percent_of(list_cost(quantity, resource.offer->price_e8), kCommittedPercent);
      }
      most = std::max(most, covered);
    }
    return percent_of(most, 102);
  }

  void write_commitment(std::size_t cloud, int day, Amount covered) {
    if (commitments_.empty()) {
      for (std::size_t i = 0; i < clouds().size(); ++i) commitments_.push_back(commitment_a_day(i));
    }
    const Amount a_day = commitments_[cloud];
    if (a_day == 0) return;
    BillLine line = line_for(cloud, day);
    line.service = "Compute commitment";
    line.service_category = "Compute";
    line.service_subcategory = "Other (Compute)";
    line.sku = "commitment";
    line.pricing_category = "Committed";
    line.commitment_id = commitment_id(cloud);
    if (day == first_) {
      BillLine fee = line;
      fee.category = "Purchase";
      fee.frequency = "Recurring";
      fee.description = "Monthly fee of the compute commitment";
      fee.billed = a_day * (last_ - first_ + 1);
      fee.list = fee.contracted = fee.billed;
      write_(fee);
    }
    if (covered >= a_day) return;
    line.description = "Compute commitment that was not used";
    line.commitment_status = "Unused";
    line.effective = a_day - covered;
    write_(line);
  }

  void write_extras(std::size_t cloud, int day) {
    const unsigned of_month = day_of_month(date(day));
    if (cloud == 1 && of_month == kCreditDay) {
      write_money(cloud, day, "Credit", "Promotional credit", "Credits",
                  -percent_of(usage_[cloud] * 10, kCreditPercent));
    }
    if (of_month == kRefundedDay && static_cast<unsigned>(std::chrono::year_month_day(date(day)).month()) % 3 == 0) {
      write_refund(cloud, day);
    }
    if (day != last_) return;
    write_money(cloud, day, "Purchase", "Support plan", "Support", percent_of(usage_[cloud], kSupportPercent));
    if (cloud == 0) write_money(cloud, day, "Tax", "Sales tax", "Tax", percent_of(usage_[cloud], kTaxPercent));
  }

  // A charge that is not for use: it has no resource, no quantity and one amount.
  void write_money(std::size_t cloud, int day, std::string_view category, std::string description,
                   std::string_view service, Amount amount) {
    if (amount == 0) return;
    BillLine line = line_for(cloud, day);
    line.category = category;
    line.frequency = category == "Purchase" ? "Recurring" : "One-Time";
    line.description = std::move(description);
    line.service = service;
    line.service_category = "Other";
    line.service_subcategory = "Other (Other)";
    line.pricing_category = "";
    line.billed = line.effective = amount;
    line.list = line.contracted = amount;
    write_(line);
  }

  // The provider takes back a tenth of the day's dearest usage.
  void write_refund(std::size_t cloud, int day) {
    const SampleResource* dearest = nullptr;
    Amount most = 0;
    for (const SampleResource& resource : world_.resources) {
      if (resource.offer->cloud != cloud || day < resource.first_day || resource.workload == Workload::committed)
        continue;
      const Amount billed = usage_line(resource, day).billed;
      if (billed > most) {
        most = billed;
        dearest = &resource;
      }
    }
    if (dearest == nullptr) return;
    BillLine line = usage_line(*dearest, day);
    line.charge_class = "Correction";
    line.description = "Refund: " + line.description;
    line.quantity_milli = -line.quantity_milli / 10;
    line.list = list_cost(line.quantity_milli, line.price_e8);
    line.contracted = line.billed = line.effective = percent_of(line.list, line.contracted_percent);
    write_(line);
  }

  const World& world_;
  int first_;
  int last_;
  const std::function<void(const BillLine&)>& write_;
  std::vector<Int128> usage_;  // billed so far this month, by cloud
  std::vector<Amount> commitments_;
};

}  // namespace

void write_bill(const World& world, int first_day, int last_day, const std::function<void(const BillLine&)>& write) {
  Month(world, first_day, last_day, write).write();
}

}  // namespace costagent
