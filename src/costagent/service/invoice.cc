#include "costagent/service/invoice.h"

#include <algorithm>

#include "base/printable.h"
#include "costagent/domain/provider.h"
#include "costagent/domain/same_word.h"
#include "costagent/ingest/bill_reader.h"
#include "io/csv_reader.h"
#include "io/packed_reader.h"

namespace costagent {
namespace {

base::Day day_of(base::Seconds time) { return std::chrono::floor<std::chrono::days>(time); }

bool fits(const Charge& charge, const BillChoice& choice) {
  return (choice.provider.empty() || usual_name(charge.provider) == usual_name(choice.provider)) &&
         (choice.billing_account.empty() || charge.billing_account_id == choice.billing_account) &&
         (choice.currency.empty() || same_word(charge.currency, choice.currency)) &&
         day_of(charge.billing_period_start) == choice.billing_period;
}

base::Result<> read_bill(const std::string& path, BillReader& reader, const BillChoice& choice, Invoice& invoice) {
  Charge charge;
  BillLine line;
  for (;;) {
    const auto more = reader.next(charge, line);
    if (!more) return base::pass_on(more);
    if (!*more) return {};
    if (line.problem)
      return base::fail(base::ErrorKind::invalid, "{}",
                        base::printable(fmt::format("{}:{}: {}: {}", path, line.number, line.problem->column_name,
                                                    line.problem->message)));
    if (fits(charge, choice)) invoice.billed[{charge.service, day_of(charge.period_start)}] += charge.billed_cost;
  }
}

base::Result<> read_plain(const std::string& path, const BillChoice& choice, Invoice& invoice) {
  auto file = io::PackedReader::open(path);
  if (!file) return base::pass_on(file);
  io::CsvReader csv([&](char* to, std::size_t size) { return file->read(to, size); });
  io::CsvRecord record;
  const auto wrong = [&](std::string_view what) {
    return base::fail(base::ErrorKind::invalid, "{}",
                      base::printable(fmt::format("{}:{}: {}", path, record.line, what)));
  };
  const auto header = csv.next(record);
  if (!header) return base::pass_on(header);
  if (!*header) return wrong("it is empty");
  const ColumnWanted wanted[] = {{{"service", "ServiceName", "product"}, true},
                                 {{"cost", "BilledCost", "amount", "total"}, true},
                                 {{"date", "day"}}};
  const auto columns = find_columns(record.fields, wanted);
  if (!columns) return wrong(columns.error().message);
  const std::size_t count = record.fields.size();
  invoice.has_days = invoice.has_days && (*columns)[2] != kNoColumn;
  for (;;) {
    const auto more = csv.next(record);
    if (!more) return base::pass_on(more);
    if (!*more) return {};
    if (record.problem != nullptr) return wrong(record.problem);
    if (record.fields.size() != count)
      return wrong(fmt::format("it has {} fields where the header has {}", record.fields.size(), count));
    const auto cost = base::Decimal::parse(record.fields[(*columns)[1]]);
    if (!cost) return wrong(cost.error().message);
    base::Day day = choice.billing_period;
    if ((*columns)[2] != kNoColumn) {
      const auto parsed = base::parse_day(record.fields[(*columns)[2]]);
      if (!parsed) return wrong(parsed.error().message);
      day = *parsed;
    }
    invoice.billed[{std::string(record.fields[(*columns)[0]]), day}] += *cost;
  }
}

}  // namespace

base::Decimal Invoice::total() const {
  base::Decimal sum;
  for (const auto& [key, cost] : billed) sum += cost;
  return sum;
}

base::Result<Invoice> read_invoice(std::span<const std::string> paths, const BillChoice& choice) {
  Invoice invoice;
  for (const std::string& path : paths) {
    const auto reader = open_bill(path);
    if (reader && (*reader)->kind() != BillKind::charges)
      return base::fail(base::ErrorKind::invalid, "{}: it holds no charges", path);
    auto read = reader ? read_bill(path, **reader, choice, invoice) : read_plain(path, choice, invoice);
    if (read) continue;
    // What is neither is told by what it is nearest to: a bill, unless it has the columns of plain CSV.
    if (!reader && read.error().message.find("lacks these columns") != std::string::npos) return base::pass_on(reader);
    return base::pass_on(read);
  }
  // Some with days and some without can be compared by service only.
  if (!invoice.has_days) {
    std::map<std::pair<std::string, base::Day>, base::Decimal> merged;
    for (const auto& [key, cost] : invoice.billed) merged[{key.first, choice.billing_period}] += cost;
    invoice.billed = std::move(merged);
  }
  return invoice;
}

}  // namespace costagent
