#include "costagent/ingest/bill_form.h"

#include <algorithm>

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

std::string describe(std::span<const std::string_view> names) {
  std::string told;
  for (const std::string_view name : names.first(std::min(names.size(), kMostNamesTold)))
    told += fmt::format("{}{}", told.empty() ? "" : ", ", name.substr(0, 64));
  if (names.size() > kMostNamesTold) told += fmt::format(" and {} more", names.size() - kMostNamesTold);
  return told;
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
  for (const KnownForm& form : kForms) {
    if (form.matches(names)) return form.open(source);
  }
  if (names.has_any({"assemblyId", "dataFiles", "exportConfig"})) {
    return base::fail(base::ErrorKind::invalid, "it is a provider's manifest, which names the files of a bill");
  }
  return base::fail(base::ErrorKind::invalid,
                    "it is no bill of a form that is known (FOCUS, AWS CUR, Azure, Google Cloud, Vultr): it has {}",
                    describe(source.names()));
}

}  // namespace costagent
