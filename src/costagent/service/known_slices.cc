#include "costagent/service/known_slices.h"

#include <fmt/format.h>

#include <vector>

#include "costagent/domain/names.h"

namespace costagent {
namespace {

base::Result<bool> has_charges(FactStore& facts, const std::string& customer, Period days, const BillSlice& slice) {
  TotalsQuery query;
  query.customer = customer;
  query.period = days;
  query.only = slice.only;
  query.only_tagged = slice.only_tagged;
  query.limit = 1;
  const auto page = facts.totals(query);
  if (!page) return base::pass_on(page);
  return !page->sum.empty();
}

}  // namespace

base::Result<std::optional<std::string>> what_is_missing(FactStore& facts, const std::string& customer, Period days,
                                                         const BillSlice& slice) {
  const auto all = has_charges(facts, customer, days, slice);
  if (!all) return base::pass_on(all);
  if (*all) return std::optional<std::string>();
  std::vector<std::pair<std::string, BillSlice>> values;
  for (const auto& [dimension, value] : slice.only)
    values.push_back({fmt::format("{} '{}'", name_of(dimension), value), {{{dimension, value}}, {}}});
  for (const auto& [tag, value] : slice.only_tagged)
    values.push_back({fmt::format("tag:{} '{}'", tag, value), {{}, {{tag, value}}}});
  std::string together;
  for (const auto& [name, value] : values) {
    const auto alone = values.size() == 1 ? base::Result<bool>(false) : has_charges(facts, customer, days, value);
    if (!alone) return base::pass_on(alone);
    if (!*alone) return std::optional(name);
    together += (together.empty() ? "" : " and ") + name;
  }
  return std::optional(together + " at once");
}

}  // namespace costagent
