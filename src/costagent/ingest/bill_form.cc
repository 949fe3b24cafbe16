#include "costagent/ingest/bill_form.h"

#include <algorithm>

#include "base/printable.h"
#include "costagent/ingest/aws_cur.h"
#include "costagent/ingest/azure.h"
#include "costagent/ingest/contract_commitments.h"
#include "costagent/ingest/focus.h"
#include "costagent/ingest/gcp.h"
#include "costagent/ingest/utilisation.h"
#include "costagent/ingest/vultr.h"

namespace costagent {
namespace {

// A form that is tried: does it know these names, and how is it read?
struct KnownForm {
  bool (*matches)(const NameSet& names);
  base::Result<BillForm> (*open)(RecordSource& source);
};

// In the order they are tried: what is sure by a single name comes first.
constexpr KnownForm kForms[] = {
    {is_contract_commitments, open_contract_commitments},
    {is_focus, open_focus},
    {is_aws_cur, open_aws_cur},
    {is_gcp, open_gcp},
    {is_gcp_daily, open_gcp_daily},
    {is_azure, open_azure},
    {is_utilisation, open_utilisation},
    {is_vultr, open_vultr},
};

constexpr std::size_t kMostNamesTold = 8;
constexpr std::size_t kLongestNameTold = 64;

// Only what can be shown: of a file that is no text, names are bytes.
std::string describe(std::span<const std::string_view> names) {
  std::string told;
  std::size_t count = 0;
  for (const std::string_view name : names) {
    if (name.empty() || name.size() > kLongestNameTold || base::printable(name) != name) continue;
    if (++count <= kMostNamesTold) told += fmt::format("{}{}", told.empty() ? "" : ", ", name);
  }
  if (count == 0) return "it has no names that can be read";
  if (count > kMostNamesTold) told += fmt::format(" and {} more", count - kMostNamesTold);
  return "it has " + told;
}

// Another dataset of FOCUS; empty if it is none that is known by its columns.
std::string_view other_dataset(const NameSet& names) {
  if (names.has("ChargePeriodStart")) return {};
  if (names.has_any({"InvoiceDetailId", "InvoiceDetailDescription"})) return "Invoice Detail";
  if (names.has_any({"BillingPeriodStatus", "BillingPeriodLastUpdated"})) return "Billing Period";
  return {};
}

}  // namespace

NameSet::NameSet(std::span<const std::string_view> names) {
  for (const std::string_view name : names) keys_.insert(column_key(name));
}

bool NameSet::has(std::string_view name) const { return keys_.count(column_key(name)) != 0; }

bool NameSet::has_all(std::initializer_list<std::string_view> names) const {
  return std::all_of(names.begin(), names.end(), [this](std::string_view name) { return has(name); });
}

bool NameSet::has_any(std::initializer_list<std::string_view> names) const {
  return std::any_of(names.begin(), names.end(), [this](std::string_view name) { return has(name); });
}

base::Result<BillForm> recognise_form(RecordSource& source) {
  const NameSet names(source.names());
  if (const auto dataset = other_dataset(names); !dataset.empty()) {
    return base::fail(base::ErrorKind::invalid,
                      "it is FOCUS's dataset {}, which has no charges: Cost and Usage and Contract Commitment are read",
                      dataset);
  }
  for (const KnownForm& form : kForms) {
    if (form.matches(names)) return form.open(source);
  }
  if (names.has_any({"assemblyId", "dataFiles", "exportConfig"})) {
    return base::fail(base::ErrorKind::invalid, "it is a provider's manifest, which names the files of a bill");
  }
  return base::fail(base::ErrorKind::invalid,
                    "it is no bill of a form that is known (FOCUS, AWS CUR, Azure, Google Cloud, Vultr): {}",
                    describe(source.names()));
}

}  // namespace costagent
