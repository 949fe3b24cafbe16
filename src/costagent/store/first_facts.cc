#include "costagent/store/first_facts.h"

#include <zlib.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "costagent/domain/names.h"
#include "costagent/store/delivery_writer.h"
#include "costagent/store/dictionary.h"
#include "costagent/store/queries.h"
#include "costagent/store/sqlite_load_sink.h"
#include "io/csv_reader.h"

namespace costagent {
namespace {

struct FirstFile {
  std::int64_t id = 0;
  std::string customer;
  std::string digest;
  std::string name;
  std::string header;
  FileTally tally;
  bool utilisation = false;
};

base::Failure unreadable(std::string_view what) {
  return base::fail(base::ErrorKind::corrupt, "the database's {} can't be read, so that it can't be brought up to date",
                    what);
}

base::Result<std::vector<FirstFile>> first_files(io::Sqlite& connection) {
  auto select = connection.prepare(kFirstFiles);
  if (!select) return base::pass_on(select);
  std::vector<FirstFile> files;
  for (;;) {
    const auto row = select->step();
    if (!row) return base::pass_on(row);
    if (!*row) return files;
    FirstFile file;
    file.id = select->integer(0);
    file.customer = select->text(1);
    file.digest = select->text(2);
    file.name = select->text(3);
    file.header = select->text(4);
    file.tally.rows = select->integer(5);
    file.tally.rejected = select->integer(6);
    const auto billed = base::Decimal::parse_sum(select->text(7));
    const auto effective = base::Decimal::parse_sum(select->text(8));
    if (!billed || !effective) return unreadable("list of files");
    file.tally.billed_cost = *billed;
    file.tally.effective_cost = *effective;
    file.utilisation = select->integer(9) != 0;
    files.push_back(std::move(file));
  }
}

// The raw lines of a file, one by one, as they were kept: one for each of its charges.
class FirstLines {
 public:
  FirstLines(io::Statement& blocks, std::int64_t file)
      : blocks_(blocks), csv_([this](char* to, std::size_t size) { return read(to, size); }) {
    blocks_.bind(1, file);
  }
  ~FirstLines() { blocks_.reset(); }

  base::Result<std::string_view> next() {
    const auto more = csv_.next(record_);
    if (!more) return base::pass_on(more);
    if (!*more) return unreadable("raw lines");
    return record_.raw;
  }

 private:
  base::Result<std::size_t> read(char* to, std::size_t size) {
    while (at_ == text_.size()) {
      const auto row = blocks_.step();
      if (!row) return base::pass_on(row);
      if (!*row) return std::size_t{0};
      auto unpacked = static_cast<uLongf>(blocks_.integer(0));
      const std::string_view packed = blocks_.text(1);
      text_.resize(unpacked);
      at_ = 0;
      if (::uncompress(reinterpret_cast<Bytef*>(text_.data()), &unpacked, reinterpret_cast<const Bytef*>(packed.data()),
                       packed.size()) != Z_OK)
        return unreadable("raw lines");
    }
    const std::size_t taken = std::min(size, text_.size() - at_);
    std::copy_n(text_.data() + at_, taken, to);
    at_ += taken;
    return taken;
  }

  io::Statement& blocks_;
  std::string text_;
  std::size_t at_ = 0;
  io::CsvReader csv_;
  io::CsvRecord record_;
};

class FirstCharges {
 public:
  FirstCharges(io::Sqlite& connection, RememberedTexts& texts) : connection_(connection), texts_(texts) {}

  base::Result<> read(const io::Statement& row, Charge& charge) {
    std::string category;
    std::string* const texts[] = {&charge.provider,       &charge.billing_account_id,
                                  &charge.sub_account_id, &category,
                                  &charge.charge_class,   &charge.service,
                                  &charge.region,         &charge.resource_id,
                                  &charge.sku_id,         &charge.pricing_category,
                                  &charge.commitment_id,  &charge.commitment_status,
                                  &charge.consumed_unit,  &charge.tags,
                                  &charge.currency,       &charge.resource_name,
                                  &charge.resource_type};
    int column = 0;
    for (std::string* text : texts) {
      if (auto read = read_text(row, column++, *text); !read) return read;
    }
    const auto known = parse_name<ChargeCategory>(category);
    if (!known) return unreadable("charges");
    charge.category = *known;
    for (base::Seconds* time : {&charge.period_start, &charge.period_end, &charge.billing_period_start})
      *time = base::Seconds(std::chrono::seconds(row.integer(column++)));
    for (base::Decimal* amount : {&charge.consumed_quantity, &charge.billed_cost, &charge.effective_cost,
                                  &charge.list_cost, &charge.contracted_cost}) {
      const auto parsed = base::Decimal::parse_sum(row.text(column++));
      if (!parsed) return unreadable("charges");
      *amount = *parsed;
    }
    return {};
  }

 private:
  base::Result<> read_text(const io::Statement& row, int column, std::string& to) {
    to.clear();
    if (row.is_null(column)) return {};
    auto text = text_in_dictionary(connection_, texts_, row.integer(column));
    if (!text) return base::pass_on(text);
    to = std::move(*text);
    return {};
  }

  io::Sqlite& connection_;
  RememberedTexts& texts_;
};

base::Result<> move_charges(io::Sqlite& connection, RememberedTexts& texts, std::unique_ptr<LoadSink> sink,
                            const FirstFile& file) {
  auto charges = connection.prepare(kFirstCharges);
  if (!charges) return base::pass_on(charges);
  auto blocks = connection.prepare(kFirstRawBlocks);
  if (!blocks) return base::pass_on(blocks);
  FirstLines lines(*blocks, file.id);
  FirstCharges reader(connection, texts);
  const auto writer = make_delivery_writer(std::move(sink));
  if (auto begun = writer->begin_file({file.name, "FOCUS", file.header, ""}); !begun) return begun;
  charges->bind(1, file.id);
  Charge charge;
  for (;;) {
    const auto row = charges->step();
    if (!row) return base::pass_on(row);
    if (!*row) break;
    if (auto read = reader.read(*charges, charge); !read) return read;
    const auto raw = lines.next();
    if (!raw) return base::pass_on(raw);
    if (auto added = writer->add(charge, *raw); !added) return added;
  }
  if (auto ended = writer->end_file(file.digest, file.tally); !ended) return ended;
  if (const auto published = writer->publish({}); !published) return base::pass_on(published);
  return {};
}

base::Result<> move_utilisation(io::Sqlite& connection, LoadSink& sink, const FirstFile& file) {
  const auto id = sink.add_file({file.name, "utilisation", file.header, ""});
  if (!id) return base::pass_on(id);
  const auto part = sink.add_part({PartKind::utilisation, "", "", 0});
  if (!part) return base::pass_on(part);
  if (auto linked = sink.link(*id, *part); !linked) return linked;
  if (auto set = sink.set_extent({*part, 0, -1, file.tally.rows}); !set) return set;
  if (auto ended = sink.end_file(*id, file.digest, file.tally); !ended) return ended;
  auto move = connection.prepare(kMoveFirstUtilisation);
  if (!move) return base::pass_on(move);
  if (auto moved = move->bind(1, file.id).bind(2, *part).run(); !moved) return moved;
  if (const auto published = sink.publish({}); !published) return base::pass_on(published);
  return {};
}

}  // namespace

base::Result<> move_first_facts(io::Sqlite& connection) {
  const auto files = first_files(connection);
  if (!files) return base::pass_on(files);
  const base::SystemClock clock;
  DictionaryWriter dictionary;
  RememberedTexts texts;
  for (const FirstFile& file : *files) {
    auto sink = make_sqlite_load_sink(connection, dictionary, clock, {file.customer, Restatement::add});
    if (!sink) return base::pass_on(sink);
    auto moved = file.utilisation ? move_utilisation(connection, **sink, file)
                                  : move_charges(connection, texts, std::move(*sink), file);
    if (!moved) return moved;
  }
  return connection.execute(kDropFirstFacts);
}

}  // namespace costagent
