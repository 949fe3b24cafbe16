#include "costagent/ingest/bill_reader.h"

#include <cassert>

#include "base/printable.h"

namespace costagent {

BillReader::BillReader(std::string path, std::unique_ptr<RecordSource> source, BillForm form)
    : path_(std::move(path)), source_(std::move(source)), form_(std::move(form)) {}

std::vector<std::string> BillReader::assumptions() const {
  std::vector<std::string> all;
  // Where records name their own fields, one that the first lacks may stand in a later one.
  const bool certain = !source_->header().empty() || digest_;
  for (std::size_t i = 0; certain && i < form_.columns.size(); ++i) {
    const ColumnWanted& column = form_.columns[i];
    if (!column.otherwise.empty() && source_->absent(i))
      all.push_back(fmt::format("it has no {}: {}", column.names.front(), column.otherwise));
  }
  std::visit(
      [&all](const auto& parser) {
        for (std::string& sentence : parser->remarks().sentences()) all.push_back(std::move(sentence));
      },
      form_.parser);
  for (std::string& sentence : remarks_.sentences()) all.push_back(std::move(sentence));
  return all;
}

const std::string& BillReader::digest() const {
  assert(digest_);
  return *digest_;
}

// Texts are kept as they are; but who is shown them, is shown another character.
void BillReader::look_at_bytes(std::string_view raw) {
  if (!base::is_utf8(raw))
    remarks_.count("bytes that are no UTF-8 become U+FFFD where they are shown; is the file in Latin-1?");
  if (raw.find('\0') != std::string_view::npos) remarks_.count("a line has NUL bytes; is the file damaged?");
}

template <class Item>
base::Result<bool> BillReader::next_of(LineParser<Item>& parser, Item& item, BillLine& line) {
  Record record;
  auto more = source_->next(record);
  if (!more) return more;
  if (!*more) {
    if (!digest_) digest_ = source_->digest();
    return false;
  }
  line.raw = record.raw;
  line.number = record.line;
  if (record.problem != nullptr) {
    line.problem = LineProblem{kNoColumn, "", record.problem};
  } else {
    parser.at(record.line);
    line.problem = parser.parse(record.fields, item);
  }
  remarks_.at(record.line);
  look_at_bytes(record.raw);
  return true;
}

base::Result<bool> BillReader::next(Charge& charge, BillLine& line) {
  assert(kind() == BillKind::charges);
  return next_of(*std::get<std::unique_ptr<ChargeParser>>(form_.parser), charge, line);
}

base::Result<bool> BillReader::next(Commitment& commitment, BillLine& line) {
  assert(kind() == BillKind::commitments);
  return next_of(*std::get<std::unique_ptr<CommitmentParser>>(form_.parser), commitment, line);
}

base::Result<bool> BillReader::next(UtilisationSample& sample, BillLine& line) {
  assert(kind() == BillKind::utilisation);
  return next_of(*std::get<std::unique_ptr<LineParser<UtilisationSample>>>(form_.parser), sample, line);
}

base::Result<std::unique_ptr<BillReader>> open_bill(const std::string& path) {
  auto source = open_records(path);
  if (!source) return base::pass_on(source);
  return open_bill(path, std::move(*source));
}

base::Result<std::unique_ptr<BillReader>> open_bill(const std::string& path, std::unique_ptr<RecordSource> source) {
  auto form = recognise_form(*source);
  if (!form) return base::fail(form.error().kind, "{}: {}", path, base::printable(form.error().message));
  return std::make_unique<BillReader>(path, std::move(source), std::move(*form));
}

}  // namespace costagent
