// The four costs of FOCUS for one charge or the sum of many, in one currency. A plain value.
#pragma once

#include "base/decimal.h"

namespace costagent {

struct Costs {
  base::Decimal billed;      // what the invoice says
  base::Decimal effective;   // with what was paid ahead spread over what it covered
  base::Decimal list;        // at public prices
  base::Decimal contracted;  // at negotiated prices, before commitments

  Costs& operator+=(const Costs& other) {
    billed += other.billed;
    effective += other.effective;
    list += other.list;
    contracted += other.contracted;
    return *this;
  }
  friend bool operator==(const Costs&, const Costs&) = default;
};

}  // namespace costagent
