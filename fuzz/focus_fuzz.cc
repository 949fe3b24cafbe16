// Any bytes are a bill, or a complaint about one: never a crash, and never a charge that breaks what charge.h says.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "costagent/ingest/focus.h"
#include "costagent/ingest/utilisation.h"
#include "io/csv_reader.h"

namespace {

using io::CsvReader;
using io::CsvRecord;

void require(bool holds) {
  if (!holds) std::abort();
}

// Gives the text away in pieces of `piece` bytes, so that every place can be the end of a block.
CsvReader::Source source_of(std::string_view text, std::size_t piece) {
  return [text, piece](char* buffer, std::size_t size) mutable -> base::Result<std::size_t> {
    const std::size_t taken = std::min({size, piece, text.size()});
    std::copy_n(text.data(), taken, buffer);
    text.remove_prefix(taken);
    return taken;
  };
}

// A file's records as one text, which must not depend on where the blocks end.
std::string records_of(std::string_view text, std::size_t piece) {
  CsvReader reader(source_of(text, piece));
  CsvRecord record;
  std::string all;
  std::uint64_t line = 0;
  for (;;) {
    const auto more = reader.next(record);
    if (!more) return all + "\n" + more.error().message;
    if (!*more) return all;
    require(record.line > line && !record.raw.empty());
    line = record.line;
    all += std::to_string(line) + ":" + std::string(record.raw);
    if (record.problem != nullptr) {
      all += record.problem;
      continue;
    }
    require(!record.fields.empty() && record.fields.size() <= CsvReader::kMaxFields);
    for (const std::string_view field : record.fields) {
      all += '\x1f';
      all += field;
    }
  }
}

void check(const costagent::Charge& charge) {
  require(!charge.provider.empty() && !charge.currency.empty());
  require(charge.tags.empty() || (charge.tags.front() == '{' && charge.tags.back() == '}'));
  require(charge.period_start <= charge.period_end);
  require(base::Decimal::parse(charge.billed_cost.to_string()) == charge.billed_cost);
}

void check(const costagent::UtilisationSample& sample) {
  require(!sample.resource_id.empty());
  require(sample.cpu_percent >= 0 && sample.cpu_percent <= 100);
  require(sample.memory_percent >= 0 && sample.memory_percent <= 100);
  require(sample.network_bytes >= 0 && sample.disk_bytes >= 0);
}

template <class Parser, class Item>
void read_file(std::string_view text) {
  CsvReader reader(source_of(text, text.size()));
  CsvRecord record;
  const auto header = reader.next(record);
  if (!header || !*header || record.problem != nullptr) return;
  auto parser = Parser::create(record.fields);
  if (!parser) return require(!parser.error().message.empty());
  const std::size_t columns = record.fields.size();
  Item item;
  for (;;) {
    const auto more = reader.next(record);
    if (!more || !*more) return;
    if (record.problem != nullptr) continue;
    const auto problem = parser->parse(record.fields, item);
    if (!problem) {
      check(item);
    } else {
      require(!problem->message.empty());
      require(problem->column == costagent::kNoColumn || problem->column < columns);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  require(records_of(text, 7) == records_of(text, text.size()));
  read_file<costagent::FocusParser, costagent::Charge>(text);
  read_file<costagent::UtilisationParser, costagent::UtilisationSample>(text);
  return 0;
}
