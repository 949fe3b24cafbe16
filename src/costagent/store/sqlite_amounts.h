// Amounts and costs in SQLite's rows: exact decimals, as text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/decimal.h"
#include "base/result.h"
#include "costagent/domain/costs.h"
#include "io/sqlite.h"

namespace costagent {

// An amount that this program wrote. Fails with `corrupt`.
inline base::Result<base::Decimal> amount(std::string_view text) {
  auto parsed = base::Decimal::parse_sum(text);
  if (!parsed)
    return base::fail(base::ErrorKind::corrupt, "the database holds an amount that is none: {}",
                      parsed.error().message);
  return parsed;
}

// Four columns from `first` on; what is NULL is as the billed cost.
inline base::Result<> read_costs(const io::Statement& row, int first, Costs& costs) {
  const auto billed = amount(row.text(first));
  if (!billed) return base::pass_on(billed);
  costs.billed = *billed;
  base::Decimal* others[] = {&costs.effective, &costs.list, &costs.contracted};
  for (int i = 0; i < 3; ++i) {
    const std::string_view text = row.text(first + 1 + i);
    if (text.empty()) {
      *others[i] = *billed;
      continue;
    }
    const auto other = amount(text);
    if (!other) return base::pass_on(other);
    *others[i] = *other;
  }
  return {};
}

// Costs as four columns: the texts live as long as this does.
class CostTexts {
 public:
  // From `first` on. What is the same as the billed cost is left NULL.
  void bind(io::Statement& statement, int first, const Costs& costs) {
    text_[0] = costs.billed.to_string();
    statement.bind(first, std::string_view(text_[0]));
    const base::Decimal* others[] = {&costs.effective, &costs.list, &costs.contracted};
    for (int i = 0; i < 3; ++i) {
      if (*others[i] == costs.billed) {
        statement.bind_null(first + 1 + i);
        continue;
      }
      std::string& text = text_[i + 1];
      text = others[i]->to_string();
      statement.bind(first + 1 + i, std::string_view(text));
    }
  }

 private:
  std::string text_[4];
};

}  // namespace costagent
