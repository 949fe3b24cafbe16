// Commitments from FOCUS files of the dataset Contract Commitment (1.3 and later).
#pragma once

#include "costagent/ingest/bill_form.h"
#include "costagent/ingest/fields.h"

namespace costagent {

// Not thread-safe.
class ContractCommitmentParser final : public CommitmentParser {
 public:
  explicit ContractCommitmentParser(Layout layout) : layout_(std::move(layout)) {}

  // A commitment without an end lasts as long as its contract, and a contract without one to the end of 9999.
  std::optional<LineProblem> parse(std::span<const std::string_view> fields, Commitment& commitment) override;

 private:
  void read_period(Fields& fields, std::size_t start, std::size_t end, base::Seconds& from, base::Seconds& to);

  Layout layout_;  // by the order of the table in contract_commitments.cc
};

bool is_contract_commitments(const NameSet& names);
base::Result<BillForm> open_contract_commitments(RecordSource& source);

}  // namespace costagent
