#include "costagent/ingest/contract_commitments.h"

namespace costagent {
namespace {

// The columns that are read, in the order of `columns()`.
enum Column : std::size_t {
  kProvider,
  kIssuer,
  kContract,
  kId,
  kCategory,
  kType,
  kDescription,
  kUnit,
  kQuantity,
  kCurrency,
  kCost,
  kContractStart,
  kContractEnd,
  kStart,
  kEnd,
};

const std::vector<ColumnWanted>& columns() {
  static const std::vector<ColumnWanted> table = {
      {{"ServiceProviderName", "ProviderName"}},
      {{"InvoiceIssuerName"}},
      {{"ContractId"}, false, "a commitment's id stands for its contract's"},
      {{"ContractCommitmentId"}, true},
      {{"ContractCommitmentCategory"}},
      {{"ContractCommitmentType"}},
      {{"ContractCommitmentDescription"}},
      {{"ContractCommitmentUnit"}},
      {{"ContractCommitmentQuantity"}},
      {{"BillingCurrency", "ContractCommitmentCurrency"}},
      {{"ContractCommitmentCost"}},
      {{"ContractPeriodStart"}, false, "a commitment's period stands for its contract's"},
      {{"ContractPeriodEnd"}},
      {{"ContractCommitmentPeriodStart"}, false, "its contract's period stands for a commitment's"},
      {{"ContractCommitmentPeriodEnd"}},
  };
  return table;
}

const base::Seconds kNoEnd = std::chrono::sys_days(std::chrono::year(9999) / 12 / 31);

// Contracts may begin before clouds did and end when nobody reads this; Fields::time knows charges only.
bool read_time(Fields& fields, std::size_t column, base::Seconds& to) {
  const std::string_view text = fields.get(column);
  if (text.empty()) return false;
  const auto parsed = base::parse_time(text);
  if (parsed) {
    to = *parsed;
  } else {
    fields.complain(column, parsed.error().message);
  }
  return true;
}

}  // namespace

void ContractCommitmentParser::read_period(Fields& fields, std::size_t start, std::size_t end, base::Seconds& from,
                                           base::Seconds& to) {
  read_time(fields, start, from);
  read_time(fields, end, to);
  if (to < from) fields.complain(end, fmt::format("it is before {}", columns()[start].names.front()));
}

std::optional<LineProblem> ContractCommitmentParser::parse(std::span<const std::string_view> record,
                                                           Commitment& commitment) {
  Fields fields(layout_, columns(), record);
  if (auto wrong = fields.wrong_count()) return wrong;
  fields.text(fields.get(kProvider).empty() ? kIssuer : kProvider, commitment.provider);
  fields.required_text(kId, commitment.id);
  fields.text(kContract, commitment.contract_id);
  if (commitment.contract_id.empty()) commitment.contract_id = commitment.id;
  fields.text(kCategory, commitment.category);
  fields.text(kType, commitment.type);
  fields.text(kDescription, commitment.description);
  fields.text(kUnit, commitment.unit);
  fields.currency(kCurrency, commitment.currency);
  const bool quantity = !fields.get(kQuantity).empty();
  fields.quantity(kQuantity, commitment.quantity, remarks_);
  const bool cost = fields.amount(kCost, commitment.cost);
  if (!quantity && !cost) fields.complain(kCost, "it is empty, and so is ContractCommitmentQuantity");
  if (cost && commitment.currency.empty()) fields.complain(kCurrency, "it is empty");

  const std::size_t first = fields.get(kContractStart).empty() ? kStart : kContractStart;
  if (fields.get(first).empty()) fields.complain(kStart, "it is empty, and so is ContractPeriodStart");
  commitment.contract_end = kNoEnd;
  read_time(fields, first, commitment.contract_start);
  if (fields.get(kContractStart).empty()) read_time(fields, kEnd, commitment.contract_end);
  read_period(fields, kContractStart, kContractEnd, commitment.contract_start, commitment.contract_end);
  commitment.start = commitment.contract_start;
  commitment.end = commitment.contract_end;
  read_period(fields, kStart, kEnd, commitment.start, commitment.end);
  return fields.problem();
}

bool is_contract_commitments(const NameSet& names) {
  return names.has("ContractCommitmentId") && !names.has("BilledCost");
}

base::Result<BillForm> open_contract_commitments(RecordSource& source) {
  auto layout = source.bind(columns());
  if (!layout) return base::pass_on(layout);
  // 1.4 says more of how a commitment is paid and what it gives.
  const bool newer = NameSet(source.names())
                         .has_any({"ContractCommitmentPaymentModel", "ContractCommitmentLifecycleStatus",
                                   "ContractCommitmentBenefitCategory", "ContractCommitmentOfferCategory"});
  return BillForm{newer ? "FOCUS 1.4 contract commitments" : "FOCUS 1.3 contract commitments", columns(),
                  std::unique_ptr<CommitmentParser>(std::make_unique<ContractCommitmentParser>(std::move(*layout)))};
}

}  // namespace costagent
