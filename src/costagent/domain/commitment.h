// What a customer has promised to use or to spend, as a contract of the provider has it: a line of the FOCUS dataset
// Contract Commitment (1.3 and later). Empty text means that the file had no value. A plain value.
#pragma once

#include <string>

#include "base/decimal.h"
#include "base/time.h"

namespace costagent {

struct Commitment {
  std::string provider;     // whoever the contract is with, where the file says so
  std::string contract_id;  // ContractId
  std::string id;           // ContractCommitmentId: what a charge's ContractApplied names
  std::string category;     // ContractCommitmentCategory: Spend or Usage
  std::string type;         // ContractCommitmentType
  std::string description;  // ContractCommitmentDescription
  std::string unit;         // ContractCommitmentUnit
  base::Decimal quantity;   // ContractCommitmentQuantity, in `unit`
  std::string currency;     // BillingCurrency
  base::Decimal cost;       // ContractCommitmentCost, in `currency`

  // [start, end), UTC.
  base::Seconds contract_start;
  base::Seconds contract_end;
  base::Seconds start;
  base::Seconds end;
};

}  // namespace costagent
